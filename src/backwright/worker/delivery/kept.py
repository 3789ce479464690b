"""What a delivery keeps in its session, so that it goes on with the same facts and the same plan after it was killed."""

from pathlib import Path
from typing import TypeVar

import msgspec

from backwright.worker import journal

BEFORE, FACTS, PLAN, SURFACE = "before.json", "facts.json", "plan.json", "surface.json"
T = TypeVar("T")


def keep(session: Path, name: str, value: object) -> None:
    """Put it into the session's folder, whole or not at all."""
    journal.replace(session / name, msgspec.json.encode(value))


def held(session: Path, name: str, kind: type[T]) -> T | None:
    """What was kept; None where there is nothing, or nothing that this version can read: the step is then done again."""
    try:
        return msgspec.json.decode((session / name).read_bytes(), type=kind)
    except (OSError, msgspec.DecodeError):
        return None
