"""What the parameters of a list mean: pages, order, filters. Pure."""

import dataclasses
import re
from dataclasses import dataclass, replace
from typing import Literal

from backwright.domain.model import Kind
from backwright.worker.blueprint import EntityPlan, FieldPlan, FilterPlan, PagePlan, SortPlan
from backwright.worker.design import ABSENT, Design, Parameter
from backwright.worker.infer import names
from backwright.worker.infer.kinds import Kinds
from backwright.worker.infer.notes import Notes

Operator = Literal["eq", "ne", "lt", "lte", "gt", "gte", "contains", "prefix", "has"]
_BRACKETS: dict[str, Operator] = {
    "gte": "gte", "ge": "gte", "min": "gte", "from": "gte", "lte": "lte", "le": "lte", "max": "lte", "to": "lte",
    "gt": "gt", "after": "gt", "lt": "lt", "before": "lt", "ne": "ne", "contains": "contains", "like": "contains", "prefix": "prefix",
    "eq": "eq",
}  # fmt: skip
_BEFORE = re.compile(r"(min|max|from|to|start|end|since|until|after|before)_(.+)")
_AFTER = re.compile(r"(.+)_(gte|lte|gt|lt|ge|le|min|max|from|to|after|before|contains|like|ne|since|until|start|end)")
_SIDES: dict[str, Operator] = {**_BRACKETS, "start": "gte", "since": "gte", "end": "lte", "until": "lte"}
_ORDERED = (Kind.INT, Kind.FLOAT, Kind.DECIMAL, Kind.DATE, Kind.TIME, Kind.DATETIME, Kind.TEXT)


_COMPARABLE = {(Kind.INT, Kind.FLOAT), (Kind.INT, Kind.DECIMAL), (Kind.FLOAT, Kind.DECIMAL), (Kind.DATE, Kind.DATETIME)}
"""A parameter's kind and a field's, where they differ and can be compared all the same."""


@dataclass(slots=True)
class Reading:
    """What was understood of a list's parameters, and what was not."""

    page: PagePlan
    sort: SortPlan | None = None
    filters: list[FilterPlan] = dataclasses.field(default_factory=lambda: [])
    rest: list[Parameter] = dataclasses.field(default_factory=lambda: [])
    needs: list[str] = dataclasses.field(default_factory=lambda: [])


def read(
    design: Design, kinds: Kinds, notes: Notes, plan: EntityPlan, plans: dict[str, EntityPlan], parameters: tuple[Parameter, ...]
) -> Reading:
    """Sort the query parameters of a list."""
    query = [p for p in parameters if p.location == "query"]
    found = Reading(pages(design, query))
    taken = {found.page.position, found.page.size, *found.page.also}
    turned, cursor = _turned(design, query), found.page.style == "cursor"
    for parameter in query:
        if parameter.name in taken:
            continue
        if parameter is turned:
            continue
        if names.norm(parameter.name) in names.SORTS:
            found.sort = _order(design, plan, parameter) if cursor else _sort(design, kinds, plan, parameter, turned)
            if odd := [value for value in _values(design, parameter) if not cursor and not _meant(plan, value)[0]]:
                found.rest.append(parameter)
                found.needs.append(
                    f"the order {odd[0]} of {parameter.name} is no field of {plan.name}, so a function must say what it means"
                )
        elif one := _filter(design, kinds, notes, plan, plans, parameter) or _search(design, notes, plan, parameter):
            found.filters.append(one)
        else:
            found.rest.append(parameter)
            found.needs.append(f"the parameter {parameter.name} is not a field of {plan.name}, so a function must say which rows it means")
    return found


def pages(design: Design, query: list[Parameter]) -> PagePlan:
    """How the list is cut."""
    known = {names.norm(p.name): p for p in reversed(query)}
    offset, page, cursor, size = (
        next((known[n] for n in words if n in known), None) for words in (names.OFFSETS, names.PAGES, names.CURSORS, names.SIZES)
    )
    position = cursor or page or offset
    style: Literal["none", "offset", "page", "cursor"] = (
        "cursor" if cursor is not None else "page" if page is not None else "offset" if offset is not None or size is not None else "none"
    )
    schema = design.whole(size.schema) if size is not None and size.schema is not None else None
    default = schema.default if schema is not None and isinstance(schema.default, int) else 20
    first = design.whole(page.schema) if page is not None and page.schema is not None else None
    starts = (
        (first.default if isinstance(first.default, int) and first.default in (0, 1) else 0 if first.minimum == 0 else 1)
        if first is not None
        else 1
    )
    most = schema.maximum if schema is not None else None
    return PagePlan(
        style, position.name if position is not None else "", size.name if size is not None else "", default,
        int(most) if most is not None else None, starts,
        tuple(p.name for p in (page, offset) if p is not None and p is not position),
    )  # fmt: skip


def _turned(design: Design, query: list[Parameter]) -> Parameter | None:
    """The parameter beside another that says which way to sort."""
    sorts = [p for p in query if names.norm(p.name) in names.SORTS]
    for parameter in query:
        whole = design.whole(parameter.schema) if parameter.schema is not None else None
        values = {str(v).lower() for v in (whole.enum if whole is not None else ())}
        both = values and values <= {"asc", "desc", "ascending", "descending"}
        if both and names.norm(parameter.name) in names.DIRECTIONS and any(p is not parameter for p in sorts):
            return parameter
    return None


def _sort(design: Design, kinds: Kinds, plan: EntityPlan, parameter: Parameter, turned: Parameter | None) -> SortPlan:
    found = _order(design, plan, parameter)
    listed = [(value, *_meant(plan, value)) for value in _values(design, parameter)]
    if not listed or not all(field for _, field, _ in listed) or parameter.schema is None:
        return found
    found = replace(found, values=tuple(listed), enum=kinds.of(parameter.schema, f"{plan.name}.{parameter.name}").enum)
    if turned is None or turned.schema is None:
        return found
    way = design.whole(turned.schema).default
    return replace(
        found, direction=turned.name, direction_enum=kinds.of(turned.schema, f"{plan.name}.{turned.name}").enum,
        direction_default=way if isinstance(way, str) else "",
    )  # fmt: skip


def _values(design: Design, parameter: Parameter) -> list[str]:
    return [str(v) for v in (design.whole(parameter.schema).enum if parameter.schema is not None else ())]


def _meant(plan: EntityPlan, value: str) -> tuple[str, bool]:
    """The field that a value of a sort parameter means, and whether it descends: ``-title``, ``price_desc``, ``title:asc``, ``newest``."""
    word = {"newest": "created_desc", "latest": "created_desc", "oldest": "created_asc"}.get(value.lower(), value)
    ending = re.fullmatch(r"[-+]?(.+?)[_:. ,-](asc|desc|ASC|DESC)", word)
    field = _named(plan, ending[1] if ending is not None else word.lstrip("-+"))
    down = word.startswith("-") or (ending is not None and ending[2].lower() == "desc")
    if field is None:
        return ("id", down) if names.norm(word.lstrip("-+")) in ("id", names.norm(plan.id_wire or "id")) else ("", down)
    return (field.name if field.kind in (*_ORDERED, Kind.ENUM, Kind.BOOL) else ""), down


def _search(design: Design, notes: Notes, plan: EntityPlan, parameter: Parameter) -> FilterPlan | None:
    """Free text: rows that hold it in one of the texts that the description names, or in any."""
    whole = design.plain(parameter.schema) if parameter.schema is not None else None
    if whole is None or whole.types != ("string",) or whole.enum or whole.format or names.norm(parameter.name) not in names.SEARCHES:
        return None
    texts = [f for f in plan.fields if f.kind is Kind.TEXT and f.wire and not f.secret and f.limits.format is None]
    said = f"{parameter.description} {whole.description}"
    named = [f for f in texts if re.search(rf"\b{re.escape(f.wire)}s?\b", said, re.IGNORECASE)]
    fields = [f.name for f in named or texts]
    if not fields:
        return None
    where = " or ".join(f.wire for f in named or texts)
    reason = "the description names them" if named else "nothing says in which, so in every text that answers show"
    decision = f"keeps rows that hold the text in {where}, as it is written"
    notes.add(f"{plan.name} list, parameter {parameter.name}", decision, reason, "likely" if named else "guess", parameter.place)
    return FilterPlan(parameter.name, fields[0], "contains", Kind.TEXT, "", parameter.place, tuple(fields[1:]))


def _order(design: Design, plan: EntityPlan, parameter: Parameter) -> SortPlan:
    whole = design.whole(parameter.schema) if parameter.schema is not None else None
    values = [str(v) for v in (whole.enum if whole is not None else ())]
    wires = {f.wire: f.name for f in plan.fields}
    fields = tuple(dict.fromkeys(wires.get(v.lstrip("-+"), names.norm(v)) for v in values))
    default = str(whole.default) if whole is not None and whole.default is not ABSENT else ""
    return SortPlan(parameter.name, fields, default)


def _filter(
    design: Design, kinds: Kinds, notes: Notes, plan: EntityPlan, plans: dict[str, EntityPlan], parameter: Parameter
) -> FilterPlan | None:
    name, operator = _sides(plan, parameter.name)
    about = f"{plan.name} list, parameter {parameter.name}"
    if (field := _named(plan, name)) is None:
        return None
    held = kinds.of(parameter.schema, f"{plan.name}.{field.wire}") if parameter.schema is not None else None
    if held is None:
        return None
    if field.kind is Kind.LIST and operator == "eq" and held.kind in (field.element, Kind.TEXT):
        notes.add(
            about,
            f"keeps rows whose {field.wire} holds the value",
            "the field is a list and the parameter a single value",
            "likely",
            parameter.place,
        )
        return FilterPlan(parameter.name, field.name, "has", held.kind, held.enum, parameter.place)
    if field.kind is Kind.LIST and held.kind is field.element and operator in ("lt", "lte", "gt", "gte"):
        reason = f"the field is a list, and the parameter's name says {operator}; several such parameters mean the same item"
        notes.add(about, f"keeps rows with an item of {field.wire} that is {operator} the value", reason, "likely", parameter.place)
        return FilterPlan(parameter.name, field.name, operator, held.kind, held.enum, parameter.place)
    if field.kind is Kind.REFERENCE:
        return _through(notes, plans, field, parameter, held.kind, about)
    if held.kind is not field.kind and (held.kind, field.kind) not in _COMPARABLE:
        return None
    if operator != "eq":
        notes.add(about, f"keeps rows whose {field.wire} is {operator} the value", "its name says so", "likely", parameter.place)
    return FilterPlan(parameter.name, field.name, operator, field.kind, field.enum, parameter.place)


def _sides(plan: EntityPlan, name: str) -> tuple[str, Operator]:
    """``price[gte]``, ``min_price``, ``created_after`` → the field's name and the comparison."""
    bracket = re.fullmatch(r"([^\[\]]+)\[(\w+)\]", name)
    if bracket is not None and bracket[2] in _BRACKETS:
        return bracket[1], _BRACKETS[bracket[2]]
    word = names.norm(name)
    if _named(plan, word) is not None:
        return word, "eq"
    before, after = _BEFORE.fullmatch(word), _AFTER.fullmatch(word)
    if before is not None and _ordered(plan, before[2]):
        return before[2], _SIDES[before[1]]
    if after is not None and _ordered(plan, after[1]):
        return after[1], _SIDES[after[2]]
    return word, "eq"


def _ordered(plan: EntityPlan, word: str) -> bool:
    field = _named(plan, word)
    return field is not None and (field.element if field.kind is Kind.LIST else field.kind) in _ORDERED


def _named(plan: EntityPlan, name: str) -> FieldPlan | None:
    word = names.norm(name)
    for field in plan.fields:
        if word in (names.norm(field.wire), field.name.rstrip("_")) or (field.kind is Kind.REFERENCE and word == f"{field.name}_id"):
            return None if field.secret else field
    for field in plan.fields:
        if field.kind is Kind.LIST and (names.singular(names.norm(field.wire)) == word or names.norm(field.wire) == f"{word}_list"):
            return field
        if field.stamp and word == field.stamp:
            return field
    return None


def _through(
    notes: Notes, plans: dict[str, EntityPlan], field: FieldPlan, parameter: Parameter, kind: Kind, about: str
) -> FilterPlan | None:
    target = plans.get(field.target)
    if target is None:
        return None
    if kind is Kind.UUID or (kind is Kind.INT and target.id_kind == "int"):
        return FilterPlan(parameter.name, field.name, "eq", Kind.REFERENCE, "", parameter.place)
    if kind is not Kind.TEXT:
        return None
    by = _key_of(target, parameter)
    if by == "id":
        return FilterPlan(parameter.name, field.name, "eq", Kind.REFERENCE, "", parameter.place)
    if by:
        notes.add(about, f"compares with {target.name}.{by}", "the parameter is text, and that field names one", "likely", parameter.place)
        return FilterPlan(parameter.name, f"{field.name}.{by}", "eq", kind, "", parameter.place)
    return None


def _key_of(target: EntityPlan, parameter: Parameter) -> str:
    """Which field of the other entity a text names: one that the description mentions, the one of its paths, or the only unique one."""
    unique = [f.name for f in target.fields if f.unique and f.kind is Kind.TEXT]
    mentioned = [name for name in unique if re.search(rf"\b{name}\b", parameter.description, re.IGNORECASE)]
    if mentioned:
        return mentioned[0]
    if target.key != "id" or (target.id_wire and names.norm(parameter.name).endswith("id")):
        return target.key
    return unique[0] if len(unique) == 1 and not target.id_wire else "id" if target.id_wire else ""
