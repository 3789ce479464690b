"""The REST contract as data: paths, names, envelopes, codes and pages. The default contract is made of the same values. Pure.

A design is a promise to clients: whatever it fixes is written here and compiled at start; no request asks which contract is served.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from backwright.domain.entity import Entity
from backwright.domain.naming import camel
from backwright.domain.refusals import Refusal

ResourceVerb = Literal["read", "list", "create", "update", "replace", "delete"]
Case = Literal["snake", "camel"]
Pick = Callable[[Any], object]

ALL_VERBS: tuple[ResourceVerb, ...] = ("list", "create", "read", "update", "replace", "delete")
STATUSES: Mapping[ResourceVerb, int] = {"list": 200, "create": 201, "read": 200, "update": 200, "replace": 200, "delete": 204}


def named(case: Case) -> Callable[[str], str]:
    """The function from the kit's snake-case names to those of the wire."""
    return camel if case == "camel" else str


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """How a list is cut into pages, and what the page looks like. A name that is None is not offered."""

    limit: str | None = "limit"
    default: int = 20
    most: int = 100
    cursor: str | None = "cursor"
    cursor_is_key: bool = False
    """The cursor is the last row's plain id (``after=120``) instead of an opaque token; the order is then by id only."""
    offset: str | None = "offset"
    page: str | None = None
    """A page number that counts from 1, instead of an offset."""
    items: str | None = "items"
    """The key of the array; None: the answer is the bare array."""
    next: str | None = "next"
    total: str | None = None
    """The key of the number of all rows; None: it is not counted."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A query parameter that a contract names by itself: ``Filter("startDate", lambda event: event.date, "gte")``.

    Of a list it asks for one item that satisfies every such filter of the request. Of several fields of one kind it asks for one that
    compares: ``Filter("q", lambda event: (event.title, event.place), "contains")``.
    """

    name: str
    field: Pick
    operator: Literal["eq", "ne", "lt", "lte", "gt", "gte", "contains", "prefix"] = "eq"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One entity at one path. See `resource`."""

    entity: type[Entity]
    path: str
    verbs: tuple[ResourceVerb, ...] = ALL_VERBS
    key: Pick | None = None
    one: str | None = None
    many: str | None = None
    expand: tuple[Pick, ...] = ()
    hide: tuple[Pick, ...] = ()
    paging: Paging = Paging()
    filters: tuple[Filter, ...] | None = None
    statuses: Mapping[ResourceVerb, int] = field(default_factory=dict[ResourceVerb, int])
    parts: bool = True
    writable_parts: bool = False
    flexible: bool = True
    batch: int = 1_000
    echo: bool = False


def resource(
    entity: type[Entity],
    path: str,
    *,
    verbs: Sequence[ResourceVerb] = ALL_VERBS,
    key: Pick | None = None,
    one: str | None = None,
    many: str | None = None,
    expand: Sequence[Pick] = (),
    hide: Sequence[Pick] = (),
    paging: Paging = Paging(),
    filters: Sequence[Filter] | None = None,
    statuses: Mapping[ResourceVerb, int] | None = None,
    parts: bool = True,
    writable_parts: bool = False,
    flexible: bool = True,
    batch: int = 1_000,
    echo: bool = False,
) -> Resource:
    """Serve an entity at a path, e.g. ``resource(Article, "/articles", key=lambda a: a.slug, one="article", many="articles")``.

    ``verbs`` narrows what the access table allows; ``key`` is the unique field in the path instead of the id; ``one`` and ``many``
    are the envelopes' keys; ``expand`` always embeds references; ``hide`` leaves fields out; ``filters`` replaces the derived ones.
    ``flexible`` lets clients say ``sort``, ``fields`` and ``expand``; ``batch`` is how many rows one POST of an array may create, all or
    nothing (0: none; there are no batches where ``one`` names an envelope). With ``echo`` clients may send back the whole of what they
    were shown: what only the server sets is read-only then, and not used, but for an id that is not the path's, which is refused.
    """
    return Resource(
        entity=entity, path=path, verbs=tuple(verbs), key=key, one=one, many=many, expand=tuple(expand), hide=tuple(hide), paging=paging,
        filters=None if filters is None else tuple(filters), statuses=dict(statuses or {}), parts=parts, writable_parts=writable_parts,
        flexible=flexible, batch=batch, echo=echo,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One function at one method and path. See `route`."""

    method: str
    path: str
    function: Callable[..., Any]
    status: int = 200
    takes: str | None = None
    gives: str | None = None
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    media: str = "application/json"


def route(
    line: str,
    function: Callable[..., Any],
    *,
    status: int | None = None,
    takes: str | None = None,
    gives: str | None = None,
    names: Mapping[str, str] | None = None,
    media: str = "application/json",
) -> Route:
    """Serve a function: ``route("POST /articles/{slug}/favorite", favourite, gives="article")``.

    Parameters named in the path are taken from it; the others from the query (GET, HEAD, DELETE) or the body. ``takes`` and ``gives``
    are the envelopes' keys; ``names`` renames parameters on the wire; ``media`` is the body's content type (a kind of JSON,
    ``application/x-www-form-urlencoded``, ``multipart/form-data``, or any type taken raw). The status is 200, or 204 for a function
    that returns nothing, unless given.
    """
    method, _, path = line.partition(" ")
    return Route(
        method=method.upper(), path=path, function=function, status=status or 0, takes=takes, gives=gives, names=dict(names or {}),
        media=media,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """The REST door. Without arguments it serves the default contract: plural resources under ``/v1/``, RFC 9457 problems, keyset pages.

    ``resources`` and ``routes`` replace the default ones when given; ``errors`` is the shape of error bodies; ``authorization`` the word in
    front of the token; ``cors`` the origins that browsers may call from; ``static`` folders to serve by path prefix.
    """

    prefix: str = "/v1"
    case: Case = "snake"
    resources: tuple[Resource, ...] | list[Resource] | None = None
    routes: tuple[Route, ...] | list[Route] | None = None
    errors: Any = None
    error_statuses: Mapping[type[Refusal], int] = field(default_factory=dict[type[Refusal], int])
    """Codes that a contract gives to refusals in place of the kit's: ``{AlreadyExists: 422}``. Subclasses follow."""
    authorization: str = "Bearer"
    accounts: bool = True
    """Whether the sign-up, sign-in, refresh, sign-out and me routes of the default contract are served."""
    cors: Any = None
    static: Mapping[str, str] = field(default_factory=dict[str, str])
    """URL prefix → folder, relative to the app's own: ``{"/assets": "public"}``."""
    templates: str = "templates"
    """The folder of the templates that `Html` answers name, relative to the app's own."""
    docs: str | None = "/docs"
    """The path of the documentation; ``openapi.json`` lies beside it. None: neither is served."""
    title: str | None = None
    version: str = "1.0.0"
    require_versions: bool = False
    """Whether a change must say which version it changes (428 otherwise)."""
