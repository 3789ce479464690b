"""The trial: every known lie is told about a small proved project, and verified with replay. None may be accepted."""

import os
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from backwright.worker.lies import papers, reports, runs
from backwright.worker.lies.world import Lie, World, copied, proved
from backwright.worker.progress import Progress

LIES: tuple[Lie, ...] = (*papers.LIES, *runs.LIES, *reports.LIES)


class NoWorld(Exception):
    """The small project itself is not accepted, so that nothing is shown by refusing a lie about it."""


@dataclass(frozen=True, slots=True)
class Told:
    """One lie, and why it was not believed; empty if it was."""

    lie: str
    refused: str


def told(lie: Lie, world: World, folder: Path) -> Told:
    """Tell one lie about a copy."""
    copy = copied(world, folder)
    lie.tell(copy)
    return Told(lie.id, copy.refused(lie.first))


def _tell(name: str, world: str) -> Told:
    with tempfile.TemporaryDirectory(prefix="backwright-lie-") as folder:
        return told(_known()[name], World(Path(world)), Path(folder))


@cache
def _known() -> dict[str, Lie]:
    return {lie.id: lie for lie in LIES}


def trial(show: Progress, lies: Sequence[Lie] = LIES, *, at_once: int | None = None) -> bool:
    """Try them all, side by side; whether none was accepted. The last line says ``lying runs: 92, accepted 0``."""
    with tempfile.TemporaryDirectory(prefix="backwright-lies-") as folder:
        world = proved(Path(folder))
        if reason := world.refused():
            raise NoWorld(f"the small project is not accepted: {reason}")
        show.say("the small project is proved, and accepted with replay")
        accepted = _tried(world, lies, at_once, lambda done: _say(show, done))
    show.say(f"lying runs: {len(lies)}, accepted {len(accepted)}", "red" if accepted else "green")
    return not accepted


def _tried(world: World, lies: Sequence[Lie], at_once: int | None, say: Callable[[Told], None]) -> list[Told]:
    accepted: list[Told] = []
    with ProcessPoolExecutor(at_once or os.cpu_count() or 1) as pool:
        for future in as_completed([pool.submit(_tell, lie.id, str(world.dir)) for lie in lies]):
            done = future.result()
            say(done)
            accepted += [] if done.refused else [done]
    return accepted


def _say(show: Progress, done: Told) -> None:
    sentence = _known()[done.lie].sentence
    if done.refused:
        show.say(f"  refused   {done.lie}: {sentence}: {done.refused[:140]}", "dim")
    else:
        show.say(f"  ACCEPTED  {done.lie}: {sentence}", "red")
