"""What one representation of an entity holds, and the SQL expression by which the database writes it as JSON.

A shape is a tree: own fields, expanded references (joined), parts and many-references (aggregated). Whatever its depth it is
one statement, so no representation can cost a query per row. Pure.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

import msgspec

from backwright.data.engines.engine import Dialect
from backwright.data.sql.kinds import json_expression
from backwright.domain.entity import Entity
from backwright.domain.model import EntityModel, Field, Kind, Model, Part
from backwright.domain.naming import snake

Guard = Callable[[type[Entity], str], str | None]
"""Given an entity and its alias: the SQL condition under which the caller may read the row; ``None`` for no condition."""


class Naming(Protocol):
    """How a contract names keys on the wire."""

    def __call__(self, wire: str, /) -> str: ...


def as_declared(wire: str) -> str:
    """The kit's own names: snake case, as the fields are declared."""
    return wire


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """One representation: keys and what stands behind them."""

    model: EntityModel
    fields: tuple[tuple[str, Field], ...]
    expanded: tuple[tuple[str, Field, "Shape"], ...] = ()
    parts: tuple[tuple[str, Part, "Shape"], ...] = ()
    many: tuple[tuple[str, Field], ...] = ()


def quoted(name: str) -> str:
    """An identifier, quoted for both databases."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A string literal for both databases; used only for names from declarations, never for input."""
    return "'" + text.replace("'", "''") + "'"


def build_shape(
    model: Model,
    entity: type[Entity],
    *,
    keys: Iterable[str] | None = None,
    expand: Iterable[str] = (),
    parts: bool = True,
    naming: Naming = as_declared,
    leave_out: frozenset[str] = frozenset(),
) -> Shape:
    """The shape of `entity`: all that clients may see, or only the wire names in `keys`.

    `expand` names references (``author`` or ``book.author``).
    """
    this = model[entity]
    wanted = None if keys is None else set(keys)
    own = [(naming(f.wire), f) for f in (this.id, *this.fields) if not f.secret and f.name not in leave_out]
    heads: dict[str, list[str]] = {}
    for path in expand:
        head, _, rest = path.partition(".")
        heads.setdefault(head, []).extend([rest] if rest else [])
    return Shape(
        model=this,
        fields=tuple((w, f) for w, f in own if f.kind is not Kind.MANY and (wanted is None or w in wanted)),
        expanded=tuple(
            (naming(f.expand_as), f, build_shape(model, f.target, expand=heads[f.name], naming=naming))
            for f in this.references() if f.name in heads and f.target is not None
        ),
        parts=tuple(
            (naming(p.wire), p, build_shape(model, p.entity, leave_out=frozenset({p.field}), naming=naming))
            for p in this.parts if parts and (wanted is None or naming(p.wire) in wanted)
        ),
        many=tuple((w, f) for w, f in own if f.kind is Kind.MANY and (wanted is None or w in wanted)),
    )  # fmt: skip


class ShapeWriter:
    """Writes shapes as SQL expressions for one dialect; collects the joins that they need."""

    def __init__(self, dialect: Dialect, guard: Guard | None = None) -> None:
        self.dialect: Dialect = dialect
        self.guard = guard
        self.joins: list[str] = []
        self._aliases = 0

    def alias(self) -> str:
        """A table alias that is used nowhere else in the statement."""
        self._aliases += 1
        return f"j{self._aliases}"

    def text(self, shape: Shape, alias: str) -> str:
        """The whole representation as one text value."""
        value = self.object(shape, alias)
        return f"{value}::text" if self.dialect == "postgresql" else value

    def object(self, shape: Shape, alias: str) -> str:
        """The representation as a JSON value."""
        pairs = [(wire, json_expression(f, f"{alias}.{quoted(f.column)}", self.dialect)) for wire, f in shape.fields]
        pairs += [(wire, self.reference(f, inner, alias)) for wire, f, inner in shape.expanded]
        pairs += [(wire, self.part(part, inner, alias, shape.model)) for wire, part, inner in shape.parts]
        pairs += [(wire, self.keys(f, alias, shape.model)) for wire, f in shape.many]
        null = "typeof({}) = 'null'" if self.dialect == "sqlite" else "{} IS NULL"  # RETURNING gets IS NULL wrong in SQLite 3.40
        missing = {wire: null.format(f"{alias}.{quoted(f.column)}") for wire, f in shape.fields if f.maybe}
        return self.without(pairs, missing) if missing else self.pairs(pairs)

    def without(self, pairs: list[tuple[str, str]], missing: dict[str, str]) -> str:
        """A JSON object that leaves keys out under a condition each."""
        keys = {wire: literal(msgspec.json.encode(wire).decode()) for wire, _ in pairs}
        if self.dialect == "sqlite":
            paths = (f"CASE WHEN {condition} THEN '$.' || {keys[wire]} ELSE '$[0]' END" for wire, condition in missing.items())
            return f"json_remove({self.pairs(pairs)}, {', '.join(paths)})"
        texts: list[str] = []
        for wire, value in pairs:
            text = f"{keys[wire]} || ':' || coalesce(to_json({value})::text, 'null')"
            texts.append(f"CASE WHEN {missing[wire]} THEN NULL ELSE {text} END" if wire in missing else text)
        return f"('{{' || concat_ws(',', {', '.join(texts)}) || '}}')::json"

    def pairs(self, pairs: list[tuple[str, str]]) -> str:
        """A JSON object of SQL values."""
        if self.dialect == "sqlite":
            return "json_object(" + ", ".join(f"{literal(wire)}, {value}" for wire, value in pairs) + ")"
        columns = ", ".join(f"{value} AS {quoted(wire)}" for wire, value in pairs)
        return f"(SELECT row_to_json(o) FROM (SELECT {columns}) o)"

    def reference(self, field: Field, inner: Shape, alias: str) -> str:
        """An expanded reference: joined; null where it is empty or the caller may not read it."""
        other = self.alias()
        key = f"{other}.{quoted(inner.model.id.column)}"
        condition = f"{key} = {alias}.{quoted(field.column)}"
        guard = self.guard(inner.model.entity, other) if self.guard else None
        self.joins.append(f"LEFT JOIN {quoted(inner.model.table)} {other} ON {condition}" + (f" AND {guard}" if guard else ""))
        return f"CASE WHEN {key} IS NULL THEN NULL ELSE {self.object(inner, other)} END"

    def part(self, part: Part, inner: Shape, alias: str, whole: EntityModel) -> str:
        """The rows that live in this one, in order of their ids."""
        other = self.alias()
        column, key, id = inner.model.by_name[part.field].column, quoted(whole.id.column), quoted(inner.model.id.column)
        outer_joins, self.joins = self.joins, []
        value = self.object(inner, other)
        joins, self.joins = " ".join(self.joins), outer_joins
        if self.dialect == "sqlite":
            rows = f"(SELECT * FROM {quoted(inner.model.table)} p WHERE p.{quoted(column)} = {alias}.{key} ORDER BY p.{id}) {other} {joins}"
            return f"(SELECT json_group_array({value}) FROM {rows})"
        source = f"{quoted(inner.model.table)} {other} {joins} WHERE {other}.{quoted(column)} = {alias}.{key}"
        return f"(SELECT coalesce(json_agg({value} ORDER BY {other}.{id}), '[]'::json) FROM {source})"

    def keys(self, field: Field, alias: str, owner: EntityModel) -> str:
        """The ids of a many-reference, in order."""
        table, mine, other = join_table(owner, field)
        where = f"{quoted(table)} m WHERE m.{quoted(mine)} = {alias}.{quoted(owner.id.column)}"
        if self.dialect == "sqlite":
            return f"(SELECT json_group_array(k) FROM (SELECT m.{quoted(other)} AS k FROM {where} ORDER BY 1))"
        return f"(SELECT coalesce(json_agg(m.{quoted(other)} ORDER BY m.{quoted(other)}), '[]'::json) FROM {where})"


def join_table(owner: EntityModel, field: Field) -> tuple[str, str, str]:
    """The table of a many-reference, its column for the owner, and its column for the target."""
    assert field.target is not None
    target = snake(field.target.__name__)
    mine = f"{owner.table}_id"
    other = f"{target}_id"
    return f"{owner.table}_{field.name}", mine, other if other != mine else f"other_{other}"
