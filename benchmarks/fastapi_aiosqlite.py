"""Peer: FastAPI with aiosqlite, WAL and full durability. Reads use a connection for each request, as the tutorials do, or with
TUNED=yes one that stays open; writes always take turns on one open connection, each with its own commit.
"""

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

import aiosqlite
from fastapi import Depends, FastAPI, HTTPException

from benchmarks.fastapi_models import NewProduct, ProductOut, Products

FILE = os.environ["DATABASE_URL"].removeprefix("sqlite:///")
TUNED = os.environ.get("TUNED") == "yes"
COLUMNS = "id, name, description, price, stock, active, category_id, created_at"


async def connect() -> aiosqlite.Connection:
    connection = await aiosqlite.connect(FILE)
    connection.row_factory = sqlite3.Row
    for pragma in ("journal_mode=wal", "synchronous=full", "foreign_keys=on", "busy_timeout=5000"):
        await connection.execute(f"pragma {pragma}")
    return connection


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.reader, app.state.writer, app.state.turn = await connect(), await connect(), asyncio.Lock()
    yield
    await app.state.reader.close()
    await app.state.writer.close()


async def reading() -> AsyncIterator[aiosqlite.Connection]:
    if TUNED:
        yield app.state.reader
        return
    async with aiosqlite.connect(FILE) as connection:
        connection.row_factory = sqlite3.Row
        yield connection


Reader = Annotated[aiosqlite.Connection, Depends(reading)]
app = FastAPI(lifespan=lifespan)


@app.get("/products/{product_id}", response_model=ProductOut)
async def read_product(product_id: int, reader: Reader) -> Any:
    async with reader.execute(f"select {COLUMNS} from product where id = ?", (product_id,)) as cursor:
        row = await cursor.fetchone()
    if row is None:
        raise HTTPException(404)
    return dict(row)


@app.get("/products", response_model=Products)
async def list_products(reader: Reader, category_id: int | None = None, limit: int = 20, after: int = 0) -> Any:
    where, values = ("category_id = ? and id > ?", (category_id, after, limit)) if category_id is not None else ("id > ?", (after, limit))
    async with reader.execute(f"select {COLUMNS} from product where {where} order by id limit ?", values) as cursor:
        rows = list(await cursor.fetchall())
    return {"items": [dict(row) for row in rows], "next": rows[-1]["id"] if rows else None}


@app.post("/products", response_model=ProductOut, status_code=201)
async def create_product(body: NewProduct) -> Any:
    values = (body.name, body.description, str(body.price), body.stock, body.category_id, datetime.now(UTC).isoformat())
    insert = f"insert into product (name, description, price, stock, category_id, created_at) values (?, ?, ?, ?, ?, ?) returning {COLUMNS}"
    async with app.state.turn:
        try:
            async with app.state.writer.execute(insert, values) as cursor:
                row = await cursor.fetchone()
            await app.state.writer.commit()
        except sqlite3.IntegrityError as error:
            await app.state.writer.rollback()
            raise HTTPException(422, "no such category") from error
    return dict(row)
