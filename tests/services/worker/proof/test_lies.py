"""Lying runs: the small project is accepted with replay, and no lie about it is. All of them: ``backwright verify --challenge``."""

from pathlib import Path

import pytest

from backwright.worker.lies import papers, reports
from backwright.worker.lies.trial import LIES, told
from backwright.worker.lies.world import Lie, World, proved

LONG = {"more-tests", "coverage-kept"}
"""Told by the command only: each runs the project's tests once more."""
BENT = {
    "check-loosened", "check-skipped", "measured-elsewhere", "file-edited", "file-added", "file-removed", "file-renamed",
    "file-in-another-case", "lock-edited", "linked-folder", "linked-file", "test-deselected", "finding-written-by-the-project",
    "checker-patched", "kit-patched", "load-lowered", "access-loosened", "agreement-edited",
}  # fmt: skip
TRIED = [lie for lie in LIES if (lie in papers.LIES and lie.id not in LONG) or lie in reports.LIES or lie.id in BENT]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The small project, proved once."""
    return proved(tmp_path_factory.mktemp("world"))


def test_the_truth_is_accepted(world: World) -> None:
    """The honest twin of every lie: proved, its reports true, its checks run again with the same outcome."""
    world.reports = [reports.NOTES, reports.RESPONSE]

    assert world.refused() == ""


def test_there_are_lies_enough() -> None:
    """At least fifty, each with a name of its own."""
    assert len({lie.id for lie in LIES}) == len(LIES) >= 50


@pytest.mark.parametrize("lie", TRIED, ids=lambda lie: lie.id)
def test_a_lie_is_refused(world: World, tmp_path: Path, lie: Lie) -> None:
    """Verified with replay, the lying run is not accepted, and the reason is said."""
    assert told(lie, world, tmp_path).refused
