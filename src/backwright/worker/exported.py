"""Compares the tables that a design asks for with those that the project's migrations make, thing by thing. Pure.

What is missing or different is explained by the account: each word of it that says "changed" or "refused" has its reason. What nothing
explains is a broken promise. Names of constraints and indexes are the kit's own, and not compared.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, cast

from backwright.domain.model import Kind
from backwright.worker.blueprint import Blueprint, EntityPlan, FieldPlan
from backwright.worker.differences import Difference
from backwright.worker.importers.sql.design import read_sql
from backwright.worker.infer.conditions import conditions
from backwright.worker.place import Problem
from backwright.worker.tables import Check, Column, Dialect, ForeignKey, Index, Table, Tables

_TYPES: dict[Dialect, dict[Kind, str]] = {
    "postgresql": {
        Kind.TEXT: "text", Kind.INT: "bigint", Kind.FLOAT: "double precision", Kind.DECIMAL: "numeric", Kind.BOOL: "boolean",
        Kind.DATE: "date", Kind.TIME: "time", Kind.DATETIME: "timestamp with time zone", Kind.DURATION: "bigint", Kind.UUID: "uuid",
        Kind.BYTES: "bytea", Kind.JSON: "jsonb", Kind.LIST: "jsonb", Kind.RANGE: "jsonb", Kind.POINT: "jsonb",
    },
    "sqlite": {
        Kind.TEXT: "text", Kind.INT: "integer", Kind.FLOAT: "real", Kind.DECIMAL: "integer", Kind.BOOL: "integer", Kind.DATE: "text",
        Kind.TIME: "text", Kind.DATETIME: "integer", Kind.DURATION: "integer", Kind.UUID: "text", Kind.BYTES: "blob", Kind.JSON: "text",
        Kind.LIST: "text", Kind.RANGE: "text", Kind.POINT: "text",
    },
}  # fmt: skip


def exported(wanted: Tables, blueprint: Blueprint, ddl: str, dialect: Dialect) -> list[Difference]:
    """Every difference between the tables wanted and those that this DDL of the project makes on one database."""
    problems: list[Problem] = []
    made = read_sql({f"migrations on {dialect}": ddl}, problems, dialect)
    broken = [Difference(str(p), "cannot be read again") for p in problems if p.severity == "error"]
    return [*broken, *_Comparison(wanted, made, blueprint).run()]


class _Comparison:
    def __init__(self, wanted: Tables, made: Tables, blueprint: Blueprint) -> None:
        self.wanted, self.made, self.blueprint = wanted, made, blueprint
        self.reasons = {e.element.place.pointer: e.reason for e in blueprint.account if e.verdict != "built"}
        self.entities = {e.table: e for e in blueprint.entities}
        self.assumed = {a.about: a.reason for a in blueprint.assumptions}

    def why(self, *pointers: str) -> str:
        """What the account says of the first of these that it does not call built."""
        return next((self.reasons[p] for p in pointers if p in self.reasons), "")

    def run(self) -> Iterator[Difference]:
        """Table by table."""
        for table in self.wanted.tables:
            made = self.made.table(table.name)
            if made is None or table.name not in self.entities:
                yield Difference(f"table {table.id}", "is not there", self.why(table.place.pointer))
                continue
            yield from self.table(table, made, self.entities[table.name])

    def table(self, table: Table, made: Table, entity: EntityPlan) -> Iterator[Difference]:
        """Everything in one table."""
        where, top = f"table {table.id}", table.place.pointer
        for column in table.columns:
            yield from self.column(table, column, made, entity)
        if (keys := table.primary.columns if table.primary else ()) != (now := made.primary.columns if made.primary else ()):
            yield Difference(where, f"has the key ({', '.join(now)}) instead of ({', '.join(keys)})", self.why(f"{top}/primary key", top))
        for key in table.foreign_keys:
            yield from self.reference(table, key, made)
        uniques = {frozenset(u.columns) for u in made.uniques} | {frozenset(i.parts) for i in made.indexes if i.unique}
        for unique in table.uniques:
            if frozenset(unique.columns) not in uniques and unique.columns != keys:
                where_ = f"{where} ({', '.join(unique.columns)})"
                yield Difference(
                    where_, "is not unique", self.why(f"{top}/uniques/{','.join(unique.columns)}", *self.columns(table, unique.columns))
                )
        for check in table.checks:
            yield from self.check(table, check, made, entity)
        for index in (i for i in table.indexes if not self.indexed(i, made)):
            yield Difference(f"index {index.name}", "is not there", self.why(f"{top}/indexes/{index.name}"))
        for column in (c for c in made.columns if table.column(c.name) is None):
            yield Difference(f"{where}.{column.name}", "is there as well", self.added(table, entity, column.name))

    def uniques(self, table: Table, made: Table) -> Iterator[Difference]:
        """Unique constraints; a unique index is as good, and so is the primary key."""
        given = {frozenset(u.columns) for u in made.uniques} | {frozenset(i.parts) for i in made.indexes if i.unique}
        keys = table.primary.columns if table.primary else ()
        for unique in table.uniques:
            if frozenset(unique.columns) not in given and unique.columns != keys:
                told = self.why(f"{table.place.pointer}/uniques/{','.join(unique.columns)}", *self.columns(table, unique.columns))
                yield Difference(f"table {table.id} ({', '.join(unique.columns)})", "is not unique", told)

    def columns(self, table: Table, names: tuple[str, ...]) -> tuple[str, ...]:
        """The pointers of these columns."""
        return tuple(c.place.pointer for name in names if (c := table.column(name)) is not None)

    def added(self, table: Table, entity: EntityPlan, name: str) -> str:
        """Why a column is there that nobody asked for."""
        if name == "id":
            return self.why(f"{table.place.pointer}/primary key", table.place.pointer)
        if entity.account and name in ("email", "password_hash"):
            return "every account has them"
        field = next((f.name for f in entity.fields if _column_of(f) == name), name)
        assumed = self.assumed.get(f"{entity.name}.{field}", "") or (self.assumed.get(entity.name, "") if name.endswith("_at") else "")
        return assumed or ("the contract shows it" if entity.field(field) is not None else "")

    # --- columns ------------------------------------------------------------------------------------------------------

    def column(self, table: Table, column: Column, made: Table, entity: EntityPlan) -> Iterator[Difference]:
        """Type, null, default and whatever else is said of one column."""
        where, pointer = f"column {table.id}.{column.name}", column.place.pointer
        now = made.column(column.name)
        if now is None:
            yield Difference(where, "is not there", self.why(pointer))
            return
        if now.type != column.type or column.array:
            yield Difference(where, f"is {now.type} instead of {column.type}{'[]' if column.array else ''}", self.type(column, now, entity))
        if now.nullable != column.nullable:
            what = "may be null" if now.nullable else "may not be null"
            yield Difference(where, what, self.why(f"{pointer}/not null", pointer) or self.never_null(table, column.name))
        for kind, said in (("default", column.default), ("generated", column.generated), ("collation", column.collation)):
            if said is not None:
                yield Difference(where, f"has no {kind} {said.text}", self.why(f"{pointer}/{kind}", pointer))
        if column.comment is not None:
            yield Difference(where, "has no comment", "the model and the contract carry it")

    def never_null(self, table: Table, column: str) -> str:
        """A check that asks for it."""
        asked = [c for check in table.checks for c in conditions(check.text, self.wanted.dialect) or ()]
        return "a check asks for it" if any(c.column == column and c.word == "not_null" for c in asked) else ""

    def type(self, column: Column, now: Column, entity: EntityPlan) -> str:
        """How the kit keeps what the column holds; nothing if it should be kept otherwise."""
        if reason := self.why(column.place.pointer):
            return reason
        item = next((f for f in entity.fields if _column_of(f) == column.name), None)
        kind = self.stored(item) if item is not None else self.key(entity) if column.name == "id" else Kind.TEXT
        fits = _TYPES[self.made.dialect][kind] == now.type
        return f"how the kit keeps {kind.value} on {self.made.dialect}; its length and digits are checked" if fits else ""

    def stored(self, item: FieldPlan) -> Kind:
        """The kind of the column of a field."""
        if item.kind is Kind.REFERENCE:
            return self.key(self.blueprint.entity(item.target))
        if item.kind is Kind.ENUM:
            members = next(e.members for e in self.blueprint.enums if e.name == item.enum)
            return Kind.INT if all(isinstance(v, int) for _, v in members) else Kind.TEXT
        return item.kind

    def key(self, entity: EntityPlan) -> Kind:
        """The kind of an entity's id."""
        return Kind.INT if entity.id_kind == "int" else Kind.UUID

    # --- constraints --------------------------------------------------------------------------------------------------

    def reference(self, table: Table, key: ForeignKey, made: Table) -> Iterator[Difference]:
        """A foreign key with what happens to its rows."""
        pointer, where = f"{table.place.pointer}/foreign keys/{','.join(key.columns)}", f"foreign key {table.id} ({', '.join(key.columns)})"
        found = next((k for k in made.foreign_keys if k.columns == key.columns), None)
        target = self.wanted.table(key.target)
        if found is None or (target is not None and found.target != target.name):
            yield Difference(where, "is not there", self.why(pointer))
            return
        if found.on_delete != key.on_delete:
            told = self.why(f"{pointer}/on delete") or ("RESTRICT says the same, at once" if not key.on_delete else "")
            yield Difference(where, f"is {found.on_delete} on delete instead of {key.on_delete or 'NO ACTION'}", told)
        if key.on_update:
            yield Difference(where, f"does not {key.on_update} on update", self.why(f"{pointer}/on update"))
        if key.deferrable:
            yield Difference(where, "is not deferrable", self.why(f"{pointer}/deferrable"))

    def check(self, table: Table, check: Check, made: Table, entity: EntityPlan) -> Iterator[Difference]:
        """A check, by its meaning: each thing it asks is asked by some check of the table that is made."""
        pointer = f"{table.place.pointer}/checks/{check.text}"
        if reason := self.why(pointer):
            yield Difference(f"check {table.id} {check.text}", "is not there", reason)
            return
        given = {(c.column, c.word, _plain(c.value)) for other in made.checks for c in conditions(other.text, self.made.dialect) or ()}
        for asked in conditions(check.text, self.wanted.dialect) or ():
            column = next((c.name for c in table.columns if c.name.lower() == asked.column.lower()), asked.column)
            value = self.scaled(asked.value, column, asked.word, entity)
            if (column, asked.word, _plain(value)) not in given and asked.word != "not_null":
                what = f"does not ask for {asked.word} {_plain(asked.value)} of {column}"
                yield Difference(
                    f"check {table.id} {check.text}", what, self.weaker(asked.word, column, entity, {(c, w) for c, w, _ in given})
                )

    def scaled(self, value: Any, column: str, word: str, entity: EntityPlan) -> Any:
        """SQLite keeps decimals as whole numbers of their smallest unit."""
        item = next((f for f in entity.fields if _column_of(f) == column), None)
        if self.made.dialect != "sqlite" or item is None or item.kind is not Kind.DECIMAL or word == "values":
            return value
        return Decimal(str(value)).scaleb(4 if item.limits.scale is None else item.limits.scale)

    def weaker(self, word: str, column: str, entity: EntityPlan, given: set[tuple[str, str]]) -> str:
        """Why a limit is not in the database itself; ``given`` are the limits that are."""
        item = next((f for f in entity.fields if _column_of(f) == column), None)
        if word == "pattern":
            return "checked where input is decoded; the databases read other expressions than Python"
        if word != "values" and (column, word) in given:
            return "a narrower limit is asked for as well"
        if word == "values" and item is not None and item.kind is Kind.BOOL:
            return "a boolean holds nothing else"
        return "an account's e-mail address is checked by itself" if entity.account and column == "email" else ""

    def indexed(self, index: Index, made: Table) -> bool:
        """Whether some index begins with the same columns by the same method; on SQLite every index is a b-tree."""
        methods = {index.method} if self.made.dialect == "postgresql" else {"btree", index.method}
        if index.where or any(p.startswith("(") for p in index.parts):
            return False
        alike = [
            i for i in made.indexes if i.parts[: len(index.parts)] == index.parts and i.method in methods and (i.unique or not index.unique)
        ]
        keys = [*(u.columns for u in made.uniques), made.primary.columns if made.primary else ()]
        return bool(alike) or any(k[: len(index.parts)] == index.parts for k in keys)


def _column_of(item: FieldPlan) -> str:
    return item.column or (f"{item.name}_id" if item.kind is Kind.REFERENCE else item.name)


def _plain(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(sorted(str(one) for one in cast(tuple[object, ...], value)))
    return str(Decimal(str(value)).normalize()) if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else str(value)
