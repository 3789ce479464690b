"""What a catalog says, as SQL, and why one says nothing."""

from dataclasses import dataclass

OWN = ("backwright_", "alembic_version", "sqlite_")
"""Tables of the kit itself, and of SQLite."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a catalog says of one thing: its place, and SQL that would make it."""

    place: str
    sql: str


class Unreachable(Exception):
    """The database cannot be read at all; the message holds no password."""

    def __init__(self, what: str, mend: str) -> None:
        super().__init__(what)
        self.what, self.mend = what, mend
