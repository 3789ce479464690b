"""Recognises what wraps a body: ``{"user": {…}}``, ``{"articles": […], "articlesCount": 2}``, a bare array. Pure."""

from dataclasses import dataclass

from backwright.worker.design import Body, Design, Media, Operation, Property, Response, Schema
from backwright.worker.infer import names

_ROWS = ("items", "data", "results")


@dataclass(frozen=True, slots=True)
class Wrapped:
    """What is inside a body, and the keys around it."""

    schema: Schema
    """The object or value inside; the item's, for a list."""
    many: bool = False
    envelope: str = ""
    total: str = ""
    next: str = ""
    extra: tuple[Property, ...] = ()
    """Other keys beside a list: page numbers and the like."""


def unwrapped(design: Design, schema: Schema) -> Wrapped:
    """Look through an array or an envelope."""
    whole = design.whole(schema)
    if "array" in whole.types and whole.items is not None:
        return Wrapped(whole.items, many=True)
    if not is_object(whole):
        return Wrapped(schema)
    return _single(design, whole) or _listing(design, whole) or Wrapped(schema)


def is_object(whole: Schema) -> bool:
    """An object with named properties."""
    return bool(whole.properties) and whole.types in ((), ("object",))


def _single(design: Design, whole: Schema) -> Wrapped | None:
    if len(whole.properties) != 1:
        return None
    (only,) = whole.properties
    inner = design.whole(only.schema)
    return Wrapped(only.schema, envelope=only.name) if is_object(inner) else None


def _listing(design: Design, whole: Schema) -> Wrapped | None:
    lists = [p for p in whole.properties if "array" in design.whole(p.schema).types]
    rest = [p for p in whole.properties if p not in lists]
    if len(lists) != 1 or not all(_about_pages(p.name) for p in rest):
        return None
    items = design.whole(lists[0].schema).items
    if items is None or (
        not rest and lists[0].name not in _ROWS and not is_object(design.whole(items)) and len(whole.properties) > 1
    ):
        return None
    total = next((p.name for p in rest if names.TOTALS.fullmatch(names.norm(p.name))), "")
    following = next((p.name for p in rest if names.NEXTS.fullmatch(names.norm(p.name))), "")
    extra = tuple(p for p in rest if p.name not in (total, following))
    return Wrapped(items, many=True, envelope=lists[0].name, total=total, next=following, extra=extra)


def _about_pages(name: str) -> bool:
    word = names.norm(name)
    return any(form.fullmatch(word) is not None for form in (names.TOTALS, names.NEXTS, names.PAGING))


def json_media(media: tuple[Media, ...]) -> Media | None:
    """The JSON form of a body, or its first form."""
    return next((m for m in media if "json" in m.type), media[0] if media else None)


def request(design: Design, operation: Operation) -> Wrapped | None:
    """What an operation's request carries. A request does not come in pages: a list in it is a member like any other."""
    body: Body | None = operation.body
    media = json_media(body.media) if body is not None else None
    if media is None or media.schema is None:
        return None
    found = unwrapped(design, media.schema)
    return found if not found.many or found.envelope in ("", *_ROWS) else Wrapped(media.schema)


def answer(design: Design, operation: Operation) -> Wrapped | None:
    """What an operation answers when it succeeds."""
    response: Response | None = operation.success
    media = json_media(response.media) if response is not None else None
    return unwrapped(design, media.schema) if media is not None and media.schema is not None else None


def properties(design: Design, wrapped: Wrapped | None) -> dict[str, Property]:
    """The properties of what is inside, by name."""
    return {p.name: p for p in design.whole(wrapped.schema).properties} if wrapped is not None else {}
