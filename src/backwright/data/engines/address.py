"""Database URLs: read once, checked, and turned into an engine."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from backwright.data.engines.engine import Dialect, Engine, OnStatement

S = TypeVar("S")
_FORMS = "sqlite:///file.db, sqlite:////absolute/file.db, sqlite:///:memory:, postgresql://user:password@host:5432/database"
_POSTGRES = {
    "pool": int, "queue": int, "wait": float, "statement_timeout": float, "lock_timeout": float, "idle_timeout": float,
    "connect_timeout": float,
}  # fmt: skip
_SQLITE = {
    "journal_mode": str, "synchronous": str, "queue": int, "wait": float, "statement_timeout": float, "lock_timeout": float,
    "read_budget": float, "readers": int, "turn_seconds": float, "max_pages": int,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Address:
    """A database URL, taken apart. `target` is what the driver gets: a path for SQLite, a URL for PostgreSQL."""

    dialect: Dialect
    target: str = field(repr=False)
    options: dict[str, int | float | str]
    shown: str
    """The URL as it may be shown: without password and options."""


def address(url: str) -> Address:
    """The address a URL names. Raises ``ValueError`` with the forms there are.

    Times are in seconds. PostgreSQL: pool, queue, wait, statement_timeout, lock_timeout, idle_timeout, connect_timeout; other
    parameters (sslmode, application_name, ...) go to the driver. SQLite: journal_mode, synchronous, queue, wait,
    statement_timeout, lock_timeout, read_budget, readers, turn_seconds, max_pages.
    """
    parts = urlsplit(url)
    if parts.scheme in ("postgresql", "postgres"):
        options, rest = _options(parts.query, _POSTGRES, strict=False)
        host = parts.netloc.rpartition("@")[2]
        target = urlunsplit(("postgresql", parts.netloc, parts.path, urlencode(rest), ""))
        return Address("postgresql", target, options, f"postgresql://{host}{parts.path}")
    if parts.scheme == "sqlite" and not parts.netloc and len(parts.path) > 1:
        options, _ = _options(parts.query, _SQLITE, strict=True)
        path = unquote(parts.path[1:])
        return Address("sqlite", path, options, f"sqlite:///{path}")
    raise ValueError(f"a database URL of an unknown form (it begins with {parts.scheme or 'nothing'}:); the forms are {_FORMS}")


def engine_at(url: str, *, on_statement: OnStatement | None = None, slow: float = 0.1) -> Engine:
    """An engine, not yet open, for a database URL. `on_statement` hears of statements that took `slow` seconds or longer.

    Raises ``ValueError`` for a URL that cannot be read.
    """
    where = address(url)
    if where.dialect == "sqlite":
        from backwright.data.engines.sqlite import SqliteEngine
        from backwright.data.engines.sqlite_settings import SqliteSettings

        return SqliteEngine(where.target, _settings(SqliteSettings, where), on_statement=on_statement, slow=slow)
    from backwright.data.engines.postgres import PostgresEngine
    from backwright.data.engines.postgres_settings import PostgresSettings

    return PostgresEngine(where.target, _settings(PostgresSettings, where), shown=where.shown, on_statement=on_statement, slow=slow)


def _settings(kind: Callable[..., S], where: Address) -> S:
    return kind(**where.options)


def _options(
    query: str, known: Mapping[str, Callable[[str], int | float | str]], *, strict: bool
) -> tuple[dict[str, int | float | str], list[tuple[str, str]]]:
    mine: dict[str, int | float | str] = {}
    rest: list[tuple[str, str]] = []
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name in known:
            try:
                mine[name] = known[name](value)
            except ValueError:
                raise ValueError(f"database URL: {name}={value!r} is not a number") from None
        elif strict:
            raise ValueError(f"database URL: unknown option {name!r}; there are {', '.join(known)}")
        else:
            rest.append((name, value))
    return mine, rest
