"""A database that is there already, as a design: all of it is read, nothing of it is changed, and no password is told."""

import asyncio
import socket
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from backwright.data.migrations.commands import make
from backwright.data.migrations.probe import asyncpg_driver
from backwright.domain.model import Model
from backwright.worker.importers.catalogs import postgresql
from backwright.worker.importers.database import import_database, read_database
from backwright.worker.importers.design import import_design
from backwright.worker.infer.blueprint import infer
from backwright.worker.place import BrokenDesign, Problem
from backwright.worker.tables import Table, Tables
from tests.support.migrating import execute
from tests.unit.worker.tabled import FORUM, model, read

SCHEMA = FORUM.partition("GRANT")[0]


def refused(url: str) -> str:
    """Why a database cannot be a design."""
    with pytest.raises(BrokenDesign) as found:
        import_database(url)
    return "\n".join(map(str, found.value.problems))


@dataclass(frozen=True)
class Project:
    """What migrating needs to know."""

    model: Model
    directory: Path
    database_url: str


def filled(url: str) -> None:
    """Make the forum in a database."""

    async def run() -> None:
        connection = await asyncpg_driver().connect(url)
        await connection.execute(SCHEMA)
        await connection.close()

    asyncio.run(run())


def facts(tables: Tables) -> dict[str, Any]:
    """What the catalog and the text must agree in: not the spelling of expressions, nor places."""

    def of(table: Table) -> dict[str, Any]:
        return {
            "columns": [(c.name, c.type, c.arguments, c.array, c.enum, c.nullable, c.identity) for c in table.columns],
            "generated": {c.name for c in table.columns if c.generated is not None},
            "defaults": {c.name for c in table.columns if c.default is not None},
            "primary": table.primary.columns if table.primary is not None else (),
            "keys": {(k.columns, k.target, k.on_delete, k.on_update) for k in table.foreign_keys},
            "uniques": {u.columns for u in table.uniques},
            "checks": len(table.checks),
            "indexes": {(i.method, i.unique, bool(i.where), i.descending, len(i.parts)) for i in table.indexes},
            "comments": [table.comment and table.comment.text, *(c.comment and c.comment.text for c in table.columns)],
        }  # fmt: skip

    others = {(o.kind, o.name) for o in tables.others if o.kind in ("view", "trigger", "function", "sequence", "domain")}
    return {"tables": {t.name: of(t) for t in tables.tables}, "others": others, "enums": {e.name: e.values for e in tables.enums}}


def test_postgresql(postgres_url: str) -> None:
    """PostgreSQL's catalog says what the SQL said that made it; places name the tables."""
    filled(postgres_url)
    problems: list[Problem] = []
    found = read_database(postgres_url, problems)
    assert problems == []
    assert facts(found) == facts(read(SCHEMA))
    assert str(next(t for t in found.tables if t.name == "topics").place) == "table public.topics"


def test_sqlite(tmp_path: Path) -> None:
    """An SQLite file keeps the very statements that made it."""
    text = "CREATE TABLE a (Id INTEGER PRIMARY KEY, n TEXT CHECK (length(n) < 9));CREATE INDEX i ON a (n);CREATE VIEW v AS SELECT 1;"
    with sqlite3.connect(tmp_path / "x.db") as connection:
        connection.executescript(text)
    found = read_database(f"sqlite:///{tmp_path / 'x.db'}", [])
    assert facts(found) == facts(read(text))


def test_nothing_changes(postgres_url: str, tmp_path: Path) -> None:
    """What the kit makes of a database that is there has no migration for any of its tables."""
    filled(postgres_url)
    before = facts(read_database(postgres_url, []))
    project = Project(model(infer(import_design([postgres_url]))), tmp_path, postgres_url)
    assert project.model.entities
    assert make(project, "first").steps == ()
    assert facts(read_database(postgres_url, [])) == before


def test_mapped(postgres_url: str) -> None:
    """Tables that are there are mapped; one whose key the kit cannot map is refused as a whole, with the reason."""
    filled(postgres_url)
    found = infer(import_design([postgres_url]))
    assert {e.name for e in found.entities if e.mapped} == {"User", "Forum", "Label", "Topic"}
    votes = [e for e in found.account if e.element.name.startswith("votes")]
    assert {(e.verdict, "must be one column" in e.reason) for e in votes} == {("refused", True)}
    triggers = [e for e in found.account if e.element.kind == "trigger"]
    assert ["goes on working" in e.reason for e in triggers] == [True]


CHINOOK = """
CREATE TABLE "Artist" ("ArtistId" {number}, "Name" TEXT NOT NULL);
CREATE TABLE "Album" ("AlbumId" {number}, "Title" TEXT NOT NULL, "ArtistId" INTEGER NOT NULL REFERENCES "Artist" ("ArtistId"));
CREATE TABLE "Word" ("Text" TEXT PRIMARY KEY)
"""


def test_keys_of_other_names(database_url: str) -> None:
    """A key of another name is mapped by its column, references to it too; a text is no key."""
    number = "INTEGER PRIMARY KEY" if database_url.startswith("sqlite") else "SERIAL PRIMARY KEY"
    execute(database_url, *CHINOOK.format(number=number).split(";"))
    found = infer(import_design([database_url]))
    assert {(e.name, e.id_column, e.id_kind) for e in found.entities if e.mapped} == {
        ("Artist", "ArtistId", "int"),
        ("Album", "AlbumId", "int"),
    }
    album = next(m for m in model(found).entities.values() if m.name == "Album")
    assert (album.id.column, [f.column for f in album.references()]) == ("AlbumId", ["ArtistId"])
    assert {e.verdict for e in found.account if e.element.name.startswith("Word")} == {"refused"}


def test_no_password(postgres_url: str) -> None:
    """A refusal names the database, and never the password."""
    told = refused(postgres_url.replace("@", ":geheim@", 1).rpartition("/")[0] + "/not_there")
    assert "not_there" in told
    assert "geheim" not in told
    assert "geheim" not in refused("postgresql://me:geheim@127.0.0.1:notaport/x")
    assert "geheim" not in refused("postgresql://me:geheim@127.0.0.1:1/x")


def test_silence(monkeypatch: pytest.MonkeyPatch, silent: int) -> None:
    """A server that takes the connection and says nothing is left after the deadline."""
    monkeypatch.setattr(postgresql, "CONNECT", 0.3)
    assert "does not answer within" in refused(f"postgresql://127.0.0.1:{silent}/x")


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a server that never speaks."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_no_rights(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be seen is a warning; the rest is read."""
    filled(postgres_url)
    monkeypatch.setattr(postgresql, "_POLICIES", "SELECT * FROM pg_authid_that_is_hidden")
    design = import_design([postgres_url])
    assert ["policies cannot be read" in str(w) for w in design.warnings] == [True]
    assert len(design.tables.tables) == 7
    assert len(infer(design).account) == len(design.elements)


def test_other_files(tmp_path: Path) -> None:
    """What is no SQLite database is refused, and so is one without tables."""
    (tmp_path / "x.db").write_bytes(b"no database at all" * 99)
    assert "cannot be read" in refused(f"sqlite:///{tmp_path / 'x.db'}")
    sqlite3.connect(tmp_path / "empty.db").close()
    (tmp_path / "empty.db").touch()
    assert "holds no tables" in refused(f"sqlite:///{tmp_path / 'empty.db'}")
    assert "There is no file" in refused(f"sqlite:///{tmp_path / 'none.db'}")
