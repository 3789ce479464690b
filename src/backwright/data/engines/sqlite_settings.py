"""What can be set for an SQLite database, with the defaults and why."""

from dataclasses import dataclass

_JOURNALS = ("wal", "delete", "truncate", "persist", "memory")
_SYNCHRONOUS = ("full", "normal", "off", "extra")


@dataclass(frozen=True, slots=True)
class SqliteSettings:
    """Times are in seconds. Raises ``ValueError`` for a journal mode or synchronous level that SQLite does not have.

    ``synchronous="full"`` loses nothing that was acknowledged, whatever fails; ``"normal"`` (in WAL) may lose the last commits in
    a power cut, never in a killed process, and is cheaper.
    """

    journal_mode: str = "wal"
    synchronous: str = "full"
    read_budget: float = 0.02
    """A read that takes longer leaves the event loop for a reader thread, and starts there next time."""
    statement_timeout: float = 10.0
    lock_timeout: float = 5.0
    """How long another process may keep its lock on the file."""
    wait: float = 5.0
    """How long to wait in line for the writer's turn, or for a reader."""
    queue: int = 1000
    readers: int = 4
    turn_seconds: float = 60.0
    """How long a transaction may hold the writer's turn while others wait for it."""
    group_members: int = 256
    group_seconds: float = 0.003
    """A group is committed at the latest when it has so many members, or is so old when a turn ends."""
    cached_statements: int = 1024
    max_pages: int | None = None

    def __post_init__(self) -> None:
        for name, value, there_are in (
            ("journal_mode", self.journal_mode, _JOURNALS),
            ("synchronous", self.synchronous, _SYNCHRONOUS),
        ):
            if value not in there_are:
                raise ValueError(f"{name}={value!r}: SQLite has {', '.join(there_are)}")

    @property
    def commits_in_loop(self) -> bool:
        """Whether COMMIT does not wait for the disk, so that the event loop can run it."""
        return self.journal_mode == "wal" and self.synchronous in ("normal", "off")
