"""The watch on the database: silent while all is well, one word when it goes, one when it is back."""

import asyncio
from collections.abc import Sequence
from typing import Any

from backwright.app.database_watch import DatabaseWatch
from backwright.data.errors import Busy, DatabaseUnavailable
from backwright.observe.events import DatabaseBack, DatabaseLost, Event

GONE = DatabaseUnavailable("nobody at home")


class Answers:
    """An engine that answers as it is told, one word a look; the last one for ever."""

    def __init__(self, *words: Exception | None) -> None:
        self.words = list(words)

    async def rows(self, sql: str, args: Sequence[Any] = ()) -> Sequence[Sequence[Any]]:
        """One look."""
        word = self.words.pop(0) if len(self.words) > 1 else self.words[0]
        if word is not None:
            raise word
        return [(1,)]


def watched(*words: Exception | None) -> tuple[list[Event], bool]:
    """What is told when somebody suspects such a database, and whether it counts as lost in the end."""
    told: list[Event] = []
    ticks = iter(range(100))

    async def main() -> bool:
        watch = DatabaseWatch(Answers(*words), told.append, lambda: next(ticks))  # type: ignore[arg-type]
        watch.suspect(GONE)
        watch.suspect(GONE)
        looking = watch._looking
        assert looking is not None
        await looking
        return watch.lost

    return told, asyncio.run(main())


def test_a_passing_trouble_is_not_told() -> None:
    """It answers when asked: nothing was lost."""
    assert watched(None) == ([], False)


def test_a_full_line_is_no_loss() -> None:
    """Too many who want it is not the same as nobody at home."""
    assert watched(Busy("all connections are in use")) == ([], False)


def test_a_loss_and_a_return_are_told_once_each() -> None:
    """However often it is suspected meanwhile."""
    told, lost = watched(GONE, GONE, GONE, None)

    assert told == [DatabaseLost("nobody at home"), DatabaseBack(1)]
    assert not lost
