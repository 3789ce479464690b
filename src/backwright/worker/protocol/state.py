"""STATE.json: where the session stands now. Replaced at once, never half-written; what a coordinator keeps in it is left alone."""

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from backwright.worker import journal

NAME = "STATE.json"
Values = dict[str, Any]


def read(folder: Path) -> Values:
    """The state; an empty one when there is none, or none that can be read."""
    try:
        return journal.mapping((folder / NAME).read_bytes()) or {}
    except OSError:
        return {}


def of_worker(folder: Path, worker: str) -> Values:
    """What the state says about one worker."""
    return _within(_within(read(folder).get("workers")).get(worker))


def _within(value: Any) -> Values:
    return dict(cast(Values, value)) if isinstance(value, dict) else {}


def change(folder: Path, edit: Callable[[Values], None]) -> None:
    """Read, edit and replace the state while no other process does. A state that cannot be read is kept beside it."""
    with journal.locked(folder / ".STATE.lock"):
        place = folder / NAME
        values = read(folder)
        if not values and place.exists() and place.stat().st_size:
            with suppress(OSError):
                place.replace(folder / f"{NAME}.unreadable")
        edit(values)
        journal.replace(place, json.dumps(values, indent=2, ensure_ascii=False, default=str).encode() + b"\n")


def note(folder: Path, worker: str, **facts: Any) -> None:
    """Write facts about one worker into the state."""

    def edit(values: Values) -> None:
        named = values.get("workers")
        workers = _within(named) if isinstance(named, dict) or named is None else {"named": named}
        values["workers"] = workers | {worker: _within(workers.get(worker)) | facts}

    change(folder, edit)
