"""From tables to entities: keys, references, constraints and indexes in the kit's words, and what becomes of each thing said. Pure."""

import re
from dataclasses import replace
from typing import Any, Literal

from backwright.domain.model import Kind
from backwright.domain.naming import plural
from backwright.worker.blueprint import EntityPlan, FieldPlan
from backwright.worker.design import ABSENT
from backwright.worker.infer import columns, names
from backwright.worker.infer.stored_constraints import Constraints
from backwright.worker.infer.stored_draft import DO, HASHES, PEOPLE, SECRETS, STAMPS, Bench, Draft
from backwright.worker.tables import Column, ForeignKey, Table


class Stored(Bench):
    """Works out the entities of a set of tables, and notes what became of everything."""

    def run(self) -> dict[str, EntityPlan]:
        """The entities by name, in the order of the tables."""
        self._named()
        self._accounts()
        for draft in self.drafts.values():
            self._fields(draft)
        for draft in self.drafts.values():
            Constraints(self).run(draft)
        self._joined()
        return {draft.name: self._plan(draft) for draft in self.drafts.values()}

    # --- which tables are entities --------------------------------------------------------------------------------------

    def _named(self) -> None:
        for table in self.tables.tables:
            if self._is_join(table):
                self.joins[table.id] = table
                continue
            draft = Draft(table, self._name(table))
            draft.key = self._key(draft)
            if self.tables.live and draft.key != "id":
                self._unmapped(table)
                continue
            self.drafts[table.id] = draft

    def _name(self, table: Table) -> str:
        taken = {d.name for d in self.drafts.values()}
        name = names.pascal(names.singular(names.norm(table.name))) or "Thing"
        if name in taken and table.schema:
            name = names.pascal(f"{table.schema}_{name}")
        number, free = 2, name
        while free in taken:
            free, number = f"{name}{number}", number + 1
        return free

    def _key(self, draft: Draft) -> Literal["id", "other", "none"]:
        column = draft.table.column(draft.primary) if draft.primary else None
        if column is None:
            return "none" if draft.table.primary is None else "other"
        whole = column.type in ("integer", "bigint", "smallint") and not _refers(draft.table, column.name)
        usable = (whole or column.type == "uuid") and not _refers(draft.table, column.name)
        given = column.name == "id" or not self.tables.live or column.type == "uuid" or _numbered(column)
        return "id" if usable and given else "other"

    def _unmapped(self, table: Table) -> None:
        why = "a table that is there is mapped by its key, which must be one column: a UUID, or a whole number that the database gives"
        self.told[table.place.pointer] = "refused", f"{why}; add such a column, or show the table by a view that has one"

    def _is_join(self, table: Table) -> bool:
        """Two keys and nothing else: many-to-many."""
        keys = table.primary.columns if table.primary is not None else next((u.columns for u in table.uniques), ())
        single = [k for k in table.foreign_keys if len(k.columns) == 1]
        ends = {k.columns[0] for k in single}
        reached = all(self.tables.table(k.target) is not None for k in single)
        rest = [c.name for c in table.columns if c.name not in ends]
        plain = not table.checks and not any(c.name not in ends for c in table.columns)
        return not self.tables.live and len(single) == 2 and set(keys) == ends and not rest and plain and reached

    def _accounts(self) -> None:
        """The table of the people who sign in, if there is one."""
        for draft in self.drafts.values():
            kept = {c.name.lower() for c in draft.table.columns}
            word = names.norm(draft.name)
            usable = draft.key == "id" and "email" in kept and any(h in kept for h in HASHES)
            if word in PEOPLE and usable and (not self.tables.live or "password_hash" in kept):
                draft.account = True
                reason = "it is called so, and keeps an e-mail address and a password"
                self.notes.add(f"entity {draft.name}", "is the account that signs in", reason, "likely", draft.table.place)
                return

    # --- fields -------------------------------------------------------------------------------------------------------

    def _fields(self, draft: Draft) -> None:
        table = draft.table
        self._kept_by_kit(draft)
        self._id(draft)
        for column in table.columns:
            if column.name == draft.primary and draft.key == "id":
                continue
            if column.name in draft.kept:
                self._kept_told(column)
                continue
            made = self._account_field(draft, column) if draft.account else None
            if made is not True and (plan := self._field(draft, column)) is not None:
                draft.fields[column.name] = plan
        for other in table.others:
            self.tell(f"{table.place.pointer}/clauses/{other.text}", "refused", self.stays(f"the kit declares no {other.text.split()[0]}"))

    def _kept_told(self, column: Column) -> None:
        counted = column.name == "version"
        self.tell(f"{column.place.pointer}/default", "changed", f"the kit {'counts' if counted else 'sets'} it, not the database")
        plain = column.type == "timestamp with time zone" or self.tables.live
        self.tell(
            column.place.pointer,
            "changed",
            "" if plain else "kept as a whole number of 8 bytes" if counted else columns.CHANGED["timestamp"],
        )
        if column.nullable:
            self.tell(column.place.pointer, "changed", "never null")

    def _kept_by_kit(self, draft: Draft) -> None:
        """Stamps and a version, where the columns are those that the kit keeps by itself."""
        table = draft.table
        moments = [c for n in STAMPS if (c := table.column(n)) is not None and c.type in ("timestamp", "timestamp with time zone")]
        if self.tables.live:
            draft.stamps = len(moments) == 2 and self.tables.dialect == "postgresql"
        else:
            draft.stamps = bool(moments) and len(moments) == sum(table.column(n) is not None for n in STAMPS)
        if draft.stamps:
            added = "".join(f"; {n} is added" for n in STAMPS if table.column(n) is None)
            self.notes.add(
                draft.name, f"keeps created_at and updated_at by itself{added}", "the names and types say so", "certain", table.place
            )
            self.tell(table.place.pointer, "changed", added.removeprefix("; "))
        version = table.column("version")
        if version is None or version.type not in ("integer", "bigint") or version.nullable or version.default is None:
            return
        draft.versioned = columns.default(version.default.text, Kind.INT) in (0, 1)
        if draft.versioned:
            reason = "it is a whole number that starts by itself, and is called so"
            self.notes.add(f"{draft.name}.version", "counts how often the row was written", reason, "likely", version.place)

    def _id(self, draft: Draft) -> None:
        table, pointer = draft.table, f"{draft.table.place.pointer}/primary key"
        column = table.column(draft.primary)
        if draft.key == "id" and column is not None:
            if column.name != "id" and not self.tables.live:
                self.tell(column.place.pointer, "changed", "the kit keeps a row's key in a column called id")
                self.tell(pointer, "changed", "the key is the column id")
            elif column.type in ("smallint", "integer") and self.tables.dialect == "postgresql" and not self.tables.live:
                self.tell(column.place.pointer, "changed", "kept as a whole number of 8 bytes")
            if column.type != "uuid" and not column.identity:
                self.tell(pointer, "changed", "the database numbers the rows; nobody gives the number")
            self.tell(f"{column.place.pointer}/default", "changed", "the kit gives each row its key")
            return
        if draft.key == "none":
            reason = "the table has no primary key, and every row of the kit has an id"
            self.notes.add(f"{draft.name}.id", "is added", reason, "certain", table.place)
            self.tell(table.place.pointer, "changed", "a key called id is added")
            return
        keys = table.primary.columns if table.primary is not None else ()
        self.tell(pointer, "changed", "a key called id is added; the former key is unique, and never null")
        reason = f"the kit's rows have one key of their own; {', '.join(keys)} stays unique"
        self.notes.add(f"{draft.name}.id", "is added", reason, "certain", table.place)

    def _account_field(self, draft: Draft, column: Column) -> bool:
        """E-mail and password hash are the account's own. True: nothing is to be declared."""
        word = column.name.lower()
        if word == "email":
            self.tell(column.place.pointer, "changed", "an account's e-mail address has at most 254 characters, is checked, and unique")
            return True
        if word not in HASHES:
            return False
        other = any(c.name.lower() in HASHES and HASHES.index(c.name.lower()) < HASHES.index(word) for c in draft.table.columns)
        if other:
            return False
        why = "" if word == "password_hash" else "kept as password_hash, in the kit's own form"
        self.tell(column.place.pointer, "changed", why or "kept in the kit's own form; may be null for who never signs in by password")
        self.tell(f"{column.place.pointer}/not null", "changed", "null for who never signs in by password")
        return True

    def _field(self, draft: Draft, column: Column) -> FieldPlan | None:
        pointer = column.place.pointer
        if column.generated is not None:
            self.tell(pointer, "refused", self.stays("the kit declares no computed columns: a function must say it"))
            self.tell(f"{pointer}/generated", "refused", self.stays("the kit declares no computed columns: a function must say it"))
            return None
        if column.name.lower() == "id":
            self.tell(pointer, "refused", "a column called id that is not the key has no place beside the kit's own id")
            return None
        if self.tables.live and columns.foreign(column, self.tables.dialect):
            kind = f"{column.type}[]" if column.array else column.type
            self.tell(pointer, "refused", f"the kit neither reads nor writes {kind}; the column stays in the database as it is")
            return None
        if column.identity:
            self.tell(f"{pointer}/identity", "refused", f"only the key is numbered by the database; {DO}")
        if column.collation is not None:
            self.tell(f"{pointer}/collation", "changed", "text compares by code point on both databases")
        plan = self._reference(draft, column) or self._value(draft, column)
        if SECRETS.search(names.norm(column.name)) and plan.kind in (Kind.TEXT, Kind.BYTES):
            self.notes.add(f"{draft.name}.{plan.name}", "is secret: no client sees or sets it", "its name says so", "likely", column.place)
            if not plan.optional:
                self.tell(f"{pointer}/not null", "changed", "null until the server sets it, since clients never do")
            plan = replace(plan, secret=True, optional=True, default=None, unique=False)
        return plan

    def _reference(self, draft: Draft, column: Column) -> FieldPlan | None:
        key = next((k for k in draft.table.foreign_keys if k.columns == (column.name,)), None)
        target = self.drafts.get(key.target) if key is not None else None
        if key is None or target is None:
            return None
        there = key.target_columns or (target.table.primary.columns if target.table.primary is not None else ())
        if self.tables.live and there != (target.primary,):
            return None
        if there != (target.primary,) or target.key != "id":
            self.tell(column.place.pointer, "changed", f"holds the id of a {target.name}, not its {', '.join(there)}")
        self._actions(draft, key)
        endings = "|".join(["id", "uuid", "key", "fk", "no", *map(re.escape, map(names.norm, there))])
        stem = re.sub(rf"_({endings})$", "", names.norm(column.name))
        name = self._free(draft, names.python_name(stem or column.name))
        own = "" if column.name == f"{name}_id" else column.name
        return FieldPlan(
            name=name, wire=f"{name}_id", column=own, kind=Kind.REFERENCE, target=target.name,
            optional=column.nullable, default=None if column.nullable else ABSENT, doc=_words(column), place=column.place,
        )  # fmt: skip

    def _actions(self, draft: Draft, key: ForeignKey) -> None:
        pointer = f"{draft.table.place.pointer}/foreign keys/{','.join(key.columns)}"
        if self.tables.live:
            return
        if key.on_delete not in ("", "RESTRICT"):
            why = "what is referred to cannot be deleted; an operation may delete or empty what refers to it first"
            self.tell(f"{pointer}/on delete", "changed", why)
        self.tell(f"{pointer}/on update", "changed", "keys never change, so there is nothing to follow")
        self.tell(f"{pointer}/deferrable", "changed", "keys are checked at each statement; rows are written in the order of references")

    def _value(self, draft: Draft, column: Column) -> FieldPlan:
        held, why = columns.held(column, self.tables.dialect, live=self.tables.live)
        self.tell(column.place.pointer, "changed", "" if self.tables.live and "no" not in why else why)
        enum = self._enum_type(column) if column.enum and not column.array else ""
        kind = Kind.TEXT if held.kind is Kind.ENUM and not enum else held.kind
        name = self._free(draft, names.python_name(column.name))
        plan = FieldPlan(
            name=name, wire=name, column="" if column.name == name else column.name, kind=kind, element=held.element,
            optional=column.nullable, limits=held.limits, enum=enum, doc=_words(column), place=column.place,
        )  # fmt: skip
        return self._defaulted(draft, column, plan)

    def _free(self, draft: Draft, name: str) -> str:
        taken = {f.name for f in draft.fields.values()}
        if draft.account and name in ("email", "password_hash"):
            name += "_"
        number, free = 2, name
        while free in taken:
            free, number = f"{name}_{number}", number + 1
        return free

    def _defaulted(self, draft: Draft, column: Column, plan: FieldPlan) -> FieldPlan:
        value: Any = ABSENT
        if column.default is not None:
            values = tuple(v for e in self.enums.values() if e.name == plan.enum for _, v in e.members)
            value = columns.default(column.default.text, plan.kind, values)
            self._default_told(column, value)
        if value is ABSENT and plan.optional:
            value = None
        return replace(plan, default=ABSENT if value is None and not plan.optional else value)

    def _default_told(self, column: Column, value: Any) -> None:
        pointer = f"{column.place.pointer}/default"
        if value is not ABSENT:
            self.tell(pointer, "changed", "" if self.tables.live else "the kit fills it in; the column itself has no default")
        elif columns.is_now(column.default.text if column.default is not None else ""):
            otherwise = "it may be left out, and is null then" if column.nullable else "whoever creates a row gives the time"
            self.tell(pointer, "changed", f"only created_at and updated_at are set by themselves; {otherwise}")
        else:
            self.tell(pointer, "refused", f"a default that the database computes is not declared by the kit; {DO}")

    def _enum_type(self, column: Column) -> str:
        enum = self.tables.enum(column.enum)
        if enum is None or (self.tables.live and self.tables.dialect == "postgresql"):
            return ""
        return self.enum(names.pascal(enum.name), enum.values, enum.comment, enum.place)

    # --- many-to-many, and the plan -----------------------------------------------------------------------------------

    def _joined(self) -> None:
        for table in self.joins.values():
            first, second = (self._end(table, column.name) for column in table.columns)
            if first is None or second is None:
                continue
            draft, target = first, second
            word = names.python_name(plural(names.norm(target.name)))
            name = self._free_many(draft, word)
            draft.many.append(
                FieldPlan(
                    name=name, wire=f"{name.removesuffix('s')}_ids", kind=Kind.MANY, target=target.name, default=[], place=table.place
                )
            )
            kept = f"{draft.table.name}_{name}"
            why = f"many-to-many: {draft.name}.{name}, kept in the kit's own table {kept}"
            self.notes.add(f"{draft.name}.{name}", "is many-to-many", f"{table.id} holds two keys and nothing else", "certain", table.place)
            for pointer in (table.place.pointer, *(c.place.pointer for c in table.columns)):
                self.tell(pointer, "changed", why)
            for key in table.foreign_keys:
                pointer = f"{table.place.pointer}/foreign keys/{','.join(key.columns)}"
                if key.on_delete != "CASCADE":
                    self.tell(f"{pointer}/on delete", "changed", "the link goes with either row")
                self.tell(f"{pointer}/on update", "changed", "keys never change, so there is nothing to follow")

    def _end(self, table: Table, column: str) -> Draft | None:
        key = next(k for k in table.foreign_keys if k.columns == (column,))
        return self.drafts.get(key.target)

    def _free_many(self, draft: Draft, name: str) -> str:
        taken = {f.name for f in (*draft.fields.values(), *draft.many)}
        return name if name not in taken else f"linked_{name}"

    def _plan(self, draft: Draft) -> EntityPlan:
        table = draft.table
        column = table.column(draft.primary)
        number = draft.key == "id" and column is not None and column.type != "uuid"
        word = plural(names.norm(draft.name))
        fields = (*draft.fields.values(), *draft.many)
        for name in ("created_at", "updated_at") if draft.stamps else ():
            place = at.place if (at := table.column(name)) is not None else table.place
            stamp = FieldPlan(name=name, wire=name, kind=Kind.DATETIME, managed=True, stamp=name[:-3], place=place)
            fields = (*fields, stamp)
        if draft.versioned:
            place = at.place if (at := table.column("version")) is not None else table.place
            fields = (*fields, FieldPlan(name="version", wire="version", kind=Kind.INT, managed=True, stamp="version", place=place))
        return EntityPlan(
            name=draft.name, table=table.name, plural=word, account=draft.account, id_kind="int" if number else "uuid", id_wire="id",
            key="id", fields=fields, uniques=tuple(draft.uniques), indexes=tuple(draft.indexes), owner="", part_of="", embedded_as="",
            stamps=draft.stamps, versioned=draft.versioned, rows=None, states=None,
            doc=table.comment.text if table.comment is not None else "", place=table.place, because=f"the table {table.id} keeps it",
            id_column=draft.primary if self.tables.live and draft.primary != "id" else "", mapped=self.tables.live,
        )  # fmt: skip


def _refers(table: Table, column: str) -> bool:
    return any(column in k.columns for k in table.foreign_keys)


def _numbered(column: Column) -> bool:
    """Whether the database gives the next number."""
    return column.identity or (column.default is not None and column.default.text.lower().startswith("nextval("))


def _words(column: Column) -> str:
    return column.comment.text if column.comment is not None else ""
