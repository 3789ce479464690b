"""The error answers of an API as its documentation shows them: made by the contract's own error shape from sample refusals."""

import json
import typing
from collections.abc import Callable, Iterable
from types import CodeType, FunctionType
from typing import Any, cast

from backwright.api.http.problems import ErrorShape, Fault
from backwright.api.rest.documented import Documented
from backwright.domain import refusals
from backwright.domain.model import Model
from backwright.domain.refusals import Problem, Refusal
from backwright.operations.examples import NoExample, example
from backwright.operations.schemas import Schemas
from backwright.operations.shapes import Unreadable, shape_of

Sample = Refusal | Fault
INSTANCE = "8f3a1c5e7d2b4a60-1"
_SAMPLES: dict[type[Refusal], dict[str, Any]] = {
    refusals.Malformed: {"problems": (Problem("The body is not JSON: unexpected character at byte 12.", pointer="", code="not-json"),)},
    refusals.Invalid: {
        "problems": (
            Problem("is required", pointer="/name", code="required"),
            Problem("must be at least 0", pointer="/stock", code="minimum"),
        )
    },
    refusals.AlreadyExists: {"fields": ("name",)},
    refusals.TooLarge: {"limit": 1_048_576},
    refusals.UnsupportedMedia: {"accepts": ("application/json",)},
    refusals.TooManyRequests: {"retry_after": 36},
    refusals.MethodNotAllowed: {"allow": ("GET", "HEAD", "OPTIONS")},
}


def sample(kind: type[Refusal], model: Model) -> Refusal:
    """A refusal of this class with made-up details."""
    if kind in _SAMPLES:
        return kind(**_SAMPLES[kind])
    details: dict[str, Any] = {}
    hints = typing.get_type_hints(kind)
    for name in kind.detail_types():
        if hasattr(kind, name):
            continue
        try:
            details[name] = example(shape_of(hints[name], model))
        except (Unreadable, NoExample, IndexError):
            details[name] = "..."
    return kind(**details)


def raised(function: Callable[..., Any]) -> list[type[Refusal]]:
    """The refusals that a function names in its code, or that the functions of its module do which it names."""
    found: dict[type[Refusal], None] = {}
    seen: set[CodeType] = set()

    def look(code: CodeType, known: dict[str, Any], module: str) -> None:
        if code in seen:
            return
        seen.add(code)
        for name in code.co_names:
            item = known.get(name)
            if isinstance(item, type) and issubclass(item, Refusal):
                found[item] = None
            elif isinstance(item, FunctionType) and item.__module__ == module:
                look(item.__code__, item.__globals__, module)
        for inner in code.co_consts:
            if isinstance(inner, CodeType):
                look(inner, known, module)

    look(function.__code__, function.__globals__, function.__module__)
    return list(found)


def possible(route: Documented, *, signing: bool) -> list[type[Refusal] | type[Fault]]:
    """How a route may be refused, by what it takes and changes."""
    rule, found = route.operation.rule, list[type[Refusal] | type[Fault]]([refusals.Malformed])
    if signing or rule.needs_caller:
        found.append(refusals.Unauthenticated)
    if rule.lowered is not None or rule.caller_type is not None:
        found.append(refusals.Forbidden)
    if route.reads_row or route.path_members:
        found.append(refusals.NotFound)
    if route.references:
        found += [refusals.AlreadyExists]
    if route.method == "DELETE":
        found += [refusals.StillReferenced]
    if route.keyed:
        found += [refusals.KeyReused]
    if route.changes and route.versioned:
        found += [refusals.VersionConflict, *([refusals.VersionRequired] if route.version_required else [])]
    if route.takes is not None:
        found += [refusals.TooLarge, refusals.UnsupportedMedia, refusals.Invalid]
    function = route.operation.function
    found += [kind for kind in (raised(function) if function is not None else ()) if kind not in found]
    return [*found, refusals.TooManyRequests, Fault, refusals.Unavailable]


class ErrorBook:
    """The error answers of one contract, made once and referred to."""

    def __init__(self, shape: ErrorShape, model: Model, schemas: Schemas, status: Callable[[type[Refusal]], int]) -> None:
        self._shape = shape
        self._status = status
        self._schemas = schemas
        self._model = model
        self.schema: dict[str, Any] = getattr(shape, "schema", None) or {}
        self.responses: dict[str, Any] = {}

    def answers(self, kinds: Iterable[type[Refusal] | type[Fault]]) -> dict[str, Any]:
        """The responses by status, one example for each kind of refusal."""
        by_status: dict[int, list[type[Refusal] | type[Fault]]] = {}
        for kind in kinds:
            by_status.setdefault(kind().status if issubclass(kind, Fault) else self._status(kind), []).append(kind)
        return {
            str(status): {"$ref": f"#/components/responses/{self._named(status, group)}"} for status, group in sorted(by_status.items())
        }

    def _named(self, status: int, kinds: list[type[Refusal] | type[Fault]]) -> str:
        name = "Or".join(kind.__name__ for kind in kinds)
        if name not in self.responses:
            self.responses[name] = self._response(status, kinds)
        return name

    def _response(self, status: int, kinds: list[type[Refusal] | type[Fault]]) -> dict[str, Any]:
        shown: dict[str, Any] = {}
        media = "application/json"
        told: list[tuple[bytes, bytes]] = []
        for kind in kinds:
            one: Sample = Fault() if issubclass(kind, Fault) else sample(kind, self._model)
            if isinstance(one, Refusal):
                one.status = status  # type: ignore[misc]  # what this contract calls it
            headers, body = self._shape(one, INSTANCE)
            told += headers
            media = next((v.decode() for n, v in headers if n == b"content-type"), media)
            summary = "Something went wrong on our side." if isinstance(one, Fault) else one.message()
            value: Any = json.loads(body) if "json" in media else body.decode()
            shown["internal-error" if isinstance(one, Fault) else one.code()] = {"summary": summary, "value": value}
        if not self.schema:
            self.schema = inferred(next(iter(shown.values()))["value"])
        names = {n.decode() for n, _ in told} - {"content-type"}
        return {
            "description": " Or: ".join(one["summary"] for one in shown.values()),
            "headers": {pretty(name): {"$ref": f"#/components/headers/{pretty(name)}"} for name in sorted(names)}
            | LIMITS_OF[status in (429,)],
            "content": {media: {"schema": self._with_details(kinds, [one["value"] for one in shown.values()]), "examples": shown}},
        }

    def _with_details(self, kinds: list[type[Refusal] | type[Fault]], values: list[Any]) -> dict[str, Any]:
        """The common schema, and beside it what only these refusals tell."""
        common: dict[str, Any] = {"$ref": "#/components/schemas/Error"}
        known = self.schema.get("properties", {})
        more: dict[str, Any] = {}
        for kind, value in zip(kinds, values, strict=True):
            for name in sorted(cast("dict[str, Any]", value).keys() - known.keys()) if isinstance(value, dict) else ():
                more[name] = _detail(kind, name, self._model, self._schemas) or inferred(value[name])
        return {"allOf": [common], "type": "object", "properties": more} if more and known else common


def _detail(kind: type[Refusal] | type[Fault], name: str, model: Model, schemas: Schemas) -> dict[str, Any] | None:
    if issubclass(kind, Fault) or name not in kind.detail_types():
        return None
    try:
        return schemas.of(shape_of(typing.get_type_hints(kind, include_extras=True)[name], model), "out")
    except Unreadable:
        return None


LIMITS = ("RateLimit-Policy", "RateLimit", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
LIMITS_OF = {
    True: {name: {"$ref": f"#/components/headers/{name}"} for name in (*LIMITS, "X-Request-Id")},
    False: {"X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"}},
}


def pretty(name: str) -> str:
    """A header's name as people write it."""
    return {"www-authenticate": "WWW-Authenticate", "etag": "ETag"}.get(name) or "-".join(part.capitalize() for part in name.split("-"))


def inferred(value: Any) -> dict[str, Any]:
    """The schema of a value whose shape nobody declared: types only, nothing required."""
    match value:
        case dict():
            return {"type": "object", "properties": {key: inferred(inner) for key, inner in cast("dict[str, Any]", value).items()}}
        case list():
            return {"type": "array"} | ({"items": inferred(value[0])} if value else {})
        case bool():
            return {"type": "boolean"}
        case int():
            return {"type": "integer"}
        case float():
            return {"type": "number"}
        case None:
            return {}
        case _:
            return {"type": "string"}
