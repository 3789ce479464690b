"""The standards: what is claimed, why it matters, and the function that finds out. A new standard is one more line of the tuple."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from backwright.worker.prove.faults import Plant
from backwright.worker.prove.target import Target
from backwright.worker.prove.verdict import Finding

Check = Callable[[Target], Finding]

CODE = ("**/*.py", "!tests/**")
"""The project's own Python, without its tests."""
SERVED = ("**/*.py", "**/*.sql", "!tests/**")
"""What decides how the project behaves when its app is opened in the check's own process; other files that it reads there are added."""
PROJECT = (*SERVED, "**/*.toml", "**/*.json", "**/*.yaml", "**/*.yml")
"""What may decide how the project behaves when it is served in another process, where nobody sees what it reads."""


@dataclass(frozen=True, slots=True)
class Standard:
    """One checkable quality.

    ``check`` is a module-level function; it runs in a process of its own, in the project's folder. ``inputs`` are the patterns of the
    files that its verdict depends on. ``writes``: it is given a disposable copy. ``alone``: nothing else runs meanwhile, because it
    measures time. ``varying`` names the figures that differ from run to run. ``tools`` are distributions whose versions are recorded.
    ``on_request`` is the option without which the standard is not asked for: it then has no claim, reads "not measured", and does not
    count.
    """

    id: str
    sentence: str
    why: str
    check: Check
    inputs: tuple[str, ...] = SERVED
    plants: tuple[Plant, ...] = ()
    writes: bool = False
    alone: bool = False
    timeout: float = 120.0
    varying: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    on_request: str = ""


class UnknownStandard(LookupError):
    """There is no standard of that id."""


def select(standards: Iterable[Standard], only: Iterable[str]) -> tuple[Standard, ...]:
    """The standards with these ids or in these groups (``code`` is all of ``code.*``), in the order of the list; all for no ids.

    Raises `UnknownStandard` for an id that names none.
    """
    known, wanted = tuple(standards), [word.removesuffix(".*") for word in only]
    for word in wanted:
        if not any(s.id == word or s.id.startswith(f"{word}.") for s in known):
            raise UnknownStandard(f"there is no standard {word!r}; there are: {', '.join(s.id for s in known)}")
    return tuple(s for s in known if not wanted or any(s.id == w or s.id.startswith(f"{w}.") for w in wanted))
