"""STATE.json: where the session stands now. Replaced at once, never half-written; what a coordinator keeps in it is left alone.

It only shows what the record says, and is not relied upon. Where a coordinator's STATE.json is JSON but no object, it stays as it is, and
this worker's part goes into a file beside it.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from backwright.worker import journal

NAME = "STATE.json"
BESIDE = "STATE.workers.json"
Values = dict[str, Any]


def read(folder: Path) -> Values:
    """The state; an empty one when there is none, or none that can be read."""
    try:
        return journal.mapping(place(folder).read_bytes()) or {}
    except OSError:
        return {}


def place(folder: Path) -> Path:
    """Where the state is kept."""
    return folder / (BESIDE if foreign(folder) else NAME)


def foreign(folder: Path) -> bool:
    """Whether STATE.json is somebody's whole JSON, but no object."""
    try:
        text = (folder / NAME).read_bytes()
        return journal.mapping(text) is None and json.loads(text) is not None
    except (OSError, ValueError, RecursionError):
        return False


def of_worker(folder: Path, worker: str) -> Values:
    """What the state says about one worker."""
    return _within(_within(read(folder).get("workers")).get(worker))


def _within(value: Any) -> Values:
    return dict(cast(Values, value)) if isinstance(value, dict) else {}


def change(folder: Path, edit: Callable[[Values], None]) -> None:
    """Read, edit and replace the state while no other process does. A state that cannot be read is kept beside it."""
    with journal.locked(folder / ".STATE.lock"):
        at, values = place(folder), read(folder)
        if not values and at.exists() and at.stat().st_size:
            with suppress(OSError):
                at.replace(folder / f"{NAME}.unreadable")
        edit(values)
        journal.replace(at, journal.pretty(values))


def note(folder: Path, worker: str, **facts: Any) -> None:
    """Write facts about one worker into the state."""

    def edit(values: Values) -> None:
        named = values.get("workers")
        workers = _within(named) if isinstance(named, dict) or named is None else {"named": named}
        values["workers"] = workers | {worker: _within(workers.get(worker)) | facts}

    change(folder, edit)
