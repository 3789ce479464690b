"""The ground that a delivery writes on: which folder, what of it is somebody else's, and what of somebody's work is not saved."""

from dataclasses import dataclass
from pathlib import Path

from backwright.worker.design import Design
from backwright.worker.gates import NotAgreed
from backwright.worker.merge.memory import RECORD
from backwright.worker.survey.facts import Facts
from backwright.worker.survey.repository import KIT, Repository

BESIDE = ("backend", "backwright-backend")
"""Where a project of the kit goes in a repository that runs on something else: the first that nobody else has."""
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
    free = [name for name in BESIDE if (into / name / RECORD).is_file() or not (into / name).exists()]
    return Ground(into / (free or BESIDE)[0], found, into)


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
    there = _there(where.root, where.folder, design)
    if there:
        more = f" and {len(there) - SHOWN} more" if len(there) > SHOWN else ""
        lines.append(f"{len(there)} operations of the design are served there already: {', '.join(there[:SHOWN])}{more}.")
    return lines


def _there(root: Path, beside: Path, design: Design) -> list[str]:
    """The operations of the design that the other framework has routes for, each with its place."""
    from backwright.worker.symbols.routes.collect import routes
    from backwright.worker.symbols.routes.route import ANY

    found: dict[tuple[str, str], str] = {}
    for route in routes(root).routes:
        if beside.name != Path(route.file).parts[0]:
            found.setdefault((route.method.upper(), _anonymous(route.path)), f"{route.file}:{route.line}")
    bases = ["", *(server.base for server in design.servers)]
    told: list[str] = []
    for operation in design.operations:
        keys = [(method, _anonymous(base + operation.path)) for base in bases for method in (operation.method.upper(), ANY)]
        at = next((found[key] for key in keys if key in found), "")
        told += [f"{operation.method.upper()} {operation.path} ({at})"] if at else []
    return told


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
