"""The kit's own settings: what ``BACKWRIGHT_…`` variables say about serving, limits, signing in and observing."""

from enum import Enum
from pathlib import Path
from typing import Annotated, Literal

from backwright.domain.fields import Limits, Secret
from backwright.operations.address import Proxies
from backwright.operations.limits import DEFAULT_TIERS, Tier, tiers_from
from backwright.settings.secret_key import MAKE_ONE, derived, development_key, weakness
from backwright.settings.settings import Settings, SettingsError, Variable


class Environment(Enum):
    """Where the app runs. In production nothing is generated, guessed or shown that must not be."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class KitSettings(Settings, prefix="BACKWRIGHT_"):
    """What the kit takes from the environment. Sizes are in bytes, times in seconds."""

    environment: Annotated[Environment, Variable("BACKWRIGHT_ENV")] = Environment.DEVELOPMENT
    secret_key: Secret[str | None] = None
    """Signs access and refresh tokens, cursors and the like. Required in production."""
    old_secret_keys: Secret[tuple[str, ...]] = ()
    """Former keys: what they signed is accepted, nothing new is signed."""
    host: str = "127.0.0.1"
    port: Annotated[int, Limits(ge=0, le=65535)] = 8000
    workers: Annotated[int, Limits(ge=1, le=1024)] = 1
    trusted_proxies: tuple[str, ...] = ()
    """Addresses or CIDR ranges whose word about the client's address is taken."""
    forwarded_header: Literal["x-forwarded-for", "forwarded"] = "x-forwarded-for"
    """The header those proxies set. The other one is ignored: a client may have written it."""
    tiers: str = ""
    """Changes to the app's tiers: ``anonymous=100/h, premium=10000/h burst 50``."""
    body_size: Annotated[int, Limits(ge=1)] = 1024 * 1024
    deadline: Annotated[float, Limits(gt=0)] = 10.0
    """For a whole request, its statements included."""
    drain: Annotated[float, Limits(ge=0)] = 20.0
    """How long requests may still run after SIGTERM."""
    caller_freshness: Annotated[float, Limits(ge=0, le=60)] = 1.0
    """How old what is known about a signed-in account may be (see `identity.authenticate`)."""
    log_format: Literal["json", "human"] | None = None
    """By default ``json`` in production, ``human`` in development."""
    trace_ratio: Annotated[float, Limits(ge=0, le=1)] = 0.0
    """The part of the traces beginning here that is recorded."""
    trust_trace_parent: bool = False
    """Take over the caller's decision to record. Only where all callers are your own."""

    def __post_init__(self) -> None:
        problems = self._problems()
        if problems:
            raise SettingsError(problems)

    @property
    def production(self) -> bool:
        """Whether this is production."""
        return self.environment is Environment.PRODUCTION

    @property
    def human_logs(self) -> bool:
        """Whether log lines are for people."""
        return self.log_format == "human" or (self.log_format is None and not self.production)

    def keys(self, purpose: str, folder: Path) -> list[bytes]:
        """The keys of 32 bytes for one purpose, the signing one first.

        `folder` is the app's: in development without a key, one is made and kept in its ``data`` folder, beside the database.
        """
        current = self.secret_key or development_key(folder / "data")
        return [derived(key, purpose) for key in (current, *self.old_secret_keys)]

    def tiers_over(self, declared: tuple[Tier, ...] = DEFAULT_TIERS) -> tuple[Tier, ...]:
        """The app's tiers with the environment's changes."""
        return tiers_from(self.tiers, declared)

    def proxies(self) -> Proxies:
        """Who is believed about client addresses."""
        return Proxies(self.trusted_proxies, self.forwarded_header)

    def _problems(self) -> list[str]:
        problems: list[str] = []
        if self.production and not self.secret_key:
            problems.append(f"BACKWRIGHT_SECRET_KEY is not set, and production does not make one up. {MAKE_ONE}")
        if self.production:
            named = [("SECRET_KEY", self.secret_key), *(("OLD_SECRET_KEYS", key) for key in self.old_secret_keys)]
            problems += [f"BACKWRIGHT_{name} {why}. {MAKE_ONE}" for name, key in named if key and (why := weakness(key))]
        for variable, read in (("TIERS", self.tiers_over), ("TRUSTED_PROXIES", self.proxies)):
            try:
                read()
            except ValueError as error:
                problems.append(f"BACKWRIGHT_{variable}: {error}")
        return problems
