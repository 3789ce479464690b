"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


class Clock:
    """The time that an app under test goes by: sign-ins, limits, stamps, cursors. It stands still until it is moved."""

    def __init__(self, now: datetime = NOON) -> None:
        if now.tzinfo is None:
            raise ValueError("a clock needs an aware datetime, e.g. datetime(2026, 1, 15, 12, tzinfo=UTC)")
        self.now = now
        """The present time (UTC)."""

    def __call__(self) -> float:
        """Unix seconds."""
        return self.now.timestamp()

    def advance(self, by: timedelta = timedelta(), *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        """Move on: ``clock.advance(minutes=20)``. Time does not go back: raises ``ValueError``."""
        step = by + timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        if step < timedelta():
            raise ValueError("time does not go back")
        self.now += step
