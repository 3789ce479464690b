"""What can be set for a PostgreSQL database, with the defaults and why."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PostgresSettings:
    """Times are in seconds."""

    pool: int = 10
    """Connections at most; they are opened when first needed."""
    queue: int = 1000
    wait: float = 5.0
    """How many may wait for a connection, and how long."""
    statement_timeout: float = 10.0
    lock_timeout: float = 5.0
    idle_timeout: float = 60.0
    """How long a transaction may stand open without a statement before the server ends it."""
    connect_timeout: float = 5.0
    cached_statements: int = 512
    """Prepared statements kept by each connection."""

    def session(self) -> dict[str, str]:
        """The settings each connection starts with; a reset goes back to them. JIT costs more than it brings on short statements."""
        return {
            "TimeZone": "UTC",
            "statement_timeout": _milliseconds(self.statement_timeout),
            "lock_timeout": _milliseconds(self.lock_timeout),
            "idle_in_transaction_session_timeout": _milliseconds(self.idle_timeout),
            "jit": "off",
        }


def _milliseconds(seconds: float) -> str:
    return str(max(1, round(seconds * 1000)))
