"""The only file of the worker that touches a project's tree: writes what a plan says, on a branch of its own where there is one."""

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from backwright.worker import journal
from backwright.worker.plan import Change
from backwright.worker.prove import seal
from backwright.worker.survey.facts import Facts
from backwright.worker.survey.read import DELIVERED, delivered, git


def branch(folder: Path, facts: Facts, now: datetime) -> str:
    """Where the folder is a repository of its own with commits: begin a branch and give its name. Else nothing."""
    if facts.git is None or not facts.git.own or not facts.git.commits:
        return ""
    if facts.git.branch.startswith("backwright/"):
        return facts.git.branch
    name = f"backwright/{now:%Y-%m-%d-%H-%M-%S}"
    return name if git(folder, "switch", "--quiet", "--create", name) is not None else ""


def write(folder: Path, changes: Iterable[Change]) -> list[str]:
    """Write the files, each whole or not at all, and remember what was written; gives their paths in the order of writing."""
    record = delivered(folder)
    written: list[str] = []
    for change in changes:
        place = _inside(folder, change.path)
        data = change.text.encode()
        journal.replace(place, data)
        record[change.path] = seal.digest(data)
        written.append(change.path)
    _remember(folder, record)
    return written


def note(folder: Path, paths: Iterable[str]) -> None:
    """Remember further files that the delivery made, such as migrations."""
    record = delivered(folder)
    record.update({path: digest for path in paths if (digest := seal.of_file(folder / path))})
    _remember(folder, record)


def _remember(folder: Path, record: dict[str, str]) -> None:
    journal.replace(folder / DELIVERED, json.dumps(dict(sorted(record.items())), indent=1).encode() + b"\n")


def _inside(folder: Path, path: str) -> Path:
    """The place of a file. Raises ``ValueError`` for one that is not inside the folder, links followed."""
    place = folder / path
    root = folder.resolve()
    if root not in place.resolve().parents:
        raise ValueError(f"{path} is not inside {folder}")
    return place
