"""The query string of a resource: filters, order, page, fields and expansions under the contract's names.

Compiled from the model and the contract; what a query string means is remembered, so that a repeated one costs a look-up.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

import msgspec

from backwright.api.http.cursor import CursorCodec
from backwright.api.http.message import HttpRequest
from backwright.api.http.pairs import parse_pairs
from backwright.api.rest.served import Served
from backwright.data.sql.kinds import loader
from backwright.data.sql.shapes import Shape, build_shape
from backwright.data.sql.statements import Condition, FilterOperator, Page, SortKey
from backwright.domain.fields import Limits
from backwright.domain.model import Field, Kind, Model, element_of
from backwright.domain.refusals import Malformed, Problem
from backwright.operations.explaining import nearest
from backwright.operations.formats import Wrong
from backwright.operations.parameters import text_reader
from backwright.operations.prescan import shown
from backwright.operations.records import ListRequest
from backwright.operations.reply import Reply
from backwright.operations.shapes import Leaf, field_shape

ReadText = Callable[[str], Any]
MOST_REMEMBERED = 2_000
MOST_SHAPES = 500
MOST_CONDITIONS = 100
MOST_VALUES = 100
MOST_LENGTH = 1_000
MOST_PARAMETERS = 200
MOST_SORT_KEYS = 5
_ORDERED = {Kind.INT, Kind.FLOAT, Kind.DECIMAL, Kind.DATE, Kind.TIME, Kind.DATETIME, Kind.DURATION, Kind.TEXT, Kind.UUID}
_FILTERED = _ORDERED | {Kind.BOOL, Kind.ENUM, Kind.REFERENCE}


@dataclass(slots=True)
class _Reading:
    """One query string being read."""

    conditions: list[Condition] = field(default_factory=list[Condition])
    values: dict[str, Any] = field(default_factory=dict[str, Any])
    order: tuple[SortKey, ...] = ()
    cursor: str | None = None
    limit: int = 0
    fields: frozenset[str] | None = None
    expand: tuple[str, ...] = ()
    problems: list[Problem] = field(default_factory=list[Problem])

    def wrong(self, name: str, detail: str, code: str = "parameter") -> None:
        self.problems.append(Problem(detail, parameter=shown(name), code=code))


@dataclass(frozen=True, slots=True)
class _Read:
    shape: Shape
    page: Page
    values: dict[str, Any]
    limit: int
    codec: CursorCodec


class Listing:
    """Reads the query strings of one resource."""

    def __init__(self, served: Served) -> None:
        self._served = served
        self._paging = served.resource.paging
        self._flexible = served.resource.flexible
        self.sorts = self._flexible and not self._paging.cursor_is_key
        library, entity = served.library, served.entity
        visible = [f for f in (entity.id, *entity.fields) if not f.secret and f.name not in served.hidden]
        self.fields = {served.naming(f.wire): f for f in visible}
        self.expandable = {served.naming(f.expand_as): f for f in entity.references() if f.target in library.read}
        self._readers: dict[str, ReadText] = {}
        self.named: dict[str, tuple[Field, FilterOperator, ReadText]] = {}
        for name, item in self.fields.items():
            if item.kind in _FILTERED:
                self._readers[item.name] = text_reader(filter_leaf(item, served.model))
                if served.resource.filters is None:
                    self.named[name] = (item, "eq", self._readers[item.name])
        self.also: dict[str, tuple[Field, ...]] = {}
        """Of a parameter that looks into several fields: all but the first."""
        for filter in served.resource.filters or ():
            item, *others = library.several(entity.entity, filter.field)
            if others:
                self.also[filter.name] = tuple(others)
            self.named[filter.name] = (item, filter.operator, text_reader(filter_leaf(item, served.model)))
        self.sortable = [name for name, item in self.fields.items() if item.kind in _FILTERED]
        self.keys = [*self.fields, *(wire for wire, _, _ in served.shape.parts)]
        self._total = self._paging.total is not None
        self._known: OrderedDict[bytes, _Read] = OrderedDict()
        self._codecs: dict[tuple[SortKey, ...], CursorCodec] = {}
        self._shapes: OrderedDict[Any, Shape] = OrderedDict()

    # --- what routes ask ----------------------------------------------------------------------------------------------

    def request(self, request: HttpRequest) -> tuple[Shape, ListRequest]:
        """The shape and the page that a request asks for. Raises `Malformed` with every problem of its query string."""
        known = self._known.get(request.query)
        if known is None:
            known = self._read(request.query)
            self._known[request.query] = known
            if len(self._known) > MOST_REMEMBERED:
                self._known.popitem(last=False)
        request.stages = known
        return known.shape, ListRequest(known.page, dict(known.values), known.limit, self._total)

    def representation(self, query: bytes) -> Shape:
        """The shape that a request for one row asks for: ``fields`` and ``expand`` only."""
        known = self._known.get(b"?" + query)
        if known is None:
            reading = _Reading()
            for name, text in self._pairs(query, reading).items():
                if not self._of_shape(name, text, reading):
                    reading.wrong(name, "is not a parameter here", "unknown")
            known = self._known[b"?" + query] = self._done(reading)
            if len(self._known) > MOST_REMEMBERED:
                self._known.popitem(last=False)
        return known.shape

    def next_cursor(self, request: HttpRequest, reply: Reply) -> bytes:
        """The position behind a page, as JSON."""
        known: _Read = request.stages
        keys: Sequence[Any] = reply.keys or []
        if self._paging.cursor_is_key:
            return msgspec.json.encode(keys[-1])
        fields = _key_fields(known.page.order, self._served.entity.id)
        dialect = self._served.library.dialect
        values = [
            bool(value) if item is None  # SQLite has no booleans
            else value if value is None or (load := loader(item, dialect)) is None else load(value)
            for item, value in zip(fields, keys, strict=True)
        ]  # fmt: skip
        return msgspec.json.encode(known.codec.encode([_plain(value) for value in values]))

    # --- reading ------------------------------------------------------------------------------------------------------

    def _read(self, query: bytes) -> _Read:
        reading = _Reading(limit=self._paging.default)
        for name, text in self._pairs(query, reading).items():
            if not (self._of_page(name, text, reading) or self._of_shape(name, text, reading)):
                self._of_filter(name, text, reading)
        if len(reading.conditions) > MOST_CONDITIONS:
            reading.wrong("", f"A list takes at most {MOST_CONDITIONS} conditions.")
        return self._done(reading)

    def _pairs(self, query: bytes, reading: _Reading) -> dict[str, str]:
        found: dict[str, str] = {}
        for name, text in parse_pairs(query, most=MOST_PARAMETERS):
            if name in found:
                reading.wrong(name, "must be given only once", "repeated")
            found[name] = text
        return found

    def _of_page(self, name: str, text: str, reading: _Reading) -> bool:
        paging = self._paging
        if name == paging.limit:
            reading.limit = self._whole(name, text, reading, 1, paging.most)
        elif name == paging.offset:
            reading.values["offset"] = self._whole(name, text, reading, 0, 2**53)
        elif name == paging.page:
            reading.values["page"] = self._whole(name, text, reading, 1, 2**40)
        elif name == paging.cursor:
            reading.cursor = text
        elif name == "sort" and self.sorts:
            self._sort(text, reading)
        else:
            return False
        return True

    def _of_shape(self, name: str, text: str, reading: _Reading) -> bool:
        if not self._flexible:
            return False
        if name == "fields":
            wanted = frozenset(part for part in text.split(",") if part)
            for unknown in sorted(wanted.difference(self.keys)):
                reading.wrong(name, f"{shown(unknown)} is not a field here{_meant(unknown, self.keys)}", "unknown")
            reading.fields = wanted.intersection(self.keys)
        elif name == "expand":
            wanted_names = [part for part in text.split(",") if part]
            for unknown in wanted_names:
                if unknown not in self.expandable:
                    reading.wrong(name, f"{shown(unknown)} cannot be expanded here{_meant(unknown, self.expandable)}", "unknown")
            reading.expand = tuple(self.expandable[n].name for n in wanted_names if n in self.expandable)
        else:
            return False
        return True

    def _of_filter(self, name: str, text: str, reading: _Reading) -> None:
        bare, bracket, operator = name.partition("[")
        named = self.named.get(name)
        if named is not None:
            item, sign, read = named
            self._condition(reading, name, item, sign, read, text)
        elif bracket and operator.endswith("]") and self._served.resource.filters is None and bare in self.named:
            self._bracketed(reading, name, self.named[bare][0], operator[:-1], text)
        else:
            known = [*self.named, *(n for n in (self._paging.limit, self._paging.offset, self._paging.cursor, self._paging.page) if n)]
            reading.wrong(name, f"is not a parameter here{_meant(name, known)}", "unknown")

    def _bracketed(self, reading: _Reading, name: str, item: Field, operator: str, text: str) -> None:
        read = self._readers[item.name]
        usable = operators(item)
        if operator not in usable:
            reading.wrong(name, f"has no such operator; use one of: {', '.join(usable)}", "operator")
        elif operator == "null":
            if text not in ("true", "false"):
                reading.wrong(name, "must be true or false", "type")
            reading.conditions.append(Condition(item, "null" if text == "true" else "notnull"))
        elif operator == "in":
            self._condition(reading, name, item, "in", lambda texts: _several(texts, read), text)
        else:
            self._condition(reading, name, item, cast(FilterOperator, operator), read, text)

    def _condition(self, reading: _Reading, name: str, item: Field, operator: FilterOperator, read: ReadText, text: str) -> None:
        try:
            reading.values[f"c{len(reading.conditions)}"] = read(text)
        except Wrong as wrong:
            reading.wrong(name, wrong.detail, wrong.code)
        reading.conditions.append(Condition(item, operator, self.also.get(name, ())))

    def _sort(self, text: str, reading: _Reading) -> None:
        keys: list[SortKey] = []
        parts = text.split(",", MOST_SORT_KEYS)
        if len(parts) > MOST_SORT_KEYS:
            reading.wrong("sort", f"must name at most {MOST_SORT_KEYS} fields", "sort")
        for part in parts[:MOST_SORT_KEYS]:
            name = part.removeprefix("-")
            item = self.fields.get(name)
            if item is None or item.kind not in _FILTERED:
                reading.wrong("sort", f'"{shown(name)}" is not a field to sort by{_meant(name, self.fields)}', "unknown")
            elif any(key.field is item for key in keys):
                reading.wrong("sort", f'"{name}" stands there twice', "repeated")
            else:
                keys.append(SortKey(item, part.startswith("-")))
        reading.order = tuple(keys)

    def _whole(self, name: str, text: str, reading: _Reading, least: int, most: int) -> int:
        if text.isascii() and text.isdigit() and len(text) < 19 and least <= int(text) <= most:
            return int(text)
        reading.wrong(name, f"must be a whole number from {least} to {most}", "bound")
        return least

    def _done(self, reading: _Reading) -> _Read:
        codec = self._codec(reading.order)
        values = reading.values
        after = reading.cursor is not None
        if reading.cursor is not None:
            self._position(reading, codec)
        if "page" in values:
            values["offset"] = (values.pop("page") - 1) * reading.limit
        if reading.problems:
            raise Malformed(problems=tuple(reading.problems[:50]))
        shape = self._shape(reading.fields, frozenset(reading.expand))
        page = Page(conditions=tuple(reading.conditions), order=reading.order, after=after, offset="offset" in values)
        return _Read(shape, page, values, reading.limit, codec)

    def _shape(self, fields: frozenset[str] | None, expand: frozenset[str]) -> Shape:
        """One object for one set of keys, so that what is compiled for a shape is compiled once."""
        served = self._served
        if fields is None and not expand:
            return served.shape
        shape = self._shapes.get((fields, expand))
        if shape is None:
            always = [f.name for _, f, _ in served.shape.expanded]
            shape = self._shapes[fields, expand] = build_shape(
                served.model, served.resource.entity, keys=fields, expand=(*always, *expand), parts=served.resource.parts,
                naming=served.naming, leave_out=served.hidden,
            )  # fmt: skip
            if len(self._shapes) > MOST_SHAPES:
                self._shapes.popitem(last=False)
        return shape

    def _position(self, reading: _Reading, codec: CursorCodec) -> None:
        name = self._paging.cursor or "cursor"
        if "offset" in reading.values or "page" in reading.values:
            reading.wrong(name, "cannot be used together with an offset", "conflict")
        try:
            if self._paging.cursor_is_key:
                reading.values["k0"] = self._readers["id"](reading.cursor or "")
            else:
                for n, value in enumerate(codec.decode(reading.cursor or "")):
                    reading.values[f"k{n}"] = value
        except Wrong as wrong:
            reading.wrong(name, wrong.detail, wrong.code)
        except Malformed as refused:
            reading.problems += refused.problems

    def _codec(self, order: tuple[SortKey, ...]) -> CursorCodec:
        codec = self._codecs.get(order)
        if codec is None:
            types = [bool if item is None else _plain_type(item) for item in _key_fields(order, self._served.entity.id)]
            context = f"{self._served.path}:" + ",".join(f"{'-' if key.descending else ''}{key.field.name}" for key in order)
            codec = CursorCodec(self._served.secret, context, types)
            if len(self._codecs) < 200:
                self._codecs[order] = codec
        return codec


def _several(texts: str, read: ReadText) -> list[Any]:
    parts = texts.split(",", MOST_VALUES)
    if len(parts) > MOST_VALUES:
        raise Wrong(f"must list at most {MOST_VALUES} values", "max-length")
    return [read(part) for part in parts]


def filter_leaf(item: Field, model: Model) -> Leaf:
    """What a filter compares with: any value of the type; only digits and scale still bind."""
    item = element_of(item) if item.kind is Kind.LIST else item
    shape = field_shape(replace(item, optional=False), model)
    assert isinstance(shape, Leaf)
    limits = Limits(digits=item.limits.digits, scale=item.limits.scale, max_length=MOST_LENGTH if shape.kind is Kind.TEXT else None)
    return replace(shape, limits=limits)


def operators(item: Field) -> tuple[str, ...]:
    """The comparisons that a field can be asked for."""
    ordered = ("lt", "lte", "gt", "gte") if item.kind in _ORDERED else ()
    textual = ("contains", "prefix") if item.kind is Kind.TEXT else ()
    return ("eq", "ne", *ordered, "in", *textual, *(("null",) if item.optional else ()))


def _key_fields(order: Iterable[SortKey], id: Field) -> list[Field | None]:
    """The fields behind a page's sort keys, as `Statements.page` selects them; None for the null flag of a nullable key."""
    found: list[Field | None] = []
    names: list[str] = []
    for key in order:
        found += [None, key.field] if key.field.optional else [key.field]
        names.append(key.field.name)
    return found if "id" in names else [*found, id]


def _plain_type(item: Field) -> Any:
    return Any if item.kind is Kind.ENUM else item.type


def _plain(value: Any) -> Any:
    return getattr(value, "value", value)


def _meant(name: str, known: Iterable[str]) -> str:
    guess = nearest(name, list(known))
    return f'; did you mean "{guess}"?' if guess is not None else ""
