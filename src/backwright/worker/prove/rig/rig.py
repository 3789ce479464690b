"""The rig: the project's app, open in this process on a scratch database with seeded rows and accounts, and watched."""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from backwright.app.running import Running
from backwright.data.engines.address import address
from backwright.data.engines.engine import Dialect
from backwright.data.layout import Layout
from backwright.data.layout_of import layout_of
from backwright.domain.entity import Entity
from backwright.domain.model import build_model
from backwright.domain.refusals import (
    Forbidden,
    Invalid,
    Malformed,
    MethodNotAllowed,
    NotFound,
    Refusal,
    TooLarge,
    Unauthenticated,
    UnsupportedMedia,
    VersionConflict,
)  # fmt: skip
from backwright.domain.request import Request
from backwright.identity.passwords import FOR_TESTS
from backwright.operations.shapes import Leaf, ListOf, Member
from backwright.settings.kit import KitSettings
from backwright.testing.answer import Answer
from backwright.testing.client import Client
from backwright.testing.clock import Clock
from backwright.testing.database import OpenApp
from backwright.testing.scratch import scratch
from backwright.worker.prove.rig.errors import Errors
from backwright.worker.prove.rig.oracle import Oracle
from backwright.worker.prove.rig.people import NOBODY, Person, wanted
from backwright.worker.prove.rig.seeds import NoRow, Seeds, is_account, own
from backwright.worker.prove.rig.served import Served, served
from backwright.worker.prove.rig.watched import ScratchDatabase, Watched
from backwright.worker.prove.rig.wire import text
from backwright.worker.prove.target import Target

MANY = 1_000_000_000
KINDS: dict[int, type[Refusal]] = {
    400: Malformed, 401: Unauthenticated, 403: Forbidden, 404: NotFound, 405: MethodNotAllowed, 412: VersionConflict, 413: TooLarge,
    415: UnsupportedMedia, 422: Invalid,
}  # fmt: skip
SECRET = "a key for proofs alone, on scratch data"
ABSENT = "0197c0de-ffff-7000-8000-0000000000ff"


def databases(target: Target) -> list[tuple[Dialect, str | None]]:
    """On what the target can be measured: a SQLite file always, PostgreSQL if a server was named (with its URL)."""
    servers = [url for url in target.databases if address(url).dialect == "postgresql"]
    return [("sqlite", None), *[("postgresql", url) for url in servers[:1]]]


class Rig:
    """An app under proof. Time stands still until `clock` is moved; no limit bites unless the rig was opened with the declared tiers."""

    def __init__(self, app: Any, running: Running, watched: Watched, clock: Clock) -> None:
        self.app = app
        self.running = running
        self.model = app.model
        self.declared = build_model(app.model.entities)
        """Read anew from the classes: what is declared, whatever is served."""
        self.watched = watched
        self.clock = clock
        self.opened = OpenApp(app, running, clock)
        self.client = Client(self.opened, address="127.0.0.1", raise_faults=False)
        now = datetime.fromtimestamp(clock(), UTC)
        self.oracle = Oracle(app.access, app.model, Request(now, "127.0.0.1", "password"))
        self.people: list[Person] = [NOBODY]
        self.rows: dict[type[Entity], list[Any]] = {}
        self.remembered: dict[Any, Any] = {}
        """What was worked out from `rows`; forgotten when they are read anew."""
        self.seeds = Seeds(self.declared, {})
        self.served: list[Served] = served(running.door)
        self.requests = 0
        self.errors = Errors(running.door.site)

    @property
    def signed_in(self) -> list[Person]:
        """Everybody but nobody."""
        return self.people[1:]

    def code(self, usual: int) -> int:
        """The code that the contract answers where the kit's own refusal has this one."""
        declared, kind = self.app.rest.error_statuses, KINDS.get(usual, Refusal)
        return int(next((declared[base] for base in kind.__mro__ if base in declared), usual))

    # --- asking -------------------------------------------------------------------------------------------------------

    async def ask(
        self,
        method: str,
        path: str,
        *,
        who: Person = NOBODY,
        json: Any = msgspec.UNSET,
        headers: Mapping[str, str] = {},
        **given: Any,
    ) -> Answer:
        """Send one request as somebody."""
        self.requests += 1
        return await self.client.request(method, path, json=json, headers=headers, as_=who.token, **given)

    @contextmanager
    def undone(self) -> Generator[None]:
        """Whatever is written inside is rolled back."""
        self.watched.undo, before = True, self.watched.undo
        try:
            yield
        finally:
            self.watched.undo = before

    @contextmanager
    def trying(self, one: Served) -> Generator[None]:
        """As `undone`, but for operations of several transactions, which must find what they wrote: signing up and in."""
        if one.verb == "account" or one.operation.kind == "SignIn":
            yield
        else:
            with self.undone():
                yield

    def statements(self) -> int:
        """How many statements were run so far."""
        return len(self.watched.statements)

    # --- what is stored -----------------------------------------------------------------------------------------------

    async def fill(self, rows: int) -> None:
        """Make the accounts, and so many rows of every other entity; then read everything back."""
        ids: dict[type[Entity], list[Any]] = {}
        self.seeds = Seeds(self.declared, ids)
        await self._people(ids)
        for model in own(self.model):
            if not is_account(model.entity):
                ids[model.entity] = []
                await self._fill(model.entity, rows, ids)
        await self.look()

    async def _people(self, ids: dict[type[Entity], list[Any]]) -> None:
        if self.running.signing is None:
            return
        kinds = [model.entity for model in own(self.model) if model.entity in self.running.signing.accounts]
        for n, (name, kind, values) in enumerate(wanted(kinds, self.model, self.oracle)):  # type: ignore[arg-type]
            account = self.seeds.row(kind, n, values)
            if account is None:
                continue
            await self.opened.given(account)
            ids.setdefault(kind, []).append(account.id)
            self.people.append(await self.sign_in(account, name))

    async def sign_in(self, account: Any, name: str) -> Person:
        """A person with tokens of a new session."""
        assert self.running.signing is not None
        tokens = await self.running.signing.accounts[type(account)].begin(account, self.clock())
        return Person(name, account, tokens.access_token, tokens.refresh_token)

    async def _fill(self, entity: type[Entity], count: int, ids: dict[type[Entity], list[Any]]) -> None:
        """Rows one after the other where they may refer to each other, else all at once."""
        alone = any(field.target is entity for field in self.model[entity].fields)
        made: list[Entity] = []
        for n in range(count):
            try:
                row = self.seeds.row(entity, n)
            except NoRow:
                return
            if row is None:
                break
            if alone:
                await self.opened.given(row)
                ids[entity].append(row.id)
            else:
                made.append(row)
        if made:
            await self.opened.given(*made)
            ids[entity] += [row.id for row in made]

    async def look(self) -> None:
        """Read every row of the project as it is stored now."""
        self.remembered.clear()
        self.rows = {model.entity: await self.opened.all(model.entity) for model in own(self.model)}
        for n, person in enumerate(self.people):
            if person.account is not None:
                account = next(row for row in self.rows[type(person.account)] if row.id == person.account.id)
                self.people[n] = Person(person.name, account, person.token, person.refresh_token)

    async def dump(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every stored row of every own table, as the database has it."""
        found: dict[str, list[tuple[Any, ...]]] = {}
        for model in own(self.model):
            rows = await self.running.engine.rows(f'SELECT * FROM "{model.table}" ORDER BY "{model.id.column}"')
            found[model.table] = [tuple(row) for row in rows]
        return found

    # --- requests that fit --------------------------------------------------------------------------------------------

    def item_path(self, one: Served, row: Any) -> str:
        """The path of one row."""
        assert one.routes is not None
        return self.path(one, getattr(row, one.routes.key.name))

    def path(self, one: Served, key: Any) -> str:
        """A path with this key in the place of its last parameter."""
        head, brace, _ = one.path.partition("{")
        return head + quote(str(getattr(key, "value", key)), safe="") if brace else one.path

    def probed(self, one: Served, raw: str) -> str:
        """A path with this very text in the place of each parameter."""
        return re.sub(r"\{[^}]*\}", lambda _: raw, one.path)

    def body(self, one: Served, n: int, **changes: Any) -> Any:
        """The n-th valid JSON body; `changes` replaces values by wire name. Raises `NoRow`, `Unmatchable`."""
        assert one.whole_body is not None
        made = self.seeds.samples.of(one.whole_body, n)
        (made if one.envelope is None else made[one.envelope]).update(changes)
        return made

    async def call(self, one: Served, who: Person, n: int = 0) -> Answer:
        """Call a function with valid inputs, references going to rows that the caller may read. Raises `NoRow`, `Unmatchable`."""
        path, query, body = self.inputs(one, who, n)
        return await self.ask(one.method, path, who=who, json=body, query=query)

    def inputs(self, one: Served, who: Person, n: int = 0) -> tuple[str, list[tuple[str, str]], Any]:
        """A valid path, query and JSON body for an operation."""
        with self.seen_by(who):
            path = one.path
            for member in one.in_path:
                spelled = quote(self._spelled(member, n), safe="")
                path = path.replace(f"{{{member.wire}}}", spelled).replace(f"{{{member.wire}:path}}", spelled)
            query = [(m.wire, self._spelled(m, n)) for m in one.in_query if m.required]
            body = self.seeds.samples.of(one.whole_body, n) if one.whole_body is not None else msgspec.UNSET
        return path, query, body

    def _spelled(self, member: Member, n: int) -> str:
        """A parameter as text: where a unique field has the parameter's name, the value of a row."""
        if isinstance(member.shape, Leaf) and member.shape.target is None:
            for model in own(self.model):
                known = model.by_name.get(member.name)
                if known is not None and known.unique and self.rows.get(model.entity):
                    rows = self.rows[model.entity]
                    return text(getattr(rows[n % len(rows)], known.name), known)
        value: Any = self.seeds.samples.member(member, n)
        value = value[0] if isinstance(member.shape, ListOf) else value
        return ("true" if value else "false") if isinstance(value, bool) else str(value)

    def _readable(self, who: Person) -> dict[type[Entity], list[Any]]:
        """The ids of the rows that this person may read."""
        return {
            entity: [row.id for row in rows if self.oracle.may(who.account, entity, "read", row, self.rows)]
            for entity, rows in self.rows.items()
            if self.oracle.granted(entity, "read")
        }

    @contextmanager
    def seen_by(self, who: Person) -> Generator[None]:
        """References go to rows that this person may read, where there are any; those to accounts of his kind to himself."""
        every, key = self.seeds.ids, ("readable", who.name)
        if key not in self.remembered:
            self.remembered[key] = self._readable(who)
        self.seeds.ids = {entity: self.remembered[key].get(entity) or ids for entity, ids in every.items()}
        if who.account is not None:
            self.seeds.ids[type(who.account)] = [who.account.id]
        try:
            yield
        finally:
            self.seeds.ids = every


@asynccontextmanager
async def open_rig(app: Any, *, server: str | None = None, **options: Any) -> AsyncGenerator[Rig]:
    """As `open_rig_at`, on a scratch database that is gone afterwards: a SQLite file, or one on the server."""
    async with scratch(server) as url:
        await mapped_tables(url, app.model)
        async with open_rig_at(url, app, **options) as rig:
            yield rig


@asynccontextmanager
async def open_rig_at(
    url: str, app: Any, *, rows: int = 12, limits: bool = False, tiers: str = "", clock: Clock | None = None
) -> AsyncGenerator[Rig]:
    """The app on an empty database, which gets what its migrations make (without migrations: its model) and `rows` rows an entity.

    With ``limits`` the declared tiers bite, changed by ``tiers`` as the environment would. Raises `MigrationError` if the migrations
    cannot be applied.
    """
    clock, database = clock or Clock(), ScratchDatabase(url)
    tiers = tiers if limits else ", ".join(f"{tier.name}={MANY}/h" for tier in app.tiers)
    settings = KitSettings(secret_key=SECRET, tiers=tiers, deadline=60.0)
    running = Running(app, settings=settings, database=database, clock=clock, ticks=clock, password_work=FOR_TESTS)
    await make_tables(url, app)
    await running.open(ensure=False)
    try:
        rig = Rig(app, running, database.engines[-1], clock)
        await rig.fill(rows)
        yield rig
    finally:
        await running.close()


@dataclass(frozen=True, slots=True)
class Project:
    """What the migration commands need to know of an app and a database."""

    model: Any
    database_url: str
    directory: Path


async def make_tables(url: str, app: Any) -> Project:
    """Fill an empty database by the project's migrations, or from its model if it has none. Raises `MigrationError`."""
    from backwright.data.migrations.commands import up
    from backwright.data.migrations.ensure import ensure
    from backwright.data.migrations.history import read_history

    project = Project(app.model, url, app.folder / "migrations")
    if read_history(project.directory).versions:
        await up(project, say=lambda line: None)
    else:
        await ensure(url, app.model, project.directory, migrate=True)
    return project


async def mapped_tables(url: str, model: Any) -> None:
    """The tables that belong to somebody else are made first, as far as the model knows them."""
    from backwright.data.engines.address import engine_at
    from backwright.data.schema import create_layout_sql

    tables = tuple(table for table in layout_of(model).tables if table.mapped)
    if tables:
        engine = engine_at(url)
        await engine.open()
        async with engine.transaction() as session:
            for sql in create_layout_sql(Layout(tables), engine.dialect, mapped=True):
                await session.run(sql)
        await engine.close()


def on_each(target: Target, check: Callable[[Rig, str], Awaitable[None]], *, only: Dialect | None = None, **options: Any) -> list[str]:
    """Run a check on every database the target can be measured on, or on ``only`` one kind; gives the names of those databases."""
    app = target.load()

    async def all_of_them() -> list[str]:
        chosen = [(dialect, server) for dialect, server in databases(target) if only in (None, dialect)]
        for dialect, server in chosen:
            async with open_rig(app, server=server, **options) as rig:
                await check(rig, dialect)
        return [dialect for dialect, _ in chosen]

    return asyncio.run(all_of_them())


def brief(answer: Answer) -> str:
    """An answer in one line of evidence."""
    text = answer.body.decode("utf-8", "replace")
    return f"{answer.status} {text[:200]}{'…' if len(text) > 200 else ''}"


def told(value: Any) -> str:
    """A body in one line of evidence."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text[:200] + ("…" if len(text) > 200 else "")
