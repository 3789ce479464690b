"""Refusals: the caller's affair, typed and public. What is not a refusal is a fault: logged, and opaque outside.

    Refusal
    ├── Malformed            400  the request cannot be read
    ├── Unauthenticated      401  nobody is signed in, or the credentials are no good
    ├── Forbidden            403  you may see it, but not do this
    ├── NotFound             404  it is not there, or you may not see it
    ├── MethodNotAllowed     405
    ├── Conflict             409  the state of the data forbids it
    ├── VersionConflict      412  somebody changed it meanwhile
    ├── TooLarge             413
    ├── UnsupportedMedia     415
    ├── Invalid              422  read, but not acceptable: lists every problem
    ├── VersionRequired      428
    ├── TooManyRequests      429
    ├── NotImplementedYet    501  a business rule that nobody has written
    └── Unavailable          503  try again later

The first line of a refusal's docstring is its public message.
"""

import inspect
from typing import Any, ClassVar, dataclass_transform

import msgspec


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing wrong with an input: where (a JSON pointer, RFC 6901, or a parameter's name), and what."""

    detail: str
    pointer: str | None = None
    parameter: str | None = None
    code: str | None = None


@dataclass_transform(kw_only_default=True)
class Refusal(Exception):
    """The request was refused.

    Subclasses may annotate details; they become keyword arguments and are shown to the client: ``raise OutOfStock(book=id, left=3)``.
    """

    status: ClassVar[int] = 400
    headers: ClassVar[tuple[tuple[str, str], ...]] = ()

    def __init__(self, **details: Any) -> None:
        known = self.detail_types()
        missing = [name for name in known if name not in details and not hasattr(type(self), name)]
        unknown = [name for name in details if name not in known]
        if missing or unknown:
            raise TypeError(f"{type(self).__name__} takes {', '.join(known) or 'no details'}; got {', '.join(details) or 'none'}")
        super().__init__(self.message())
        for name, value in details.items():
            setattr(self, name, value)

    @classmethod
    def detail_types(cls) -> dict[str, Any]:
        """The annotated details, most basic class first."""
        found: dict[str, Any] = {}
        for base in reversed(cls.__mro__):
            if issubclass(base, Refusal):
                found.update({n: t for n, t in inspect.get_annotations(base).items() if "ClassVar" not in str(t)})
        return found

    @classmethod
    def code(cls) -> str:
        """A stable machine-readable word: the class name in kebab case."""
        return "".join("-" + c.lower() if c.isupper() else c for c in cls.__name__).strip("-")

    @classmethod
    def message(cls) -> str:
        """The public sentence: the first line of the docstring."""
        return (cls.__doc__ or cls.__name__).strip().splitlines()[0]

    def details(self) -> dict[str, Any]:
        """The details of this refusal by name."""
        return {name: getattr(self, name) for name in self.detail_types()}


class Malformed(Refusal):
    """The request cannot be read."""

    status = 400
    problems: tuple[Problem, ...] = ()


class Unauthenticated(Refusal):
    """Sign in first: there are no credentials, or they are not valid."""

    status = 401
    reason: str = "missing"


class Forbidden(Refusal):
    """You are not allowed to do this."""

    status = 403


class NotFound(Refusal):
    """There is no such thing here, or you may not see it."""

    status = 404


class MethodNotAllowed(Refusal):
    """This path does not answer to that method."""

    status = 405
    allow: tuple[str, ...] = ()


class Conflict(Refusal):
    """The state of the data forbids this."""

    status = 409


class AlreadyExists(Conflict):
    """Another row has the same value where values must be unique."""

    fields: tuple[str, ...] = ()


class StillReferenced(Conflict):
    """Other rows refer to this one."""


class KeyReused(Conflict):
    """This Idempotency-Key was used for another request, or that request is still running."""


class VersionConflict(Refusal):
    """Somebody changed it meanwhile: read it again and repeat your change."""

    status = 412


class TooLarge(Refusal):
    """The request is larger than this server accepts."""

    status = 413
    limit: int = 0


class UnsupportedMedia(Refusal):
    """This content type is not accepted here."""

    status = 415
    accepts: tuple[str, ...] = ()


class Invalid(Refusal):
    """The input is not acceptable."""

    status = 422
    problems: tuple[Problem, ...] = ()


class VersionRequired(Refusal):
    """Say which version you are changing: send If-Match."""

    status = 428


class TooManyRequests(Refusal):
    """You have used up your requests for now."""

    status = 429
    retry_after: int = 1


class NotImplementedYet(Refusal):
    """This operation's business rule has not been written yet."""

    status = 501
    rule: str = ""


class Unavailable(Refusal):
    """The server cannot take this now: try again later."""

    status = 503
    retry_after: int = 1
