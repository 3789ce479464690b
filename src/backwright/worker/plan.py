"""The delivery plan: what will be done to a folder so that it serves a design, as an ordered list with reasons. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from backwright.worker.account import totals
from backwright.worker.blueprint import Blueprint
from backwright.worker.merge import patch
from backwright.worker.merge.changes import Change
from backwright.worker.survey.facts import RULES, Facts

_ORDER = ("tests/", "model.py", "views.py", "errors.py", "rules/", "operations.py", "sign_in.py", "access.py", "app.py")
"""Tests are written before the code that makes them pass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPlan:
    """Everything that a delivery is going to do."""

    title: str
    changes: tuple[Change, ...]
    unwritten: Mapping[str, str]
    """Business function → the file in which it waits for somebody."""
    kept: Mapping[str, str]
    """Business function that somebody has written → its file."""
    functions: Mapping[str, str]
    """Operation that no resource serves → why."""
    assumptions: tuple[tuple[str, str], ...]
    """What was decided, and why: to be confirmed."""
    refused: tuple[tuple[str, str], ...]
    """Elements of the design that are not built, each with its reason."""
    counts: Mapping[str, int]
    context: tuple[str, ...] = ()
    """What people wrote beside the design: notes and decisions."""
    warnings: tuple[str, ...] = ()
    losses: tuple[str, ...] = ()
    """What people have stored and a migration of this delivery would drop."""

    @property
    def conflicts(self) -> tuple[Change, ...]:
        """The files in which a part of the design waits for somebody to decide."""
        return tuple(change for change in self.changes if change.open)

    @property
    def written(self) -> tuple[Change, ...]:
        """The changes that touch the tree."""
        return tuple(change for change in self.changes if change.kind != "keep")


def plan(
    blueprint: Blueprint, facts: Facts, changes: Iterable[Change], *, unwritten: Mapping[str, str], kept: Mapping[str, str],
    functions: Mapping[str, str], warnings: Iterable[str] = (), losses: Iterable[str] = (),
) -> DeliveryPlan:  # fmt: skip
    """What is done to the folder, in order, and all that somebody has to know who agrees to it."""
    refused = [e for e in blueprint.accounted if e.verdict == "refused"]
    written = {f"{o.method} {o.path}" for o in blueprint.operations if o.name in kept}
    assumed = [a for a in blueprint.assumptions if not (a.about in written and "501" in a.decision)]
    return DeliveryPlan(
        title=f"{blueprint.contract.title} {blueprint.contract.version}",
        changes=tuple(_explained(change) for change in sorted(changes, key=lambda change: _place(change.path))),
        unwritten=unwritten,
        kept=kept,
        functions=functions,
        assumptions=tuple((f"{a.about} {a.decision}", f"{a.reason} ({a.confidence}; {a.place})") for a in assumed),
        refused=tuple((f"{e.element.kind} {e.element.name} ({e.element.place})", e.reason) for e in refused),
        counts={str(verdict): number for verdict, number in totals(blueprint.accounted).items()},
        context=tuple(f"{n.title}{f' ({n.status})' if n.status else ''}, {n.kind}: {n.place}" for n in blueprint.context),
        warnings=(*_warnings(facts), *warnings),
        losses=tuple(losses),
    )


def _place(path: str) -> tuple[int, str]:
    return next((n for n, start in enumerate(_ORDER) if path.startswith(start)), len(_ORDER)), path


def _explained(change: Change) -> Change:
    path = change.path
    return change if change.reason else replace(change, reason=_PURPOSES.get(path, _purpose(path)))


_PURPOSES = {
    "model.py": "the entities of the design", "access.py": "the rules and the access table", "app.py": "the app with its contract",
    "views.py": "answers that are no stored row", "errors.py": "the design's own shape of errors", "load.json": "the load to measure with",
    "README.md": "how to run it", "pyproject.toml": "its name and its tools' settings", ".gitignore": "what is made from other files",
}  # fmt: skip


def _purpose(path: str) -> str:
    if path.startswith("tests/"):
        return "written before the code that makes it pass"
    if path.startswith("design/"):
        return "the design it is delivered from"
    return "business rules that only a person can write" if path.startswith(RULES) else "follows from the design"


def _warnings(facts: Facts) -> Iterator[str]:
    yield from (f"this file does not parse and is left alone: {line}" for line in facts.unreadable)
    if facts.uncommitted:
        yield f"{len(facts.uncommitted)} files are not committed: what this delivery writes cannot be told from them by version control"


def markdown(found: DeliveryPlan) -> str:
    """The plan for people."""
    lines = [f"# Delivery plan: {found.title}", "", _account(found), "", "## Files", "", "| what | file | why |", "|---|---|---|"]
    lines += [f"| {change.kind} | `{change.path}` | {_cell(change.reason)} |" for change in found.changes]
    lines += _part("Conflicts to settle", list(conflicts(found)))
    lines += _part("What else happens to somebody's work", [f"`{c.path}`: {note}" for c in found.changes for note in c.notes])
    lines += _part("Stored data that would be dropped", list(found.losses))
    lines += _part("Business rules", [f"`{name}`: written, in `{file}`" for name, file in found.kept.items()])
    lines += _part(
        "Business rules that nobody has written",
        [f"`{name}`: answers 501 until it is written in `{file}`" for name, file in found.unwritten.items()],
    )
    lines += _part("Operations that need a function", [f"`{name}`: {reason}" for name, reason in found.functions.items()])
    lines += _part("Written beside the design", list(found.context))
    lines += _part("Assumptions to confirm", [f"{what} — {why}" for what, why in found.assumptions])
    lines += _part("Not built", [f"{what} — {why}" for what, why in found.refused])
    lines += _part("Mind", list(found.warnings))
    return "\n".join(lines) + "\n"


def conflicts(found: DeliveryPlan) -> Iterator[str]:
    """Each conflict in a sentence."""
    for change in found.conflicts:
        said = "; ".join(change.conflicts)
        yield f"`{change.path}` keeps somebody's work in {said}: apply or delete `{patch.place(change.path)}`, which holds the design's"


def _account(found: DeliveryPlan) -> str:
    counts = found.counts
    return (
        f"{sum(counts.values())} elements of the design: {counts['built']} built, {counts['changed']} changed, {counts['refused']} refused."
    )


def _part(title: str, items: list[str]) -> list[str]:
    return ["", f"## {title}", "", *(f"* {' '.join(item.split())}" for item in items)] if items else []


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
