"""STATE.json: where the session stands now. Replaced at once, never half-written; what a coordinator keeps in it is left alone."""

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from backwright.worker import journal

NAME = "STATE.json"
Values = dict[str, Any]


def read(folder: Path) -> Values:
    """The state; an empty one when there is none, or none that can be read."""
    try:
        found = json.loads((folder / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return dict(found) if isinstance(found, dict) else {}


def of_worker(folder: Path, worker: str) -> Values:
    """What the state says about one worker."""
    workers = read(folder).get("workers")
    mine = workers.get(worker) if isinstance(workers, dict) else None
    return dict(mine) if isinstance(mine, dict) else {}


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
        workers = values.get("workers")
        if not isinstance(workers, dict):
            workers = values["workers"] = {} if workers is None else {"named": workers}
        workers[worker] = {**workers.get(worker, {}), **facts}

    change(folder, edit)
