"""The world of the twin test: one entity with a field of every kind, awkward values for each, and rows on both databases."""

import asyncio
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any
from uuid import UUID

import asyncpg

from backwright.data.engines.engine import Dialect
from backwright.data.objects import Objects
from backwright.data.sql.kinds import column_type, encoder, placeholder_cast
from backwright.data.sql.parameters import Environment, Parameters, binder
from backwright.data.sql.predicates import render
from backwright.domain.entity import Account, Entity
from backwright.domain.fields import Id, Limits
from backwright.domain.model import build_model
from backwright.domain.predicate import Predicate


class State(Enum):
    NEW, DONE, ODD = "new", "done", "Ä"


class Rank(int, Enum):
    LOW, MIDDLE, HIGH = -1, 2, 10


class Word(str, Enum):  # noqa: UP042  the older spelling, whose str() is not its value
    BIG, SMALL, OTHER = "B", "a", "ä"


class Person(Account):
    level: int = 0
    nick: str | None = None
    is_staff: bool = False
    keen: bool | None = None


class Robot(Account):
    level: int = 0


class Team(Entity, id_column="TeamId"):
    name: str


class Thing(Entity, id_column="thing_no"):
    owner: Id[Person]
    helper: Id[Person] | None
    team: Id[Team] | None
    label: str
    note: str | None
    count: int
    stock: int | None
    price: Decimal
    fee: Annotated[Decimal, Limits(scale=2)] | None
    ratio: float
    drift: float | None
    open: bool
    hidden: bool | None
    day: date
    due: date | None
    hour: time | None
    begun: datetime
    ended: datetime | None
    span: timedelta | None
    token: UUID | None
    state: State
    before: State | None
    rank: Rank | None
    word: Word | None
    blob: bytes | None


class Member(Entity):
    team: Id[Team] | None
    account: Id[Person]
    weight: int
    title: str | None


MODEL = build_model([Thing, Member, Robot])
KEYS = [UUID(int=n) for n in (1, 2, 2**127)]
TEXTS = ["", "a", "A", "Z", "z", "ä", "a\u0308", "é", "ß", "_", " a", "a ", "ab", "\uffff", "\U0001f600", "%", "'", '"', "\\"]
VALUES: dict[str, list[Any]] = {
    "person": KEYS,
    "team": KEYS[:2],
    "text": TEXTS,
    "int": [-(2**63) + 1, -1, 0, 1, 2, 3, 2**53, 2**53 + 1, 2**63 - 1],
    "decimal": [Decimal(v) for v in ("0", "0.0001", "-0.0001", "1", "1.5", "2", "-3.25", "922337203685477.5807")],
    "cents": [Decimal(v) for v in ("0", "0.01", "1", "1.50", "2", "-3.25")],
    "float": [0.0, -0.0, 0.1, 0.30000000000000004, 0.3, 1.0, 2.0, -1e308, 5e-324, float(2**53)],
    "bool": [True, False],
    "date": [date(1, 1, 1), date(2026, 2, 28), date(2026, 11, 21), date(9999, 12, 31)],
    "time": [time(0), time(9, 30), time(9, 30, 0, 1), time(23, 59, 59, 999999)],
    "datetime": [
        datetime(1, 1, 2, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(2026, 11, 21, 12, tzinfo=UTC),
        datetime(2026, 11, 21, 14, tzinfo=timezone(timedelta(hours=2))),
        datetime(2026, 11, 21, 12, 0, 0, 1, tzinfo=UTC),
    ],
    "duration": [timedelta(0), timedelta(microseconds=1), timedelta(microseconds=-1), timedelta(days=400), timedelta(seconds=90)],
    "uuid": [UUID(int=0), UUID(int=10), UUID(int=2**128 - 1), UUID("a0000000-0000-0000-0000-000000000000")],
    "state": list(State),
    "rank": list(Rank),
    "word": list(Word),
    "bytes": [b"", b"\x00", b"a", b"a\x00", b"\xff"],
}
FIELDS: dict[str, dict[str, str]] = {
    "Thing": {
        "id": "thing", "owner": "person", "helper": "person", "team": "team", "label": "text", "note": "text", "count": "int",
        "stock": "int", "price": "decimal", "fee": "cents", "ratio": "float", "drift": "float", "open": "bool", "hidden": "bool",
        "day": "date", "due": "date", "hour": "time", "begun": "datetime", "ended": "datetime", "span": "duration", "token": "uuid",
        "state": "state", "before": "state", "rank": "rank", "word": "word", "blob": "bytes",
    },
    "Member": {"team": "team", "account": "person", "weight": "int", "title": "text"},
    "Person": {"id": "person", "email": "text", "level": "int", "nick": "text", "is_staff": "bool", "keen": "bool"},
}  # fmt: skip


@dataclass
class World:
    """The rows of one example."""

    things: list[Thing]
    members: list[Member]


class Database:
    """One database with the tables of the world."""

    dialect: Dialect

    def script(self, sql: str) -> None:
        raise NotImplementedError

    def many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        raise NotImplementedError

    def rows(self, sql: str, args: Sequence[Any]) -> Sequence[Sequence[Any]]:
        raise NotImplementedError

    def create(self) -> None:
        """Make the tables."""
        for entity in (Thing, Member):
            columns = [f'"{f.column}" {column_type(f, self.dialect)}' for f in Objects(MODEL[entity], self.dialect).columns]
            self.script(f'CREATE TABLE "{MODEL[entity].table}" ({", ".join(columns)})')

    def fill(self, world: World) -> None:
        """Replace all rows."""
        groups: list[tuple[type[Entity], Sequence[Entity]]] = [(Thing, world.things), (Member, world.members)]
        for entity, items in groups:
            objects = Objects(MODEL[entity], self.dialect)
            table = f'"{MODEL[entity].table}"'
            self.script(f"DELETE FROM {table}")
            self.many(f"INSERT INTO {table} VALUES ({self.marks(objects)})", [self.stored(objects, item) for item in items])

    def marks(self, objects: Objects) -> str:
        """A placeholder for each column."""
        if self.dialect == "sqlite":
            return ", ".join("?" * len(objects.columns))
        return ", ".join(f"${n}{placeholder_cast(f, self.dialect)}" for n, f in enumerate(objects.columns, 1))

    def stored(self, objects: Objects, item: Entity) -> list[Any]:
        """A row's values as the driver takes them."""
        encoders = [encoder(f, self.dialect) for f in objects.columns]
        return [v if v is None or e is None else e(v) for v, e in zip(objects.values(item).values(), encoders, strict=True)]

    def verdicts(self, predicates: Sequence[Predicate], caller: Any, request: Any, captured: Mapping[str, Any]) -> dict[Any, list[Any]]:
        """What the database says of every rule for every thing, by the thing's id; one statement."""
        parameters = Parameters(self.dialect)
        texts = [render(p, model=MODEL, entity=Thing, dialect=self.dialect, alias="t", parameters=parameters) for p in predicates]
        args = binder(parameters.slots)(Environment({}, caller, request, captured))
        rows = self.rows(f'SELECT t."thing_no", {", ".join(texts)} FROM "thing" t', args)
        return {str(row[0]): [None if v is None else bool(v) for v in list(row)[1:]] for row in rows}


class Lite(Database):
    """SQLite in memory."""

    dialect = "sqlite"

    def __init__(self) -> None:
        self.connection = sqlite3.connect(":memory:")
        self.create()

    def script(self, sql: str) -> None:
        self.connection.execute(sql)

    def many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        self.connection.executemany(sql, rows)

    def rows(self, sql: str, args: Sequence[Any]) -> Sequence[Sequence[Any]]:
        return self.connection.execute(sql, tuple(args)).fetchall()

    def close(self) -> None:
        self.connection.close()


class Post(Database):
    """PostgreSQL over one connection."""

    dialect = "postgresql"

    def __init__(self, url: str) -> None:
        self.runner = asyncio.Runner()
        self.connection: Any = self.runner.run(asyncpg.connect(url, statement_cache_size=0))
        self.create()

    def script(self, sql: str) -> None:
        self.runner.run(self.connection.execute(sql))

    def many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        self.runner.run(self.connection.executemany(sql, rows))

    def rows(self, sql: str, args: Sequence[Any]) -> Sequence[Sequence[Any]]:
        found: Sequence[Sequence[Any]] = self.runner.run(self.connection.fetch(sql, *args))
        return found

    def close(self) -> None:
        self.runner.run(self.connection.close())
        self.runner.close()
