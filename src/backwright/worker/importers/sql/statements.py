"""Reads the statements of SQL files, one after the other, into tables and into everything else that must be accounted for. Pure."""

import re
from collections.abc import Callable
from dataclasses import replace

from backwright.worker.importers.reading import Unreadable
from backwright.worker.importers.sql.definitions import CLAUSES, Definitions
from backwright.worker.importers.sql.drafts import Draft
from backwright.worker.importers.sql.tokens import Cursor, Script, Statement
from backwright.worker.place import Place, Problem
from backwright.worker.tables import Check, Column, Dialect, Enumeration, ForeignKey, Index, Other, Tables, Words

_LITE = re.compile(r"\b(AUTOINCREMENT|WITHOUT\s+ROWID|PRAGMA|sqlite_\w+|strftime|INTEGER\s+PRIMARY\s+KEY)\b|`|\)\s*STRICT\s*;|fts5", re.I)
_POST = re.compile(
    r"\b(\w*serial|timestamptz|jsonb|nextval|plpgsql|ALTER\s+TABLE\s+ONLY|CREATE\s+(TYPE|DOMAIN|EXTENSION|SCHEMA|SEQUENCE|MATERIALIZED)|"
    r"COMMENT\s+ON|AS\s+IDENTITY|uuid|gen_random_uuid|USING\s+(gin|gist|btree|hash)|bytea|inet|tsvector|search_path)\b|::|\$\$", re.I,
)  # fmt: skip
_ROWS = {"INSERT": 2, "COPY": 1, "UPDATE": 1, "DELETE": 2, "REPLACE": 2, "MERGE": 2, "TRUNCATE": 1}
_SESSION = frozenset({
    "SET", "RESET", "SELECT", "BEGIN", "START", "COMMIT", "END", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA", "ANALYZE",
    "VACUUM", "REINDEX", "EXPLAIN", "SHOW", "LOCK", "DO", "CALL", "WITH", "VALUES", "ATTACH", "DETACH", "CLUSTER", "REFRESH",
    "DISCARD", "LISTEN", "NOTIFY", "CHECKPOINT",
})  # fmt: skip
_RIGHTS = {"GRANT": "grant", "REVOKE": "revocation", "SECURITY": "security label"}
_MADE = {
    "VIEW": "view", "TRIGGER": "trigger", "FUNCTION": "function", "PROCEDURE": "function", "AGGREGATE": "function", "SEQUENCE": "sequence",
    "SCHEMA": "schema", "EXTENSION": "extension", "RULE": "rule", "POLICY": "policy", "COLLATION": "collation", "ROLE": "role",
    "USER": "role", "PUBLICATION": "publication", "SUBSCRIPTION": "subscription", "STATISTICS": "statistics", "CAST": "cast",
    "OPERATOR": "operator", "SERVER": "foreign server", "DATABASE": "database", "EVENT": "trigger", "FOREIGN": "foreign table",
    "LANGUAGE": "extension", "TEXT": "text search", "TRANSFORM": "cast", "ACCESS": "extension", "CONVERSION": "cast",
    "TABLESPACE": "tablespace",
    "GROUP": "role", "DEFAULT": "grant",
}  # fmt: skip
_MODIFIERS = frozenset({
    "OR", "REPLACE", "TEMP", "TEMPORARY", "UNLOGGED", "GLOBAL", "LOCAL", "MATERIALIZED", "RECURSIVE", "CONSTRAINT", "VIRTUAL",
    "UNIQUE", "TRUSTED", "PROCEDURAL",
})  # fmt: skip


def dialect_of(texts: list[str]) -> Dialect:
    """By the words that only one of the two knows; PostgreSQL where nothing tells."""
    lite = sum(len(_LITE.findall(text[:2_000_000])) for text in texts)
    post = sum(len(_POST.findall(text[:2_000_000])) for text in texts)
    return "sqlite" if lite > post else "postgresql"


class Reader:
    """Reads files into one set of tables; later statements change what earlier ones made."""

    def __init__(self, dialect: Dialect, problems: list[Problem]) -> None:
        self.dialect: Dialect = dialect
        self.problems = problems
        self.drafts: dict[str, Draft] = {}
        self.enums: dict[str, Enumeration] = {}
        self.domains: dict[str, tuple[Column, tuple[Check, ...]]] = {}
        self.others: dict[tuple[str, str], Other] = {}
        self.file = ""

    def read(self, file: str, text: str, *, lines: bool = True) -> None:
        """One file. Each statement that cannot be read is one problem, and the next one is tried."""
        script = Script(text, lines=lines)
        self.file, self.definitions = file, Definitions(file, self.dialect)
        for statement in script.statements():
            try:
                if isinstance(statement, Unreadable):
                    raise statement
                self.statement(Cursor(script, statement.tokens), statement)
            except Unreadable as error:
                self.problems.append(Problem(file, error.line, error.pointer, "error", error.what, error.mend))

    def tables(self) -> Tables:
        """What was read, with every name as its table spells it."""
        frozen = [draft.frozen(self.dialect) for draft in self.drafts.values()]
        if self.dialect == "sqlite":
            frozen = [replace(t, foreign_keys=tuple(map(self._spelled, t.foreign_keys))) for t in frozen]
        tables = tuple(frozen)
        return Tables(dialect=self.dialect, tables=tables, enums=tuple(self.enums.values()), others=tuple(self.others.values()))

    def _spelled(self, key: ForeignKey) -> ForeignKey:
        """The key with the names that its target has: SQLite compares them without case."""
        target = self.drafts.get(self.key(key.target))
        if target is None:
            return key
        places = [(name, target.find(name, self.dialect)) for name in key.target_columns]
        return replace(key, target=target.id, target_columns=tuple(target.columns[n].name if n >= 0 else name for name, n in places))

    # --- statements ---------------------------------------------------------------------------------------------------

    def statement(self, cursor: Cursor, statement: Statement) -> None:
        """One statement."""
        first = cursor.peek()
        if first == "CREATE":
            self.create(cursor)
        elif first == "ALTER":
            self.alter(cursor)
        elif first == "COMMENT":
            self.comment(cursor)
        elif first == "DROP":
            self.other("drop", " ".join(t.text for t in statement.tokens[1:5]), statement.line)
        elif first in _ROWS:
            self.rows(cursor, _ROWS[first])
        elif first in _RIGHTS:
            self.other(_RIGHTS[first], " ".join(t.text for t in statement.tokens[1:8]), statement.line)
        elif first in _SESSION:
            self.other("session command", first, statement.line)
        else:
            cursor.wrong(
                f"{cursor.shown()} begins no statement of PostgreSQL or SQLite.", "Correct or take out the statement that begins here."
            )

    def other(self, kind: str, name: str, line: int) -> None:
        """Something that is only accounted for; the same thing again is counted."""
        known = self.others.get((kind, name))
        if known is not None:
            self.others[kind, name] = replace(known, count=known.count + 1)
            return
        self.others[kind, name] = Other(kind, name, Place(self.file, line, f"/{kind}s/{name}"))

    def rows(self, cursor: Cursor, skip: int) -> None:
        line, verb = cursor.line, cursor.peek()
        cursor.at += skip if verb != "DELETE" else 2
        _ = cursor.accept("INTO") or cursor.accept("ONLY") or cursor.accept("TABLE")
        if cursor.over or (verb == "INSERT" and cursor.peek() in ("REPLACE", "IGNORE")):
            cursor.at += 2
        schema, name = self.definitions.qualified(cursor)
        self.other("seed data", f"{schema}.{name}" if schema else name, line)

    # --- CREATE -------------------------------------------------------------------------------------------------------

    def create(self, cursor: Cursor) -> None:
        line, said = cursor.line, set[str]()
        cursor.expect("CREATE")
        while cursor.peek() in _MODIFIERS:
            said.add(cursor.token().word)
        what = cursor.peek()
        if what == "TABLE" and not said & {"TEMP", "TEMPORARY", "VIRTUAL"}:
            self.table(cursor)
        elif what == "INDEX":
            self.index(cursor, unique="UNIQUE" in said)
        elif what == "TYPE":
            self.type(cursor)
        elif what == "DOMAIN":
            self.domain(cursor)
        elif what in ("TABLE", *_MADE):
            kind = _MADE.get(what, "virtual table" if "VIRTUAL" in said else "temporary table")
            cursor.at += 2 if cursor.peek(1) in ("TRIGGER", "TABLE", "PRIVILEGES") else 1
            self.exists(cursor)
            schema, name = self.definitions.qualified(cursor) if not cursor.over else ("", what.lower())
            self.other(kind, f"{schema}.{name}" if schema else name, line)
        else:
            cursor.wrong(f"CREATE {cursor.shown()} is not known.", "Write what PostgreSQL or SQLite takes.")

    def exists(self, cursor: Cursor) -> None:
        """``IF NOT EXISTS`` makes no difference here."""
        cursor.accept("IF", "NOT", "EXISTS")

    def table(self, cursor: Cursor) -> None:
        line = cursor.line
        cursor.expect("TABLE")
        self.exists(cursor)
        schema, name = self.definitions.qualified(cursor)
        draft = Draft(schema, name, Place(self.file, line, ""))
        draft.place = Place(self.file, line, f"/tables/{draft.id}")
        if cursor.peek() == "PARTITION":
            self.other("partition", draft.id, line)
            return
        if cursor.peek() in ("AS", "OF") or cursor.over:
            cursor.wrong(f"The columns of {draft.id} are not said here.", "Write them in brackets: CREATE TABLE … (…).")
        known = self.drafts.get(self.key(draft.id))
        if known is not None:
            what = f"The table {draft.id} is made twice; first in {known.place}."
            self.problems.append(Problem(self.file, line, draft.place.pointer, "error", what, "Keep one of them."))
        try:
            self.definitions.inside(cursor, draft)
            self.trailing(cursor, draft)
        finally:
            if known is None:
                self.drafts[self.key(draft.id)] = draft
        self.typed(draft)

    def trailing(self, cursor: Cursor, draft: Draft) -> None:
        """What stands behind the brackets."""
        while not cursor.over:
            place = Place(self.file, cursor.line, f"{draft.place.pointer}/{cursor.peek().lower()}")
            if cursor.accept("STRICT") or cursor.accept(","):
                continue
            if cursor.peek() not in ("WITHOUT", "PARTITION", "INHERITS", "WITH", "TABLESPACE", "USING", "ON"):
                cursor.wrong(f"{cursor.shown()} behind the columns of {draft.id} is not understood.", "Take it out, or correct it.")
            begin = cursor.at
            cursor.at += 2
            while not cursor.over and cursor.peek() not in (",", "WITHOUT", "PARTITION", "INHERITS", "WITH", "TABLESPACE", "ON"):
                cursor.at += 1
            draft.others.append(Words(" ".join(t.text for t in cursor.tokens[begin : cursor.at]), place))

    def typed(self, draft: Draft) -> None:
        """Columns of enum types and domains; the latter bring their checks along."""
        for n, column in enumerate(draft.columns):
            base = column.type if column.type in self.enums or column.type in self.domains else column.type.lower()
            if base in self.enums:
                draft.columns[n] = replace(column, type="enum", enum=base)
            elif base in self.domains:
                domain, checks = self.domains[base]
                draft.columns[n] = replace(
                    column, type=domain.type, arguments=domain.arguments, array=column.array or domain.array, enum=domain.enum,
                    nullable=column.nullable and domain.nullable, default=column.default or domain.default,
                    collation=column.collation or domain.collation,
                )  # fmt: skip
                quoted, here = f'"{column.name}"', column.place
                draft.checks += [
                    Check(c.name, re.sub(r"\bVALUE\b", quoted, c.text, flags=re.IGNORECASE), here) for c in checks
                ]  # fmt: skip

    def index(self, cursor: Cursor, *, unique: bool) -> None:
        line = cursor.line
        cursor.expect("INDEX")
        cursor.accept("CONCURRENTLY")
        self.exists(cursor)
        name = "" if cursor.peek() == "ON" else self.definitions.qualified(cursor)[1]
        cursor.expect("ON")
        cursor.accept("ONLY")
        draft = self.named(cursor)
        method = self.definitions.name(cursor).lower() if cursor.accept("USING") else "btree"
        cursor.expect("(")
        begin, parts = cursor.at, [self.part(cursor)]
        while cursor.accept(","):
            parts.append(self.part(cursor))
        cursor.expect(")")
        down = any(token.word == "DESC" for token in cursor.tokens[begin : cursor.at])
        include = self.definitions.names(cursor) if cursor.accept("INCLUDE") else ()
        _ = cursor.accept("NULLS", "NOT", "DISTINCT") or cursor.accept("NULLS", "DISTINCT")
        where = ""
        while not cursor.over:
            if cursor.accept("WHERE"):
                where = cursor.until(frozenset())
            elif cursor.accept("WITH"):
                cursor.skip_group()
            elif cursor.accept("TABLESPACE"):
                cursor.token()
            else:
                cursor.wrong(f"{cursor.shown()} behind an index is not understood.", "Take it out, or correct it.")
        known = name or f"{draft.name}_{'_'.join(parts)}_idx"
        place = Place(self.file, line, f"{draft.place.pointer}/indexes/{known}")
        draft.indexes.append(
            Index(name=known, parts=tuple(parts), unique=unique, method=method, where=where, descending=down, include=include, place=place)
        )  # fmt: skip

    def part(self, cursor: Cursor) -> str:
        """A column of an index, or an expression in brackets."""
        if cursor.peek() == "(":
            found = f"({cursor.skip_group()})"
        elif cursor.peek(1) == "(":
            found = f"({self.definitions.name(cursor)}({cursor.skip_group()}))"
        else:
            found = self.definitions.name(cursor)
        if cursor.accept("COLLATE"):
            found = f"({found} COLLATE {self.definitions.qualified(cursor)[1]})"
        while cursor.peek() not in (",", ")") and not cursor.over:
            if cursor.peek() == "(":
                cursor.skip_group()
            else:
                cursor.at += 1
        return found

    def type(self, cursor: Cursor) -> None:
        line = cursor.line
        cursor.expect("TYPE")
        _, name = self.definitions.qualified(cursor)
        if not cursor.accept("AS", "ENUM"):
            self.other("type", name, line)
            return
        cursor.expect("(")
        values: list[str] = []
        while not cursor.accept(")"):
            token = cursor.token()
            if token.kind == "string":
                values.append(token.text)
        if name in self.enums or len(set(values)) < len(values):
            cursor.wrong(f"The type {name} is made twice." if name in self.enums else f"The type {name} has a value twice.", "Keep one.")
        self.enums[name] = Enumeration(name, tuple(values), Place(self.file, line, f"/types/{name}"))
        for draft in self.drafts.values():
            self.typed(draft)

    def domain(self, cursor: Cursor) -> None:
        line = cursor.line
        cursor.expect("DOMAIN")
        _, name = self.definitions.qualified(cursor)
        cursor.accept("AS")
        draft = Draft("", name, Place(self.file, line, f"/domains/{name}"))
        draft.columns.append(self.definitions.typed(cursor, Column(name=name, type="", place=draft.place)))
        while not cursor.over:
            self.definitions.clause(cursor, draft)
        self.typed(draft)
        self.domains[name] = draft.columns[0], tuple(draft.checks)
        self.other("domain", name, line)

    # --- ALTER and COMMENT ----------------------------------------------------------------------------------------------

    def key(self, id: str) -> str:
        return id.lower() if self.dialect == "sqlite" else id

    def named(self, cursor: Cursor) -> Draft:
        """The table that is named next. Raises `Unreadable` for one that nothing made."""
        line = cursor.line
        schema, name = self.definitions.qualified(cursor)
        draft = self.drafts.get(self.key(f"{schema}.{name}" if schema else name))
        if draft is None:
            raise Unreadable(line, f"There is no table {name} at this point.", "Create it first, or correct the name.")
        return draft

    def alter(self, cursor: Cursor) -> None:
        line = cursor.line
        cursor.expect("ALTER")
        if cursor.peek() != "TABLE":
            self.altered(cursor, line)
            return
        cursor.expect("TABLE")
        cursor.accept("IF", "EXISTS")
        cursor.accept("ONLY")
        if not self._known(cursor):
            return
        draft = self.named(cursor)
        self.change(cursor, draft)
        while cursor.accept(","):
            self.change(cursor, draft)
        if not cursor.over:
            cursor.wrong(f"{cursor.shown()} is not understood in ALTER TABLE.", "Correct it.")

    def _known(self, cursor: Cursor) -> bool:
        """Sequences, views and partitions are altered as tables too, as far as owners go."""
        at, line = cursor.at, cursor.line
        schema, name = self.definitions.qualified(cursor)
        cursor.at = at
        id = f"{schema}.{name}" if schema else name
        known = {n for kind, n in self.others if kind in ("view", "sequence", "partition", "temporary table", "foreign table")}
        if id in known and self.key(id) not in self.drafts:
            self.other("alteration", id, line)
            return False
        return True

    def altered(self, cursor: Cursor, line: int) -> None:
        """ALTER of something else: a type may get a value; the rest is accounted for."""
        if cursor.accept("TYPE"):
            _, name = self.definitions.qualified(cursor)
            if cursor.accept("ADD", "VALUE"):
                self.exists(cursor)
                known = self.enums.get(name)
                if known is None:
                    cursor.wrong(f"There is no enum type {name} at this point.", "Create it first.")
                    return
                self.enums[name] = replace(known, values=(*known.values, cursor.token().text))
                return
            self.other("alteration", name, line)
            return
        self.other("alteration", " ".join(t.text for t in cursor.tokens[1:4]), line)

    def change(self, cursor: Cursor, draft: Draft) -> None:
        """One action of ALTER TABLE."""
        place = Place(self.file, cursor.line, f"{draft.place.pointer}/alterations/{cursor.line}")
        if cursor.accept("ADD"):
            if cursor.peek() in ("CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "EXCLUDE"):
                self.definitions.constraint(cursor, draft)
                return
            cursor.accept("COLUMN")
            self.exists(cursor)
            self.definitions.column(cursor, draft)
            self.typed(draft)
        elif cursor.accept("DROP"):
            _ = cursor.accept("COLUMN") or cursor.accept("CONSTRAINT")
            cursor.accept("IF", "EXISTS")
            draft.drop(self.definitions.name(cursor))
            _ = cursor.accept("CASCADE") or cursor.accept("RESTRICT")
        elif cursor.accept("ALTER"):
            cursor.accept("COLUMN")
            self.column_change(cursor, draft)
        elif cursor.accept("RENAME"):
            self.rename(cursor, draft)
        else:
            draft.others.append(Words(cursor.until(frozenset()), place))

    def column_change(self, cursor: Cursor, draft: Draft) -> None:
        name = self.definitions.name(cursor)
        if (n := draft.find(name, self.dialect)) < 0:
            cursor.at -= 1
            cursor.wrong(f"{draft.id} has no column {name} at this point.", "Add it first, or correct the name.")
        column, place = draft.columns[n], Place(self.file, cursor.line, draft.columns[n].place.pointer)
        if cursor.accept("SET", "DEFAULT"):
            column = self.definitions.default(column, cursor.until(CLAUSES), place)
        elif cursor.accept("SET", "NOT", "NULL"):
            column = replace(column, nullable=False, not_null=place)
        elif cursor.accept("DROP", "NOT", "NULL"):
            column = replace(column, nullable=True, not_null=None)
        elif cursor.accept("DROP", "DEFAULT"):
            column = replace(column, default=None)
        elif cursor.accept("TYPE") or cursor.accept("SET", "DATA", "TYPE"):
            column = self.definitions.typed(cursor, replace(column, enum="", array=False))
            if cursor.accept("USING"):
                cursor.until(frozenset())
        elif cursor.accept("ADD"):
            column = self.definitions.generated(cursor, column, place)
        else:
            draft.others.append(Words(cursor.until(frozenset()), place))
        draft.columns[n] = column
        self.typed(draft)

    def rename(self, cursor: Cursor, draft: Draft) -> None:
        if cursor.accept("TO"):
            del self.drafts[self.key(draft.id)]
            draft.name = self.definitions.name(cursor)
            draft.place = replace(draft.place, pointer=f"/tables/{draft.id}")
            self.drafts[self.key(draft.id)] = draft
            return
        line = cursor.line
        _ = cursor.accept("COLUMN") or cursor.accept("CONSTRAINT")
        old = self.definitions.name(cursor)
        cursor.expect("TO")
        new = self.definitions.name(cursor)
        if (n := draft.find(old, self.dialect)) >= 0:
            place = Place(self.file, line, f"{draft.place.pointer}/columns/{new}")
            draft.columns[n] = replace(draft.columns[n], name=new, place=place)

    def comment(self, cursor: Cursor) -> None:
        line = cursor.line
        cursor.expect("COMMENT")
        cursor.expect("ON")
        kind = cursor.token().word
        noted: Callable[[Words], None] | None = None
        if kind == "TABLE":
            noted = self._on_table(self.named(cursor))
        elif kind == "COLUMN":
            noted = self._on_column(cursor)
        else:
            cursor.at += 1
        name = cursor.script.text[cursor.tokens[3].start : cursor.tokens[-1].start] if len(cursor.tokens) > 4 else kind
        while not cursor.over and cursor.peek() != "IS":
            cursor.at += 1
        cursor.expect("IS")
        text = "" if cursor.accept("NULL") else cursor.token().text
        if noted is not None:
            noted(Words(text, Place(self.file, line, "")))
        else:
            self.other("comment", f"{kind.lower()} {name.removesuffix(' IS ').strip()}", line)

    def _on_table(self, draft: Draft) -> Callable[[Words], None]:
        def note(said: Words) -> None:
            draft.comment = Words(said.text, replace(said.place, pointer=f"{draft.place.pointer}/comment")) if said.text else None

        return note

    def _on_column(self, cursor: Cursor) -> Callable[[Words], None] | None:
        parts = [self.definitions.name(cursor)]
        while cursor.accept("."):
            parts.append(self.definitions.name(cursor))
        schema = parts[-3] if len(parts) > 2 and parts[-3] not in ("public", "main") else ""
        table = parts[-2] if len(parts) > 1 else ""
        draft = self.drafts.get(self.key(f"{schema}.{table}" if schema else table))
        if draft is None or (n := draft.find(parts[-1], self.dialect)) < 0:
            return None

        def note(said: Words) -> None:
            column = draft.columns[n]
            place = replace(said.place, pointer=f"{column.place.pointer}/comment")
            draft.columns[n] = replace(column, comment=Words(said.text, place) if said.text else None)

        return note
