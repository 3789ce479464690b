"""What the documentation says of one route: gathered where the route is compiled, so that the two cannot differ. Pure."""

from dataclasses import dataclass
from typing import Any

from backwright.operations.operation import Operation
from backwright.operations.results import Result
from backwright.operations.shapes import Member, Shape

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
PATCH = "application/merge-patch+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryWord:
    """One query parameter of a resource."""

    name: str
    doc: str
    schema: dict[str, Any] | None = None
    shape: Shape | None = None
    """Instead of a schema."""
    most: int | None = None
    """How many values a list may have."""
    example: Any = None
    joined: bool = False
    """An array in one text, its items separated by commas."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a body holds."""

    media: tuple[str, ...]
    shape: Shape | None = None
    """None: any bytes."""
    batch: int = 0
    """How many of them may come as an array."""
    uploads: tuple[tuple[str, bool, bool], ...] = ()
    """File parts of a form: wire name, whether several, whether required."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a success answers."""

    status: int
    shape: Shape | None = None
    """None: nothing, or what `result` says."""
    envelope: str | None = None
    page: "PageWords | None" = None
    batch_key: str | None = None
    """The key under which a batch answers its list; None: the bare list."""
    result: Result | None = None
    tagged: bool = False
    located: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PageWords:
    """The keys of a page."""

    items: str | None
    next: str | None
    next_is_key: bool
    total: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Documented:
    """One method and path."""

    method: str
    path: str
    operation: Operation
    tag: str
    path_members: tuple[Member, ...] = ()
    query_members: tuple[Member, ...] = ()
    query_words: tuple[QueryWord, ...] = ()
    takes: Taken | None = None
    gives: Given
    changes: bool = False
    """Whether it changes a row that is there: If-Match, 412."""
    versioned: bool = False
    version_required: bool = False
    keyed: bool = False
    """Whether it takes an Idempotency-Key."""
    reads_row: bool = False
    """Whether a row may be missing: 404."""
    references: bool = False
    """Whether the data may forbid it: 409."""
