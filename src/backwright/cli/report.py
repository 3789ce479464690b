"""``backwright report`` and ``backwright docs``: what is known about a project, in the forms that people and CI servers read."""

import json
from pathlib import Path
from typing import Annotated

import typer

from backwright.worker.compiled import Uncompiled
from backwright.worker.progress import Progress
from backwright.worker.prove.standards import STANDARDS
from backwright.worker.report.documentation import documents
from backwright.worker.report.input import ReportInput
from backwright.worker.report.junit import junit
from backwright.worker.report.page import page
from backwright.worker.report.project import of_project
from backwright.worker.report.proof import Proof
from backwright.worker.report.sarif import sarif

Folder = Annotated[Path, typer.Argument(help="The project's folder.", exists=True, file_okay=False, resolve_path=True)]
UNREADABLE = 2


def report(
    dir: Folder,
    into: Annotated[Path | None, typer.Option("--into", help="Where to write; DIR/.backwright/report otherwise.", file_okay=False)] = None,
) -> None:
    """Render the ledger: report.html for people, report.sarif and junit.xml for CI. Exit status: 0 only if every standard holds."""
    folder = (into or dir / ".backwright" / "report").resolve()
    proof, show = Proof(dir), Progress()
    input = _read(dir)
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "report.html", page(input, proof, folder), show)
    _write(folder / "report.sarif", json.dumps(sarif(proof, STANDARDS), indent=1, ensure_ascii=False) + "\n", show)
    _write(folder / "junit.xml", junit(proof, dir.name), show)
    show.say(" · ".join(f"{times} {verdict}" for verdict, times in proof.counts().items() if times))
    raise typer.Exit(0 if proof.good else 1)


def docs(
    dir: Folder,
    into: Annotated[Path | None, typer.Option("--into", help="Where to write; DIR/docs/reference otherwise.", file_okay=False)] = None,
) -> None:
    """Write the documentation of a project's API, database and services: api.md, database.md, services.md."""
    folder, show = (into or dir / "docs" / "reference").resolve(), Progress()
    pages = documents(_read(dir), Proof(dir))
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages.items():
        _write(folder / name, text, show)


def _read(dir: Path) -> ReportInput:
    try:
        return of_project(dir)
    except Uncompiled as error:
        typer.echo(f"{dir} cannot be described, because it cannot be loaded:\n{error}", err=True)
        raise typer.Exit(UNREADABLE) from None


def _write(place: Path, text: str, show: Progress) -> None:
    place.write_text(text, encoding="utf-8", errors="backslashreplace")
    show.say(f"  {place}")
