"""SQLite's errors in the words of `backwright.data.errors`. Its codes say what happened, its messages where."""

import re
import sqlite3

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

FAILURES = (sqlite3.Error, sqlite3.Warning, OverflowError, UnicodeError)
"""All that a statement or its arguments can make sqlite3 raise."""
_DATATYPE = 3091  # SQLITE_CONSTRAINT_DATATYPE, of STRICT tables; sqlite3 has no name for it before Python 3.12
_PLACES = re.compile(r"(?:UNIQUE|NOT NULL) constraint failed: (.+)", re.DOTALL)
_INDEX = re.compile(r"index '(.+)'", re.DOTALL)
_MEND = {
    sqlite3.SQLITE_FULL: "the disk is full (or the database has reached its largest size): make room",
    sqlite3.SQLITE_READONLY: "the file may only be read: give the process write access to it and to its folder",
    sqlite3.SQLITE_IOERR: "reading or writing the file failed: look at the disk",
    sqlite3.SQLITE_CANTOPEN: "the file cannot be opened: its folder must exist and be writable",
    sqlite3.SQLITE_NOTADB: "the file is not an SQLite database",
    sqlite3.SQLITE_CORRUPT: "the file is damaged: restore it from a backup",
    sqlite3.SQLITE_PERM: "the file may not be opened: give the process access to it",
    sqlite3.SQLITE_NOMEM: "memory is exhausted",
    sqlite3.SQLITE_BUSY: "another process keeps the file locked",
}


def code_of(error: BaseException) -> int:
    """The extended result code, 0 where sqlite3 itself made the error."""
    return getattr(error, "sqlite_errorcode", 0) or 0


def is_busy(error: BaseException) -> bool:
    """Whether somebody else has the lock, and it may be tried again."""
    return code_of(error) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def is_interrupt(error: BaseException) -> bool:
    """Whether the watch stopped the statement."""
    return code_of(error) & 0xFF == sqlite3.SQLITE_INTERRUPT


def is_constraint(error: BaseException) -> bool:
    """Whether a constraint was violated."""
    return code_of(error) & 0xFF == sqlite3.SQLITE_CONSTRAINT


def unavailable(error: BaseException, path: str) -> DatabaseUnavailable:
    """The error of opening `path`, with what to do."""
    mend = _MEND.get(code_of(error) & 0xFF, "the database cannot be opened")
    return DatabaseUnavailable(f"{path}: {error}; {mend}")


def translated(error: BaseException, path: str) -> DataError:
    """The error that a caller may handle. The original's text is kept where it says something."""
    code, text = code_of(error), str(error)
    if is_constraint(error):
        return _constraint(code, text)
    match code & 0xFF:
        case sqlite3.SQLITE_INTERRUPT:
            return StatementTimedOut("the statement ran past its deadline and was stopped")
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            if code == sqlite3.SQLITE_BUSY_SNAPSHOT:
                return SerializationFailed(f"{path}: another writer was first; run the transaction again")
            return LockNotAvailable(f"{path}: another process keeps the file locked")
        case sqlite3.SQLITE_TOOBIG | sqlite3.SQLITE_MISMATCH:
            return OutOfRange(text)
        case base if base in _MEND:
            return DatabaseUnavailable(f"{path}: {text}; {_MEND[base]}")
        case _:
            return _from_the_driver(error, text)


def _from_the_driver(error: BaseException, text: str) -> DataError:
    if isinstance(error, (OverflowError, UnicodeError)):
        return OutOfRange(f"a value does not fit SQLite: {text}")
    if "decode to UTF-8" in text:
        return DataError(f"stored text is not valid UTF-8, so something else wrote it: {text[:200]}; mend the row, or store it as BLOB")
    if "closed database" in text:
        return DatabaseUnavailable("the database is closed")
    return DataError(text)


def _constraint(code: int, text: str) -> DataError:
    if code == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
        return ReferenceViolated("", (), None)
    if code == sqlite3.SQLITE_CONSTRAINT_TRIGGER and text == "FOREIGN KEY constraint failed":
        return ReferenceViolated("", (), False)  # ON DELETE RESTRICT is a trigger inside SQLite
    if code == sqlite3.SQLITE_CONSTRAINT_CHECK:
        return CheckViolated(text.removeprefix("CHECK constraint failed: "))
    if code == _DATATYPE:
        return OutOfRange(text)
    places = _PLACES.fullmatch(text)
    if places is None:
        return CheckViolated(text)
    if code == sqlite3.SQLITE_CONSTRAINT_NOTNULL:
        return CheckViolated(places[1])
    return _unique(places[1])


def _unique(places: str) -> UniqueViolated:
    if index := _INDEX.fullmatch(places):
        return UniqueViolated("", (), index[1])
    pairs = [place.rpartition(".") for place in places.split(", ")]
    return UniqueViolated(pairs[0][0], tuple(column for _, _, column in pairs))
