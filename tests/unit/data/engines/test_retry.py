"""Running a transaction again: how often, how long between, and for what only."""

import asyncio

import pytest

from backwright.data.engines.retry import retrying
from backwright.data.errors import DataError, SerializationFailed


class Work:
    """Fails so many times, then returns the number of its runs."""

    def __init__(self, failures: int, error: type[Exception] = SerializationFailed) -> None:
        self.failures, self.error, self.runs = failures, error, 0
        self.slept: list[float] = []

    async def __call__(self) -> int:
        self.runs += 1
        if self.runs <= self.failures:
            raise self.error("in the way")
        return self.runs

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def start(self) -> int:
        """Run it with a known clock and chance."""
        return asyncio.run(retrying(self, attempts=5, first=0.01, longest=0.03, sleep=self.sleep, random=lambda: 0.5))


def test_it_is_run_until_it_succeeds() -> None:
    """Two failures, then the result of the third run."""
    assert Work(failures=2).start() == 3


def test_pauses_grow_up_to_a_ceiling() -> None:
    """Each pause is a random part of a ceiling that doubles until the longest."""
    work = Work(failures=4)
    assert work.start() == 5
    assert work.slept == [0.005, 0.01, 0.015, 0.015]


def test_attempts_are_bounded() -> None:
    """After the last attempt its failure comes out."""
    work = Work(failures=5)
    with pytest.raises(SerializationFailed):
        work.start()
    assert work.runs == 5


def test_nothing_else_is_repeated() -> None:
    """Any other error comes out at once."""
    work = Work(failures=1, error=DataError)
    with pytest.raises(DataError):
        work.start()
    assert work.runs == 1
