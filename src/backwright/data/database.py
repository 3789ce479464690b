"""Which database an app uses: a value that says where, or a recipe that is read from the environment when serving starts."""

import os
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path
from typing import Literal, Self
from urllib.parse import quote, urlencode

from backwright.data.engines.address import address, engine_at
from backwright.data.engines.engine import Dialect, Engine, OnStatement

_OPTIONS = ("journal_mode", "synchronous", "pool", "queue", "wait", "statement_timeout", "lock_timeout")
_ONLY = {"journal_mode": "sqlite", "synchronous": "sqlite", "pool": "postgresql"}


@dataclass(frozen=True, slots=True)
class Database:
    """A database by its URL, e.g. ``Database("postgresql://app@db.example/shop", pool=20)`` or ``Database("sqlite:///data/app.db")``.

    Without a URL it is a recipe: `resolve` reads the environment variable `variable`, and else means the SQLite file ``data/app.db``
    in the app's folder. So declaring, documenting and testing an app need no database. Times are in seconds; None leaves an option as
    the URL says, or as the engine does by itself.
    """

    url: str | None = None
    _: KW_ONLY
    journal_mode: Literal["wal", "delete", "truncate", "persist", "memory"] | None = None
    """SQLite only."""
    synchronous: Literal["full", "normal", "off", "extra"] | None = None
    """SQLite only. ``full`` loses nothing that was acknowledged; ``normal`` may lose the last commits in a power cut."""
    pool: int | None = None
    """PostgreSQL only: connections at most, for each process."""
    queue: int | None = None
    """Requests that may wait for a connection or the writer's turn; more are answered 503."""
    wait: float | None = None
    """How long they may wait."""
    statement_timeout: float | None = None
    lock_timeout: float | None = None
    slow: float = 0.1
    """A statement that takes this long or longer is recorded (its text, never its arguments)."""
    variable: str = "DATABASE_URL"

    @classmethod
    def from_environment(cls, variable: str = "DATABASE_URL") -> Self:
        """A recipe: the URL is read from `variable` when serving starts. ``Database(pool=20)`` is one with an option."""
        return cls(variable=variable)

    def resolve(self, environ: Mapping[str, str] = os.environ, folder: Path | None = None) -> Self:
        """The database with its URL settled; a relative SQLite path lies in `folder`. Raises ``ValueError`` that names the variable."""
        url = self.url or environ.get(self.variable) or "sqlite:///data/app.db"
        try:
            where = address(url)
        except ValueError as error:
            raise ValueError(str(error) if self.url else f"{self.variable}: {error}") from None
        if where.dialect == "sqlite" and where.target != ":memory:" and folder is not None:
            _, question, query = url.partition("?")
            url = f"sqlite:///{quote(str(folder.resolve() / where.target))}{question}{query}"
        return replace(self, url=url)

    @property
    def dialect(self) -> Dialect:
        """Which kind of database it is. Raises ``LookupError`` before `resolve`."""
        return address(self._url()).dialect

    def engine(self, on_statement: OnStatement | None = None) -> Engine:
        """An engine for it, not yet open. `on_statement` hears of slow statements.

        Raises ``LookupError`` before `resolve`, and ``ValueError`` for an option that the engine does not have.
        """
        url, dialect = self._url(), self.dialect
        given = {name: getattr(self, name) for name in _OPTIONS if _ONLY.get(name, dialect) == dialect}
        if said := {name: value for name, value in given.items() if value is not None}:
            url += ("&" if "?" in url else "?") + urlencode(said)  # behind what the URL says: the last one counts
        return engine_at(url, on_statement=on_statement, slow=self.slow)

    def __str__(self) -> str:
        """The URL as it may be shown, without its password."""
        return address(self.url).shown if self.url else f"${self.variable}, or else data/app.db"

    def __repr__(self) -> str:
        return f"Database({str(self)!r})"

    def _url(self) -> str:
        if self.url is None:
            raise LookupError(f"this database is a recipe: call resolve() to read {self.variable}")
        return self.url
