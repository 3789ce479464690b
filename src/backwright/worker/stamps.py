"""Times as sessions write them down."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The time now, in UTC."""
    return datetime.now(UTC)


def iso(time: datetime) -> str:
    """ISO 8601 in UTC, to the millisecond: ``2026-11-21T21:55:00.123Z``."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
