"""Reads what stands between the brackets of CREATE TABLE, and behind ADD: columns and constraints. Pure."""

from dataclasses import replace

from backwright.worker.importers.sql.drafts import Draft
from backwright.worker.importers.sql.tokens import Cursor
from backwright.worker.importers.sql.types import SERIALS, SPACED, canonical
from backwright.worker.place import Place
from backwright.worker.tables import Check, Column, Dialect, ForeignKey, Key, Words

CLAUSES = frozenset({
    "CONSTRAINT", "NOT", "NULL", "PRIMARY", "UNIQUE", "REFERENCES", "CHECK", "DEFAULT", "COLLATE", "GENERATED", "AS",
    "AUTOINCREMENT", "DEFERRABLE", "INITIALLY", "ON", "STORAGE", "COMPRESSION",
})  # fmt: skip
_ACTIONS = (("SET", "NULL"), ("SET", "DEFAULT"), ("NO", "ACTION"), ("CASCADE",), ("RESTRICT",))
_TABLE_WORDS = ("CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "EXCLUDE", "LIKE")


class Definitions:
    """Reads definitions into drafts."""

    def __init__(self, file: str, dialect: Dialect) -> None:
        self.file = file
        self.dialect: Dialect = dialect

    def place(self, cursor: Cursor, draft: Draft, pointer: str = "") -> Place:
        """Where the next token stands."""
        return Place(self.file, cursor.line, f"/tables/{draft.id}{pointer}")

    # --- names --------------------------------------------------------------------------------------------------------

    def name(self, cursor: Cursor) -> str:
        """A name: as it is written in quotes; otherwise in small letters on PostgreSQL."""
        token = cursor.token()
        if token.kind == "quoted" or (token.kind == "string" and self.dialect == "sqlite"):
            return token.text
        if token.kind != "word":
            cursor.at -= 1
            cursor.wrong(f"A name is expected here, and {cursor.shown()} stands there.")
        return token.text.lower() if self.dialect == "postgresql" else token.text

    def qualified(self, cursor: Cursor) -> tuple[str, str]:
        """Schema and name; the usual schema reads as none."""
        parts = [self.name(cursor)]
        while cursor.accept("."):
            parts.append(self.name(cursor))
        schema = parts[-2] if len(parts) > 1 else ""
        return ("" if schema in ("public", "main") else schema), parts[-1]

    def names(self, cursor: Cursor) -> tuple[str, ...]:
        """Names in brackets."""
        cursor.expect("(")
        found = [self._listed(cursor)]
        while cursor.accept(","):
            found.append(self._listed(cursor))
        cursor.expect(")")
        return tuple(found)

    def _listed(self, cursor: Cursor) -> str:
        name = self.name(cursor)
        while cursor.peek() in ("ASC", "DESC", "COLLATE", "NULLS"):
            if cursor.token().word in ("COLLATE", "NULLS"):
                cursor.token()
        return name

    # --- the inside of a table ----------------------------------------------------------------------------------------

    def inside(self, cursor: Cursor, draft: Draft) -> None:
        """Everything between the brackets."""
        cursor.expect("(")
        while not cursor.accept(")"):
            self.one(cursor, draft)
            if cursor.accept(","):
                if cursor.peek() == ")":
                    cursor.wrong("A comma stands before the closing bracket.", "Take it out.")
            elif cursor.peek() != ")":
                cursor.wrong(f"{cursor.shown()} is not understood here.", "Write what PostgreSQL or SQLite takes; a comma may be missing.")

    def one(self, cursor: Cursor, draft: Draft) -> None:
        """A column or a constraint."""
        ahead = cursor.peek(1)
        if (cursor.peek() in _TABLE_WORDS and (cursor.peek() not in ("LIKE", "CHECK") or ahead in ("(", ""))) or cursor.peek() == "LIKE":
            self.constraint(cursor, draft)
        else:
            self.column(cursor, draft)

    def constraint(self, cursor: Cursor, draft: Draft) -> None:
        """One constraint of the table."""
        place = self.place(cursor, draft)
        name = self.name(cursor) if cursor.accept("CONSTRAINT") else ""
        if cursor.accept("PRIMARY", "KEY"):
            self.primary(cursor, draft, Key(name, self._key(cursor, draft), place))
        elif cursor.accept("UNIQUE"):
            _ = cursor.accept("NULLS", "NOT", "DISTINCT") or cursor.accept("NULLS", "DISTINCT")
            draft.uniques.append(Key(name, self._key(cursor, draft), place))
        elif cursor.accept("FOREIGN", "KEY"):
            columns = self.names(cursor)
            cursor.expect("REFERENCES")
            draft.foreign_keys.append(self.reference(cursor, name, columns, place))
        elif cursor.accept("CHECK"):
            draft.checks.append(Check(name, cursor.skip_group(), place))
        elif cursor.peek() in ("EXCLUDE", "LIKE"):
            draft.others.append(Words(cursor.until(frozenset()), place))
        else:
            cursor.wrong(f"{cursor.shown()} is no constraint.", "Write PRIMARY KEY, UNIQUE, FOREIGN KEY or CHECK.")
        self._manner(cursor)

    def _key(self, cursor: Cursor, draft: Draft) -> tuple[str, ...]:
        if cursor.accept("USING", "INDEX"):
            name = self.name(cursor)
            index = next((i for i in draft.indexes if i.name == name), None)
            draft.indexes = [i for i in draft.indexes if i is not index]
            return index.parts if index is not None else ()
        found = self.names(cursor)
        if cursor.accept("INCLUDE"):
            cursor.skip_group()
        return found

    def primary(self, cursor: Cursor, draft: Draft, key: Key) -> None:
        """A table has one primary key."""
        if draft.primary is not None:
            cursor.at -= 1
            cursor.wrong(f"{draft.id} has a second primary key; the first is in line {draft.primary.place.line}.", "Keep one of them.")
        draft.primary = key

    def reference(self, cursor: Cursor, name: str, columns: tuple[str, ...], place: Place) -> ForeignKey:
        """What follows REFERENCES."""
        schema, table = self.qualified(cursor)
        targets = self.names(cursor) if cursor.peek() == "(" else ()
        found = ForeignKey(name=name, columns=columns, target=f"{schema}.{table}" if schema else table, target_columns=targets, place=place)
        while True:
            if cursor.accept("ON", "DELETE"):
                found = replace(found, on_delete=self._action(cursor))
            elif cursor.accept("ON", "UPDATE"):
                found = replace(found, on_update=self._action(cursor))
            elif cursor.accept("MATCH"):
                cursor.token()
            elif cursor.peek() == "DEFERRABLE" or (cursor.peek() == "INITIALLY" and cursor.peek(1) == "DEFERRED"):
                found = replace(found, deferrable=True)
                self._manner(cursor)
            else:
                return found

    def _action(self, cursor: Cursor) -> str:
        for words in _ACTIONS:
            if cursor.accept(*words):
                return "" if words == ("NO", "ACTION") else " ".join(words)
        cursor.wrong(f"{cursor.shown()} is no action of a foreign key.", "Write CASCADE, RESTRICT, SET NULL, SET DEFAULT or NO ACTION.")
        return ""

    def _manner(self, cursor: Cursor) -> None:
        """When and whether a constraint is checked."""
        while True:
            if cursor.accept("ON", "CONFLICT"):
                cursor.token()
            elif not any(cursor.accept(*w) for w in (("NOT", "DEFERRABLE"), ("DEFERRABLE",), ("INITIALLY", "DEFERRED"),
                                                     ("INITIALLY", "IMMEDIATE"), ("NO", "INHERIT"), ("NOT", "VALID"))):  # fmt: skip
                return

    # --- columns ------------------------------------------------------------------------------------------------------

    def column(self, cursor: Cursor, draft: Draft) -> None:
        """One column with its own constraints."""
        line = cursor.line
        name = self.name(cursor)
        place = Place(self.file, line, f"/tables/{draft.id}/columns/{name}")
        if (known := draft.find(name, self.dialect)) >= 0:
            cursor.at -= 1
            first = draft.columns[known].place.line
            cursor.wrong(f"{draft.id} has the column {name} twice; first in line {first}.", "Give one of them another name.")
        draft.columns.append(self.typed(cursor, Column(name=name, type="", place=place)))
        while not cursor.over and cursor.peek() not in (",", ")"):
            self.clause(cursor, draft)

    def typed(self, cursor: Cursor, column: Column) -> Column:
        """The column with the type that follows."""
        words: list[str] = []
        arguments: list[int] = []
        array = False
        while not cursor.over and cursor.peek() not in (*CLAUSES, ",", ")", "USING"):
            token = cursor.tokens[cursor.at]
            if cursor.peek() == "(" and words:
                arguments += [int(n) for n in cursor.skip_group().replace(",", " ").split() if n.lstrip("-").isdigit()]
            elif cursor.accept("["):
                array = True
                while not cursor.accept("]"):
                    cursor.token()
            elif cursor.accept("ARRAY"):
                array = True
            elif words and cursor.accept("."):
                words.pop()
            elif token.kind in ("word", "quoted") and len(words) < 6:
                words.append(token.text)
                cursor.at += 1
            else:
                break
        written = words[0] if len(words) == 1 and cursor.tokens[cursor.at - 1].kind == "quoted" else ""
        type_ = written or canonical(" ".join(words))
        if " " in type_ and not written and self.dialect == "postgresql" and type_ not in SPACED:
            type_ = type_.partition(" ")[0] if type_.startswith("interval ") else type_
            if " " in type_:
                cursor.wrong(
                    f"{' '.join(words)} is no type of PostgreSQL.", "Correct it; what stands behind the type may be of another database."
                )
        numbered = type_ in SERIALS
        return replace(
            column, type=SERIALS.get(type_, type_), arguments=tuple(arguments), array=array, identity=column.identity or numbered,
            nullable=column.nullable and not numbered,
        )  # fmt: skip

    def clause(self, cursor: Cursor, draft: Draft) -> None:
        """One constraint of the last column."""
        column, line = draft.columns[-1], cursor.line
        place = Place(self.file, line, f"/tables/{draft.id}/columns/{column.name}")
        name = self.name(cursor) if cursor.accept("CONSTRAINT") else ""
        if cursor.accept("PRIMARY", "KEY"):
            self.primary(cursor, draft, Key(name, (column.name,), place))
            _ = cursor.accept("ASC") or cursor.accept("DESC")
        elif cursor.accept("UNIQUE"):
            draft.uniques.append(Key(name, (column.name,), place))
        elif cursor.accept("REFERENCES"):
            draft.foreign_keys.append(self.reference(cursor, name, (column.name,), place))
        elif cursor.accept("CHECK"):
            draft.checks.append(Check(name, cursor.skip_group(), place))
        else:
            draft.columns[-1] = self._said(cursor, column, place)

    def _said(self, cursor: Cursor, column: Column, place: Place) -> Column:
        """The column with what one of its own clauses says."""
        if cursor.accept("NOT", "NULL"):
            return replace(column, nullable=False, not_null=place)
        if cursor.accept("AUTOINCREMENT"):
            return replace(column, identity=True)
        if cursor.accept("DEFAULT"):
            return self.default(column, cursor.until(CLAUSES), place)
        if cursor.accept("COLLATE"):
            return replace(column, collation=Words(".".join(p for p in self.qualified(cursor) if p), place))
        if cursor.peek() in ("GENERATED", "AS"):
            return self.generated(cursor, column, place)
        if cursor.peek() in ("STORAGE", "COMPRESSION"):
            cursor.at += 2
        elif not (cursor.accept("NULL") or self._told_manner(cursor)):
            cursor.wrong(f"{cursor.shown()} is not understood at the column {column.name}.", "Write what PostgreSQL or SQLite takes there.")
        return column

    def _told_manner(self, cursor: Cursor) -> bool:
        before = cursor.at
        self._manner(cursor)
        return cursor.at > before

    def default(self, column: Column, text: str, place: Place) -> Column:
        """A default; one that takes the next number of a sequence makes an identity."""
        if "nextval" in text.lower():
            return replace(column, identity=True)
        return replace(column, default=Words(text, place))

    def generated(self, cursor: Cursor, column: Column, place: Place) -> Column:
        """``GENERATED … AS IDENTITY`` or ``[GENERATED ALWAYS] AS (…)``."""
        if cursor.accept("GENERATED"):
            _ = cursor.accept("ALWAYS") or cursor.accept("BY", "DEFAULT")
        cursor.expect("AS")
        if cursor.accept("IDENTITY"):
            if cursor.peek() == "(":
                cursor.skip_group()
            return replace(column, identity=True, nullable=False)
        text = cursor.skip_group()
        _ = cursor.accept("STORED") or cursor.accept("VIRTUAL")
        return replace(column, generated=Words(text, place))
