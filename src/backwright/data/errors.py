"""What a database can say against a statement, in one vocabulary for both engines. Faults and refusals are decided above."""


class DataError(Exception):
    """The database did not do what was asked."""


class UniqueViolated(DataError):
    """A unique constraint or index was violated; `columns` of `table`.

    `name` is the constraint's or index's: PostgreSQL always tells it, SQLite only for an index on expressions, and then nothing else.
    """

    def __init__(self, table: str, columns: tuple[str, ...], name: str = "") -> None:
        self.table, self.columns, self.name = table, columns, name
        super().__init__(f"{table}({', '.join(columns)}) must be unique")


class ReferenceViolated(DataError):
    """A foreign key was violated. `missing` says which way: the target is not there, or it is still referenced.

    SQLite names neither table nor column, so both may be empty.
    """

    def __init__(self, table: str, columns: tuple[str, ...], missing: bool | None) -> None:
        self.table, self.columns, self.missing = table, columns, missing
        super().__init__(f"foreign key {table}({', '.join(columns)}) violated")


class CheckViolated(DataError):
    """A named CHECK or NOT NULL was violated."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"check {name} violated")


class OutOfRange(DataError):
    """A value does not fit its column."""


class SerializationFailed(DataError):
    """Another transaction got in the way (serialization failure or deadlock): run this one again."""


class LockNotAvailable(DataError):
    """A lock was not granted in time."""


class StatementTimedOut(DataError):
    """The statement ran past its deadline and was cancelled."""


class DatabaseUnavailable(DataError):
    """No connection can be had: the pool stayed full, the server is away, the disk is full, or the file cannot be opened.

    `retry_after` says in how many seconds it may be worth asking again; None where somebody has to mend something first.
    """

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(message)


class Busy(DatabaseUnavailable):
    """The database is there, but too many want it: the line was full or did not move in time."""


class OutcomeUnknown(DatabaseUnavailable):
    """The connection broke while the database was saving: the change may be there or not. Look before trying again."""
