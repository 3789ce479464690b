"""db.primary-keys, db.foreign-keys, db.fk-indexed: what the catalog of a migrated database holds, against what is declared."""

import re
from pathlib import Path

from backwright.data.errors import DataError
from backwright.data.layout import Layout
from backwright.data.migrations.history import read_history
from backwright.worker.prove.checks.breaches import Breaches
from backwright.worker.prove.faults import Edit, NothingToPlant, Plant, rewrite
from backwright.worker.prove.rig.rig import ABSENT, Rig, on_each
from backwright.worker.prove.rig.schema import HeldTable, on_each_catalog
from backwright.worker.prove.rig.seeds import own
from backwright.worker.prove.standard import Standard
from backwright.worker.prove.target import Target
from backwright.worker.prove.verdict import Finding

MIGRATIONS = "migrations/versions/*.py"
NOTHING = "the project stores nothing"


def primary_keys(target: Target) -> Finding:
    """Every table has a primary key that is never null."""
    seen = Breaches()

    def check(held: dict[str, HeldTable], declared: Layout, dialect: str) -> None:
        mapped = {table.name for table in declared.tables if table.mapped}
        for table in held.values():
            if table.name not in mapped:
                seen.expect(bool(table.primary), f"{table.name} has no primary key on {dialect}")
                nullable = [name for name in table.primary if table.columns[name]]
                seen.expect(not nullable, f"{table.name}.{', '.join(nullable)} is a primary key that may be null on {dialect}")
            seen.note(f"{dialect}: {table.name} ({', '.join(table.primary)})")

    where = on_each_catalog(target, check)
    return seen.finding("keys", "every table has a primary key", nothing=NOTHING, where=where)


def foreign_keys(target: Target) -> Finding:
    """Every declared reference is a foreign key in the catalog, and the database refuses one that leads nowhere."""
    seen = Breaches()

    def check(held: dict[str, HeldTable], declared: Layout, dialect: str) -> None:
        for table in declared.own():
            for key in table.foreign_keys:
                found = held[table.name].references if table.name in held else ()
                there = any(r.columns == (key.column,) and r.table == key.target for r in found)
                seen.expect(there, f"{table.name}.{key.column} refers to {key.target}, but {dialect} has no foreign key for it")

    async def enforce(rig: Rig, dialect: str) -> None:
        for model in (model for model in own(rig.declared) if not model.mapped):
            for item in model.references():
                await _enforced(rig, seen, model.table, item.column, item.type is int, dialect)

    where = on_each_catalog(target, check)
    if not seen.wrong:
        on_each(target, enforce, rows=2)
    return seen.finding(
        "references",
        "every declared reference is a foreign key that the database enforces",
        nothing="no entity refers to another",
        where=where,
    )


async def _enforced(rig: Rig, seen: Breaches, table: str, column: str, integer: bool, dialect: str) -> None:
    value = "987654321" if integer else f"'{ABSENT}'"
    try:
        async with rig.running.engine.transaction() as session:
            touched = await session.run(f'UPDATE "{table}" SET "{column}" = {value}')
    except DataError:
        seen.expect(True, table)
        return
    if touched:
        seen.expect(False, f"{table}.{column} could be led nowhere on {dialect}")


def fk_indexed(target: Target) -> Finding:
    """Every foreign key column leads an index."""
    seen = Breaches()

    def check(held: dict[str, HeldTable], declared: Layout, dialect: str) -> None:
        mapped = {table.name for table in declared.tables if table.mapped}
        wanted: set[tuple[str, tuple[str, ...]]] = {(table.name, (key.column,)) for table in declared.own() for key in table.foreign_keys}
        wanted |= {(table.name, r.columns) for table in held.values() if table.name not in mapped for r in table.references}
        for name, columns in sorted(wanted):
            indexes = held[name].indexes if name in held else ()
            led = any(index[: len(columns)] == columns for index in indexes)
            seen.expect(led, f"no index of {name} begins with {', '.join(columns)} on {dialect}")
            seen.note(f"{dialect}: {name}.{', '.join(columns)}")

    where = on_each_catalog(target, check)
    return seen.finding("foreign_keys", "every foreign key leads an index", nothing="no entity refers to another", where=where)


def _without_foreign_key(copy: Path) -> None:
    for place in sorted(copy.glob(MIGRATIONS)):
        text = place.read_text(encoding="utf-8")
        changed, times = re.subn(r"bw\.ForeignKey\((?:[^()]|\([^()]*\))*\),?", "", text, count=1)
        if times:
            place.write_text(re.sub(r"foreign_keys=\(\s*(bw\.ForeignKey\([^()]*\))\s*\)", r"foreign_keys=(\1,)", changed), encoding="utf-8")
            return
    raise NothingToPlant("no migration makes a foreign key")


def _without_primary_key(copy: Path) -> None:
    history = read_history(copy / "migrations")
    tables = history.layout(history.head).tables if history.head else ()
    aims = {key.target for table in tables for key in table.foreign_keys}
    for place in sorted(copy.glob(MIGRATIONS)):
        text = place.read_text(encoding="utf-8")
        for table in tables:
            _, found, after = text.partition(f'bw.Table(\n            "{table.name}",')
            if found and table.name not in aims and not table.name.startswith("backwright"):
                changed = re.sub(r"\n( +)(checks|foreign_keys|indexes)=", r"\n\1primary=(),\n\1\2=", after, count=1)
                place.write_text(text.replace(found + after, found + changed), encoding="utf-8")
                return
    raise NothingToPlant("every table is referred to")


PRIMARY_KEYS = Standard(
    id="db.primary-keys",
    sentence="Every table has a primary key that is never null.",
    why="A row that cannot be named cannot be changed safely.",
    check=primary_keys,
    plants=(
        Plant("table-without-key", "db.primary-keys", "a table is made without its primary key", Edit("a migration of a table that nobody refers to", _without_primary_key)),
    ),
)  # fmt: skip
FOREIGN_KEYS = Standard(
    id="db.foreign-keys",
    sentence="Every declared reference is a foreign key that the database enforces.",
    why="What leads nowhere is found by a customer.",
    check=foreign_keys,
    plants=(
        Plant(
            "reference-without-key",
            "db.foreign-keys",
            "a foreign key is left out of a migration",
            Edit("a migration with a foreign key", _without_foreign_key),
        ),
    ),
)
FK_INDEXED = Standard(
    id="db.fk-indexed",
    sentence="Every foreign key leads an index.",
    why="Without it each deletion of the other row, and each join, reads the whole table.",
    check=fk_indexed,
    plants=(
        Plant(
            "index-dropped", "db.fk-indexed", "the index of a foreign key is left out",
            rewrite(r'bw\.Index\("ix_\w+_id", \("\w+_id",\)\)', 'bw.Index("ix_planted", ("id",))', files=MIGRATIONS),
        ),
    ),
)  # fmt: skip
