"""A thousand random pairs of edit and design change: no lost line, no unreported broken build. `python -m benchmarks.merge` prints more."""

from collections.abc import Callable
from typing import Any

import pytest

from backwright.worker.merge import changes, python
from tests.support.random_merges import Pair, measured, pairs


@pytest.fixture(scope="module")
def thousand() -> list[Pair]:
    """The pairs."""
    return list(pairs(1000, seed=20))


def test_nothing_is_lost(thousand: list[Pair]) -> None:
    """Every line that somebody wrote is in its file, every line of the design in the file or its patch; what was read before can be read;
    untouched files follow the design, an unchanged design touches nothing, and a second merge changes nothing."""
    found = measured(iter(thousand))
    assert (found.lost, found.broken, found.wrong) == ([], [], []), found.sentence
    assert found.pairs == 1000 and found.merged > 500 and found.conflicts > 100


def untold(self: Any, theirs: Any, ours: Any, at: str) -> Any:
    """A planted fault: nobody hears of a conflict."""
    return theirs


def alone(after: Any, of: Any) -> dict[str, Any]:
    """A planted fault: nobody looks whether files still fit each other."""
    return {}


PLANTS: list[tuple[object, str, Callable[..., Any], str]] = [
    (python._Merge, "choose", untold, "lost"), (changes, "_lacking", alone, "broken"), (python, "_same", lambda base, other: True, "lost"),
]  # fmt: skip


@pytest.mark.parametrize(("place", "name", "fault", "seen"), PLANTS, ids=lambda value: getattr(value, "__name__", None))
def test_it_can_fail(
    thousand: list[Pair], place: object, name: str, fault: Callable[..., Any], seen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault planted in the merge shows in the figures."""
    monkeypatch.setattr(place, name, fault)
    assert getattr(measured(iter(thousand[:200])), seen) != []
