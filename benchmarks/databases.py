"""The data every peer starts from: 20 categories and 10,000 products, in PostgreSQL and in the two SQLite forms."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]

from tests.support.postgres import Postgres

CATEGORIES, PRODUCTS = 20, 10_000

POSTGRES = f"""
CREATE TABLE category (id serial PRIMARY KEY, name text NOT NULL);
CREATE TABLE product (
    id serial PRIMARY KEY, name text NOT NULL, description text, price numeric(10, 2) NOT NULL, stock int NOT NULL,
    active boolean NOT NULL DEFAULT true, category_id int NOT NULL REFERENCES category (id), created_at timestamptz NOT NULL DEFAULT now()
) WITH (autovacuum_enabled = false);
INSERT INTO category (name) SELECT 'category ' || n FROM generate_series(1, {CATEGORIES}) n;
INSERT INTO product (name, description, price, stock, category_id)
    SELECT 'product ' || n, repeat('words ', 8), n % 1000 + 0.99, n % 50, 1 + n % {CATEGORIES} FROM generate_series(1, {PRODUCTS}) n;
CREATE INDEX ON product (category_id);
VACUUM ANALYZE category;
VACUUM ANALYZE product;
"""

FRESH = f"DELETE FROM product WHERE id > {PRODUCTS}; ALTER SEQUENCE product_id_seq RESTART WITH {PRODUCTS + 1}; VACUUM product;"

# Stored forms differ: the kit keeps decimals as scaled integers and times as microseconds, the peer keeps text, as one would by hand.
SQLITE = """
CREATE TABLE category (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE product (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, description TEXT, price {price} NOT NULL, stock INTEGER NOT NULL,
    active INTEGER NOT NULL DEFAULT 1, category_id INTEGER NOT NULL REFERENCES category (id), created_at {time} NOT NULL
);
CREATE INDEX product_category ON product (category_id);
"""


@contextmanager
def postgres_database(server: Postgres) -> Iterator[str]:
    """The URL of a seeded scratch database, dropped afterwards."""
    url = server.create()
    try:
        run(url, POSTGRES)
        yield url
    finally:
        server.drop(url)


def run(url: str, script: str) -> None:
    """Run the statements of a script one by one (VACUUM wants to be alone)."""

    async def statements() -> None:
        connection = await asyncpg.connect(url)
        try:
            for statement in filter(str.strip, script.split(";")):
                await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(statements())


def sqlite_database(file: Path, *, scaled: bool) -> str:
    """Make and seed an SQLite file; `scaled` stores prices and times as the kit does. Returns its URL."""
    for leftover in file.parent.glob(f"{file.name}*"):
        leftover.unlink()
    forms = {"price": "INTEGER", "time": "INTEGER"} if scaled else {"price": "TEXT", "time": "TEXT"}
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA journal_mode=wal")
        connection.executescript(SQLITE.format_map(forms))
        connection.executemany("INSERT INTO category (name) VALUES (?)", [(f"category {n}",) for n in range(1, CATEGORIES + 1)])
        rows = [_row(number, scaled) for number in range(1, PRODUCTS + 1)]
        insert = "INSERT INTO product (name, description, price, stock, category_id, created_at) VALUES (?, ?, ?, ?, ?, ?)"
        connection.executemany(insert, rows)
    connection.close()
    return f"sqlite:///{file}"


def _row(number: int, scaled: bool) -> tuple[object, ...]:
    price = number % 1000 * 100 + 99
    stored = (price, 1_767_225_600_000_000) if scaled else (f"{price // 100}.{price % 100:02}", "2026-01-01T00:00:00+00:00")
    return f"product {number}", "words " * 8, stored[0], number % 50, 1 + number % CATEGORIES, stored[1]
