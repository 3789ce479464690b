"""The query of a list → `ListQuery`: ``price[gte]=10&stars=5&sort=-price&fields=isbn,price&expand=author&limit=20&cursor=...``."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from backwright.api.http.cursor import CursorCodec
from backwright.domain.fields import Limits
from backwright.domain.model import EntityModel, Field, Kind
from backwright.domain.refusals import Malformed, Problem
from backwright.operations.explaining import nearest
from backwright.operations.formats import Wrong
from backwright.operations.list_query import OPERATORS, Filter, FilterOperator, ListQuery, SortKey
from backwright.operations.parameters import ReadText, text_reader
from backwright.operations.prescan import shown
from backwright.operations.shapes import Leaf

_NAME: Final = re.compile(r"([^\[\]]{1,200})\[([a-z]{1,20})\]")
_SETTINGS = ("sort", "fields", "expand", "limit", "offset", "cursor")
_ORDERED = {Kind.TEXT, Kind.INT, Kind.FLOAT, Kind.DECIMAL, Kind.DATE, Kind.TIME, Kind.DATETIME, Kind.DURATION, Kind.UUID, Kind.REFERENCE}
_FILTERED = _ORDERED | {Kind.BOOL, Kind.ENUM}
MOST = 20
_KEPT = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class PageBounds:
    """How many rows a page has by default and at most, and how far an offset may reach."""

    default: int = 20
    most: int = 100
    deepest: int = 100_000


@dataclass(frozen=True, slots=True)
class _Column:
    """A name that may be filtered by."""

    name: str
    kind: Kind
    python: Any
    optional: bool
    read: ReadText


class ListReader:
    """Reads the list queries of one entity. Built once; ``secret`` seals the cursors."""

    def __init__(self, model: EntityModel, secret: bytes, bounds: PageBounds = PageBounds(), hidden: frozenset[str] = frozenset()) -> None:
        self.bounds = bounds
        visible = [f for f in model.fields if not f.secret and f.name not in hidden]
        self._columns = {f.wire: _column(f) for f in visible if f.kind in _FILTERED}
        id_kind = Kind.INT if model.id_type is int else Kind.UUID
        self._columns["id"] = _Column("id", id_kind, model.id_type, False, text_reader(Leaf(kind=id_kind, python=model.id_type)))
        self._fields = {"id": "id"} | {f.wire: f.name for f in visible} | {p.wire: p.wire for p in model.parts}
        self._references = {f.expand_as: f.name for f in visible if f.kind is Kind.REFERENCE}
        self._sortable = {wire: c for wire, c in self._columns.items() if c.kind in _ORDERED or c.kind is Kind.BOOL or c.kind is Kind.ENUM}
        self._types = {c.name: c.python for c in self._columns.values()}
        self._settings: dict[str, Callable[[str], Any]] = {
            "sort": self._sort,
            "fields": partial(_names, known=self._fields),
            "expand": partial(_names, known=self._references),
            "limit": partial(_within, low=1, high=bounds.most),
            "offset": partial(_within, low=0, high=bounds.deepest),
        }
        self._secret, self._name = secret, model.name
        self._codecs: dict[str, CursorCodec] = {}

    def read(self, pairs: Iterable[tuple[str, str]]) -> ListQuery:
        """The checked query. Raises `Malformed` with every problem: unknown names, operators, values, bounds and cursors."""
        problems: list[Problem] = []
        filters: list[Filter] = []
        found: dict[str, Any] = {}
        for key, text in pairs:
            try:
                if key in found:
                    raise Wrong("must be given only once", "repeated")
                if key == "cursor":
                    found[key] = text
                elif (read := self._settings.get(key)) is not None:
                    found[key] = None
                    found[key] = read(text)
                else:
                    filters.append(self._filter(key, text))
            except Wrong as wrong:
                problems.append(Problem(wrong.detail, parameter=shown(key), code=wrong.code))
                if len(problems) == MOST:
                    break
        if "cursor" in found and "offset" in found:
            problems.append(Problem("cannot be used together with cursor", parameter="offset", code="conflict"))
        if problems:
            raise Malformed(problems=tuple(problems))
        sort = found.get("sort", ())
        after = self._codec(sort).decode(found["cursor"]) if "cursor" in found else None
        limit, offset = found.get("limit", self.bounds.default), found.get("offset", 0)
        return ListQuery(tuple(filters), sort, found.get("fields"), found.get("expand", ()), limit, offset, after)

    def next_cursor(self, query: ListQuery, values: Sequence[Any]) -> str:
        """The cursor of the page after the row with these key values: those of ``query.sort`` in order, the id last."""
        return self._codec(query.sort).encode(values)

    def _codec(self, sort: tuple[SortKey, ...]) -> CursorCodec:
        order = ",".join(f"{'-' if k.descending else ''}{k.field}" for k in sort)
        if (codec := self._codecs.get(order)) is None:
            types = [self._types[k.field] for k in sort] + [self._types["id"]]
            codec = CursorCodec(self._secret, f"{self._name}:{order}", types)
            if len(self._codecs) < _KEPT:
                self._codecs[order] = codec
        return codec

    def _filter(self, key: str, text: str) -> Filter:
        match = _NAME.fullmatch(key)
        wire, operator = (match[1], match[2]) if match else (key, "eq")
        column = self._columns.get(wire)
        if column is None:
            raise _unknown(wire, (*self._columns, *_SETTINGS))
        if operator not in OPERATORS or not _suits(operator, column):
            usable = ", ".join(o for o in OPERATORS if _suits(o, column))
            raise Wrong(f"has no operator {operator}; use one of: {usable}", "operator")
        return Filter(column.name, operator, _value(operator, column, text))

    def _sort(self, text: str) -> tuple[SortKey, ...]:
        keys: list[SortKey] = []
        for part in text.split(",", 8):
            wire = part.removeprefix("-")
            if wire not in self._sortable:
                raise _unknown(wire, self._sortable)
            keys.append(SortKey(self._sortable[wire].name, part.startswith("-")))
        if len(keys) > 5 or len({k.field for k in keys}) != len(keys):
            raise Wrong("must name at most 5 fields, each once", "sort")
        return tuple(keys)


def _column(field: Field) -> _Column:
    """A filter compares with any value of the type: only digits and scale still bind."""
    kind = field.kind if field.kind is not Kind.REFERENCE else (Kind.INT if field.type is int else Kind.UUID)
    leaf = Leaf(
        kind=kind,
        python=field.type,
        limits=Limits(digits=field.limits.digits, scale=field.limits.scale, max_length=1000 if kind is Kind.TEXT else None),
    )
    return _Column(field.name, kind, field.type, field.optional, text_reader(leaf))


def _suits(operator: FilterOperator | str, column: _Column) -> bool:
    if operator in ("contains", "prefix"):
        return column.kind is Kind.TEXT
    if operator in ("lt", "lte", "gt", "gte"):
        return column.kind in _ORDERED
    return operator != "null" or column.optional


def _value(operator: str, column: _Column, text: str) -> Any:
    if operator == "null":
        if text not in ("true", "false"):
            raise Wrong("must be true or false", "type")
        return text == "true"
    if operator != "in":
        return column.read(text)
    texts = text.split(",", 100)
    if len(texts) > 100:
        raise Wrong("must list at most 100 values", "max-length")
    return tuple(column.read(one) for one in texts)


def _names(text: str, known: dict[str, str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for name in text.split(",", 100):
        if name not in known:
            raise _unknown(name, known)
        found[known[name]] = None
    return tuple(found)


def _within(text: str, low: int, high: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10 and low <= int(text) <= high):
        raise Wrong(f"must be a whole number from {low} to {high}", "range")
    return int(text)


def _unknown(name: str, known: Iterable[str]) -> Wrong:
    guess = nearest(name, known)
    return Wrong(f'does not know "{shown(name)}"' + (f'; did you mean "{guess}"?' if guess else ""), "unknown")
