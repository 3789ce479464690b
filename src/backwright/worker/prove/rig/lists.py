"""Walking a list page by page, by whichever way its contract offers, as a client would."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from backwright.domain.model import Field, Kind
from backwright.testing.answer import Answer
from backwright.worker.prove.rig.people import Person
from backwright.worker.prove.rig.rig import Rig
from backwright.worker.prove.rig.served import Served

Way = Literal["cursor", "offset", "page", "once"]
_SORTED = {
    Kind.INT, Kind.FLOAT, Kind.DECIMAL, Kind.DATE, Kind.TIME, Kind.DATETIME, Kind.DURATION, Kind.TEXT, Kind.UUID, Kind.BOOL, Kind.ENUM,
    Kind.REFERENCE,
}  # fmt: skip


@dataclass(slots=True)
class Walk:
    """What a walk saw: the items in order, the total that each page told, and the answer that ended it if that was no page."""

    items: list[Any] = field(default_factory=list[Any])
    totals: list[int] = field(default_factory=list[int])
    pages: int = 0
    refused: Answer | None = None


def ways(one: Served) -> list[Way]:
    """How a list can be walked."""
    assert one.routes is not None
    paging = one.routes.resource.paging
    named = one.routes.resource.many or paging.items
    found: list[Way] = []
    if paging.limit and paging.cursor and paging.next and named:
        found.append("cursor")
    if paging.limit and paging.offset:
        found.append("offset")
    if paging.limit and paging.page:
        found.append("page")
    return found or ["once"]


async def walk(
    rig: Rig,
    one: Served,
    who: Person,
    way: Way,
    *,
    query: Mapping[str, str] = {},
    limit: int = 3,
    most: int = 400,
) -> Walk:
    """Every page of a list, `limit` items each, at most `most` pages."""
    assert one.routes is not None
    paging, seen = one.routes.resource.paging, Walk()
    limit = min(limit, paging.most)
    asked = dict(query) | ({} if way == "once" or paging.limit is None else {paging.limit: str(limit)})
    for n in range(most):
        if way == "offset" and n:
            asked[paging.offset or ""] = str(len(seen.items))
        elif way == "page":
            asked[paging.page or ""] = str(n + 1)
        answer = await rig.ask("GET", one.path, who=who, query=asked)
        if answer.status != one.status:
            seen.refused = answer
            return seen
        page: Any = answer.json()
        key = one.routes.resource.many or paging.items
        items = page if key is None else page[key]
        seen.items += items
        seen.pages += 1
        if paging.total is not None and key is not None:
            seen.totals.append(page[paging.total])
        following = page.get(paging.next) if key is not None and paging.next else None
        if (way == "cursor" and following is None) or (way != "cursor" and len(items) < limit) or way == "once":
            return seen
        if way == "cursor":
            asked[paging.cursor or ""] = str(following)
    return seen


@dataclass(frozen=True, slots=True)
class Identity:
    """How the items of a list are told apart: a field that the contract shows and that no two rows share."""

    wire: str
    field: Field

    def of(self, item: Any) -> str:
        """The item's identity as text."""
        return str(item[self.wire])


def identity(one: Served) -> Identity | None:
    """The id if the contract shows it, else the key in the path, else another unique field; None if it shows none."""
    assert one.routes is not None
    model, naming = one.routes.entity, one.routes.served.naming
    shown = {f.name for f in visible(one)}
    for candidate in (model.id, one.routes.key, *(f for f in model.fields if f.unique)):
        if candidate.name in shown:
            return Identity(naming(candidate.wire), candidate)
    return None


def visible(one: Served) -> list[Field]:
    """The fields that the contract shows, the id first."""
    assert one.routes is not None
    model, hidden = one.routes.entity, one.routes.hidden
    return [f for f in (model.id, *model.fields) if not f.secret and f.name not in hidden]


def offered(one: Served) -> set[str]:
    """The names of the query parameters that the list takes, as they are documented."""
    return {word.name for word in one.documented.query_words}


def sortable(one: Served) -> list[Field]:
    """The fields that a list can be ordered by."""
    return [f for f in visible(one) if f.kind in _SORTED] if "sort" in offered(one) else []


def filterable(one: Served) -> list[tuple[str, Field]]:
    """The query parameters that ask for one value of a field."""
    assert one.routes is not None
    named = one.routes.resource.filters
    if named is None:
        return [(one.routes.served.naming(f.wire), f) for f in visible(one) if f.kind in _SORTED]
    library = one.routes.served.library
    return [(f.name, library.field(one.routes.resource.entity, f.field)) for f in named if f.operator == "eq"]
