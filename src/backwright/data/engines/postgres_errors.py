"""PostgreSQL's errors in the words of `backwright.data.errors`, by SQLSTATE. Messages may be in any language; codes are not."""

import re
from typing import Any

from backwright.data.engines.asyncpg_driver import ConnectionBroken, NotSent, ProtocolBroken, StalePlan
from backwright.data.errors import (
    CheckViolated,
    DatabaseUnavailable,
    DataError,
    LockNotAvailable,
    OutOfRange,
    ReferenceViolated,
    SerializationFailed,
    StatementTimedOut,
    UniqueViolated,
)

_KEY = re.compile(r"\((.+?)\)=\(", re.DOTALL)  # Key (isbn, "Year")=(…) already exists, in whichever language
_UNFIT = re.compile(r"out of \w+ range|surrogates not allowed")  # the driver's own words, always English
_SOON = 1.0
_OUT_OF_RANGE = {"22003", "22001", "22008", "22021", "22P05", "2200H"}
_CODES: dict[str, tuple[type[DataError], str]] = {
    "40001": (SerializationFailed, ""),
    "40P01": (SerializationFailed, ""),
    "55P03": (LockNotAvailable, ""),
    "57014": (StatementTimedOut, ""),
    "25P03": (StatementTimedOut, "; the transaction stood open too long without a statement"),
    "25P02": (DataError, "; nothing more can be done in this transaction, leave it (or the savepoint around it)"),
}
_MEND = {
    "53100": "the disk is full: make room",
    "53200": "the server's memory is exhausted",
    "53300": "the server takes no more connections: use a smaller pool, or raise its max_connections",
    "25006": "the server may only be read: it is a replica, or default_transaction_read_only is on",
    "28000": "the server refuses this user: look at pg_hba.conf and at the user's name",
    "28P01": "the password is wrong",
    "3D000": "create the database first, or mend its name in the URL",
    "42501": "grant the user what it needs",
}


def translated(error: BaseException) -> DataError:
    """The error that a caller may handle. The server's text is kept where it says something."""
    state: str = getattr(error, "sqlstate", None) or ""
    if isinstance(error, StalePlan):
        return SerializationFailed("the table was altered while its statement was prepared; run the transaction again")
    if state.startswith("23"):
        return _constraint(state, error)
    if state in _CODES:
        kind, more = _CODES[state]
        return kind(f"{error}{more}")
    if state in _OUT_OF_RANGE or (state == "22000" and _UNFIT.search(str(error))):
        return OutOfRange(_short(error))
    if isinstance(error, (UnicodeError, OverflowError)):
        return OutOfRange(f"a value does not fit PostgreSQL: {_short(error)}")
    if is_gone(error) or state[:2] in ("08", "53", "57") or state in _MEND:
        return unavailable(error)
    return DataError(_short(error))


def unavailable(error: BaseException, shown: str = "PostgreSQL") -> DatabaseUnavailable:
    """The error of a connection that cannot be had or has gone, with what to do."""
    state: str = getattr(error, "sqlstate", None) or ""
    if state in _MEND:
        return DatabaseUnavailable(f"{shown}: {_short(error)}; {_MEND[state]}", None if state[0] in "234" else _SOON)
    reason = _short(error) or type(error).__name__
    return DatabaseUnavailable(f"{shown}: {reason}; is the server up, and are host and port right?", _SOON)


def is_gone(error: BaseException) -> bool:
    """Whether the connection broke, or was broken by the server."""
    state: str = getattr(error, "sqlstate", None) or ""
    return isinstance(error, ConnectionBroken) or state in ("57P01", "57P02", "57P03") or was_not_sent(error)


def was_not_sent(error: BaseException) -> bool:
    """Whether the connection had broken before: the statement never left, and may be tried on another."""
    if isinstance(error, StalePlan):
        return False
    return isinstance(error, (NotSent, ProtocolBroken)) or "connection is closed" in str(error)


def _constraint(state: str, error: Any) -> DataError:
    table, name = error.table_name or "", error.constraint_name or ""
    if state == "23505" or state == "23P01":
        return UniqueViolated(table, _columns(error), name)
    if state == "23001":
        return ReferenceViolated(table, (), False)
    if state == "23503":
        return _reference(table, error)
    if state == "23502":
        return CheckViolated(f"{table}.{error.column_name}")
    return CheckViolated(name or _short(error))


def _reference(table: str, error: Any) -> ReferenceViolated:
    detail = error.detail or ""
    if "is not present" in detail:
        return ReferenceViolated(table, _columns(error), True)
    # The key in the detail is then the referenced table's, which is not the column that refers.
    return ReferenceViolated(table, (), False if "still referenced" in detail else None)


def _columns(error: Any) -> tuple[str, ...]:
    found = _KEY.search(error.detail or "")
    return tuple(column.strip('"') for column in found[1].split(", ")) if found else ()


def _short(error: BaseException) -> str:
    return str(error)[:300]
