"""Everything worth telling, as one closed list of values. Logs, metrics and traces are listeners; logic only emits. Pure.

No event carries a header, a body or an argument of a statement, so there is nothing secret to leak. Durations are seconds.
"""

import re
from typing import ClassVar, Literal, Protocol

import msgspec

Level = Literal["info", "warning", "error"]


def _tag(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


class _Event(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, tag_field="event", tag=_tag):
    """A msgspec Struct, since a frozen dataclass of this size takes 3 µs to make and a Struct 0.3."""

    level: ClassVar[Level] = "info"


class Stages(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Seconds spent in each stage of one request, in the order of the gate."""

    read: float = 0.0
    """Head and body, as far as the server waited for them."""
    authenticate: float = 0.0
    limit: float = 0.0
    decode: float = 0.0
    run: float = 0.0
    """Rules, statements and the operation itself, until the commit."""
    encode: float = 0.0


class RequestFinished(_Event, frozen=True):
    """One request was answered, through whichever door."""

    method: str
    operation: str
    """The operation's name, or the route's template; never the raw path, so that its values are few. ``-`` if nothing matched."""
    status: int
    seconds: float
    stages: Stages | None = None
    caller: str | None = None
    """The caller's pseudonym; None for anonymous."""
    request_id: str = ""
    trace_id: str = ""
    span_id: str = ""
    parent_span_id: str = ""
    """The span of whoever called; empty if the trace begins here."""
    sampled: bool = False
    """Whether this request's trace is recorded."""
    bytes_out: int = 0


class FaultRaised(_Event, frozen=True):
    """Our own failure: an exception that is no refusal. Outside it is an opaque "internal error"."""

    level: ClassVar[Level] = "error"
    error: str
    """The exception's class and message."""
    traceback: str = ""
    operation: str = "-"
    request_id: str = ""
    trace_id: str = ""


class StatementSlow(_Event, frozen=True):
    """A statement took longer than the limit set for slow statements. Only its text is kept, never its arguments."""

    level: ClassVar[Level] = "warning"
    sql: str
    seconds: float
    rows: int | None = None
    operation: str = ""
    request_id: str = ""


class SignedIn(_Event, frozen=True):
    """A sign-in succeeded."""

    caller: str
    factor: str = "password"
    request_id: str = ""


class SignedOut(_Event, frozen=True):
    """A session was ended by its owner."""

    caller: str
    request_id: str = ""


class SignInRefused(_Event, frozen=True):
    """A sign-in failed. `reason` says more than the client was told."""

    level: ClassVar[Level] = "warning"
    reason: Literal["unknown account", "wrong password", "no password", "too many attempts"]
    address: str = ""
    request_id: str = ""


class TokenReused(_Event, frozen=True):
    """A refresh token was used twice: it was stolen, or a client is broken. Its whole family was revoked."""

    level: ClassVar[Level] = "warning"
    caller: str
    family: str
    request_id: str = ""


class LimitReached(_Event, frozen=True):
    """A request was refused with 429."""

    tier: str
    """The tier's name, or ``address`` for the guard before authentication."""
    caller: str | None = None
    retry_after: int = 1
    operation: str = "-"
    request_id: str = ""


class ServerStarted(_Event, frozen=True):
    """A process began to serve."""

    address: str
    version: str = ""
    environment: str = ""
    database: str = ""
    """The dialect, never the URL."""
    worker: int = 0
    workers: int = 1
    seconds: float = 0.0
    """What starting took."""


class ServerStopping(_Event, frozen=True):
    """A process stopped accepting and lets running requests end."""

    reason: str
    in_flight: int = 0
    worker: int = 0


class MigrationRun(_Event, frozen=True):
    """One migration step was run."""

    revision: str
    direction: Literal["up", "down"]
    seconds: float


class DatabaseLost(_Event, frozen=True):
    """The database cannot be reached. Requests that need it answer 503."""

    level: ClassVar[Level] = "error"
    reason: str


class DatabaseBack(_Event, frozen=True):
    """The database answers again."""

    seconds: float
    """How long it was away."""


class SettingDoubtful(_Event, frozen=True):
    """A setting was accepted that should not stay, e.g. a secret key generated for development."""

    level: ClassVar[Level] = "warning"
    setting: str
    detail: str


Event = (
    RequestFinished | FaultRaised | StatementSlow | SignedIn | SignedOut | SignInRefused | TokenReused | LimitReached
    | ServerStarted | ServerStopping | MigrationRun | DatabaseLost | DatabaseBack | SettingDoubtful
)  # fmt: skip


class Observer(Protocol):
    """Takes every event. It must return quickly and must not raise."""

    def __call__(self, event: Event, /) -> None: ...


def ignore(event: Event, /) -> None:
    """An observer that is not interested."""
