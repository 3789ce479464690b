"""The one file that imports asyncpg: what of it is used, with types, and how its errors are told apart."""

import importlib
from collections.abc import Awaitable, Sequence
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit


class NotSent(ConnectionError):
    """The connection broke before the statement was given to the server to execute."""


class Statement(Protocol):
    """A prepared statement of one connection."""

    async def fetch(self, *args: Any) -> list[Any]: ...
    async def executemany(self, args: Sequence[Sequence[Any]]) -> None: ...
    def cursor(self, *args: Any) -> Awaitable["Cursor"]: ...
    def get_statusmsg(self) -> str: ...


class Cursor(Protocol):
    """An open cursor of a transaction."""

    async def fetch(self, n: int) -> list[Any]: ...


class Connection(Protocol):
    """One connection to a server."""

    async def prepare(self, query: str, *, name: str) -> Statement: ...
    async def execute(self, query: str) -> str: ...
    async def close(self, *, timeout: float) -> None: ...
    def terminate(self) -> None: ...
    def is_closed(self) -> bool: ...
    def is_in_transaction(self) -> bool: ...


_asyncpg: Any = importlib.import_module("asyncpg")
ServerError: type[Exception] = _asyncpg.PostgresError
"""The server said no, or an argument did not fit: the connection is in a known state."""
ConnectionBroken: tuple[type[BaseException], ...] = (_asyncpg.PostgresConnectionError, OSError, EOFError)
ProtocolBroken: type[Exception] = _asyncpg.InternalClientError
"""The driver lost the thread, e.g. because the server said goodbye on an idle connection."""
StalePlan: tuple[type[Exception], ...] = (_asyncpg.InvalidCachedStatementError, _asyncpg.exceptions.OutdatedSchemaCacheError)
"""The table was altered after the statement was prepared; nothing was executed."""
Failures: tuple[type[BaseException], ...] = (
    ServerError, _asyncpg.InterfaceError, ProtocolBroken, OSError, EOFError, TimeoutError, ValueError, OverflowError,
)  # fmt: skip
"""All that connecting or a statement can raise, besides being cancelled."""


class Quick:
    """A prepared statement whose `fetch` goes straight to the driver's protocol: a fifth less CPU than through its outer layers."""

    __slots__ = ("_execute", "_state", "_statement", "_status")

    def __init__(self, statement: Any, protocol: Any, state: Any) -> None:
        self._statement, self._execute, self._state = statement, protocol.bind_execute, state
        self._status = b""

    async def fetch(self, *args: Any) -> list[Any]:
        """All rows."""
        try:
            rows, self._status, _ = await self._execute(self._state, args, "", 0, True, None)
        except _asyncpg.exceptions.OutdatedSchemaCacheError:
            return await self._statement.fetch(*args)  # type: ignore[no-any-return]  # raises it again, and looks the types up anew
        return rows  # type: ignore[no-any-return]

    async def executemany(self, args: Sequence[Sequence[Any]]) -> None:
        """Run it once for each row of arguments."""
        await self._statement.executemany(args)

    def cursor(self, *args: Any) -> Awaitable[Cursor]:
        """A cursor over its rows."""
        return self._statement.cursor(*args)  # type: ignore[no-any-return]

    def get_statusmsg(self) -> str:
        """What the server said about the last `fetch`, e.g. ``UPDATE 3``."""
        return self._status.decode()


def quick(statement: Statement) -> Statement:
    """The statement as a `Quick` one, or as it is where this version of the driver is made differently."""
    inner, state = getattr(statement, "_connection", None), getattr(statement, "_state", None)
    protocol = getattr(inner, "_protocol", None)
    if state is None or not hasattr(protocol, "bind_execute"):
        return statement
    return Quick(statement, protocol, state)


async def connect(url: str, session: dict[str, str], timeout: float) -> Connection:
    """A new connection; what the URL sets wins over `session`. Raises `Failures`.

    The driver's own statement cache is off: the pool keeps the statements.
    """
    named = dict(parse_qsl(urlsplit(url).query))
    settings = {name: value for name, value in {"application_name": "backwright", **session}.items() if name not in named}
    connection: Connection = await _asyncpg.connect(url, timeout=timeout, statement_cache_size=0, server_settings=settings)
    return connection
