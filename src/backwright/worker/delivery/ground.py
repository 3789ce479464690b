"""The ground that a delivery writes on: which folder, what of it is somebody else's, and what of somebody's work is not saved."""

from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

from backwright.worker.delivery.gates import NotAgreed
from backwright.worker.design import Design
from backwright.worker.merge.memory import RECORD
from backwright.worker.survey.facts import Facts
from backwright.worker.survey.repository import KIT, Repository

BESIDE = ("backend", "backwright-backend")
"""Where a project of the kit goes in a repository that runs on something else: the first that nobody else has, then numbered ones."""
SHOWN = 8


@dataclass(frozen=True, slots=True)
class Ground:
    """Where a delivery writes. ``others`` is the repository around it, where that runs on another framework."""

    folder: Path
    others: Repository | None = None
    root: Path | None = None


def ground(into: Path) -> Ground:
    """The folder itself; in a repository that runs on another framework, a folder of its own beside what is there."""
    if not into.is_dir() or (into / RECORD).is_file() or not any(into.iterdir()):
        return Ground(into)
    from backwright.worker.survey.surveyor import survey_repository

    found = survey_repository(into)
    here = {t.name for service in found.services if service.folder == "." for t in service.frameworks}
    if KIT in here or not found.others:
        return Ground(into)
    names = chain(BESIDE, (f"{BESIDE[-1]}-{number}" for number in count(2)))
    return Ground(next(into / name for name in names if _free(into / name)), found, into)


def _free(folder: Path) -> bool:
    """Whether the folder is not there, was delivered, or holds nothing but what a delivery that was not agreed to leaves."""
    if not folder.exists() or (folder / RECORD).is_file():
        return True
    return folder.is_dir() and {one.name for one in folder.iterdir()} <= {Path(RECORD).parts[0]}


def said(where: Ground, design: Design) -> list[str]:
    """What the delivery will and will not do beside another framework, for the plan; nothing where it is alone."""
    if where.others is None or where.root is None:
        return []
    named = [f"{t.name} {t.version or t.range}".strip() for t in where.others.others]
    places = [f"{e.file}:{e.line}" for t in where.others.others for e in (*t.used, *t.declared)[:1]]
    lines = [
        f"{where.root.name}/ is served by {', '.join(named)} ({', '.join(places)}). A project of the kit is written beside it, in "
        f"{where.folder.name}/; no file outside of that folder is edited, moved or removed.",
        "Not done: nothing is taken over from what is there, neither code nor stored data, and nothing is routed to the new project. "
        "Both can run; which one answers a path is for whoever deploys them.",
    ]
    return lines + _there(where.root, where.folder, design)


def _there(root: Path, beside: Path, design: Design) -> list[str]:
    """Which operations of the design the other framework has routes for, each with the path there and its place."""
    from backwright.worker.symbols.routes.collect import routes
    from backwright.worker.symbols.routes.route import ANY

    known = [route for route in routes(root).routes if beside.name != Path(route.file).parts[0]]
    found: dict[tuple[str, str], str] = {}
    for route in known:
        if route.complete:
            told = f"{'' if route.method == ANY else route.method.upper() + ' '}{route.path} ({route.file}:{route.line})"
            found.setdefault((route.method.upper(), _anonymous(route.path)), told)
    bases = [*(server.base for server in design.servers), ""]
    served: list[str] = []
    for operation in design.operations:
        keys = [(method, _anonymous(base + operation.path)) for base in bases for method in (operation.method.upper(), ANY)]
        served += [found[key] for key in keys if key in found][:1]
    total, part = len(design.operations), sum(not route.complete for route in known)
    more = f" and {len(served) - SHOWN} more" if len(served) > SHOWN else ""
    told = f"{len(served)} of the design's {total} operations {'is' if len(served) == 1 else 'are'} served there already"
    none = f"None of the design's {total} operations was found among its routes."
    lines = [f"{told}: {', '.join(served[:SHOWN])}{more}." if served else none]
    if part:
        lines.append(f"{part} of its {len(known)} routes {'is' if part == 1 else 'are'} known only in part, and could not be compared.")
    return lines


def _anonymous(path: str) -> str:
    """The path without the names of its parameters, however the framework writes those."""
    parts = [part for part in path.split("/") if part]
    return "/" + "/".join("*" if part[0] in "{<:[" else part for part in parts)


def saved(facts: Facts) -> None:
    """Raises `NotAgreed` where somebody's work in the folder is not committed: it could not be told from what a delivery changes."""
    if unsaved := facts.uncommitted:
        more = f" and {len(unsaved) - SHOWN} more" if len(unsaved) > SHOWN else ""
        raise NotAgreed(
            f"{len(unsaved)} files are not committed: {', '.join(unsaved[:SHOWN])}{more}. Commit or stash them, so that what you changed "
            "can be told from what the delivery changes; or say --allow-dirty. Nothing was written"
        )
