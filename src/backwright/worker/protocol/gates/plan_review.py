"""The gate before anything is written: does this plan need the eyes of somebody else? The thresholds are the project's own. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from backwright.worker.protocol.gates.security_review import Surface, changes
from backwright.worker.protocol.guideline import Threshold
from backwright.worker.protocol.test_first import is_test

Reviewer = Literal["person", "architect", "rules"]


@dataclass(frozen=True, slots=True)
class Size:
    """How large a plan is, in what thresholds count."""

    files: int = 0
    migrations: int = 0
    rules: int = 0
    tables: int = 0
    operations: int = 0


@dataclass(frozen=True, slots=True)
class Review:
    """What the deterministic reviewer found."""

    size: Size
    exceeded: tuple[str, ...] = ()
    """Each threshold that the plan exceeds, with its line."""
    problems: tuple[str, ...] = ()
    """What makes the plan unfit as it stands."""

    @property
    def fits(self) -> bool:
        """Whether nobody else has to look at it."""
        return not self.exceeded and not self.problems


def size(written: Mapping[str, str], before: Surface, after: Surface, *, tables: int, operations: int, migrates: bool) -> Size:
    """The size of a plan from the files that it writes."""
    return Size(
        files=len(written), migrations=int(migrates), rules=len(changes(before, after)), tables=tables if migrates else 0,
        operations=operations if any(not is_test(path) and path.endswith(".py") for path in written) else 0,
    )  # fmt: skip


def review(found: Size, thresholds: Iterable[Threshold], written: Iterable[str]) -> Review:
    """Hold a plan against the thresholds, and against what no plan may do: leave the folder, or write into version control."""
    exceeded = [
        f"{number} {one.subject}, and more than {one.most} need a review ({one.source.file}:{one.source.line})"
        for one in thresholds
        if (number := getattr(found, one.subject)) > one.most
    ]
    bad = [f"{path} is outside the project" for path in written if path.startswith("/") or ".." in path.split("/")]
    bad += [f"{path} belongs to version control" for path in written if path.split("/")[0] == ".git"]
    return Review(found, tuple(exceeded), tuple(bad))
