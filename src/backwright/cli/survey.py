"""``backwright survey``: what is there? Facts about a repository in any framework, each with the place that shows it."""

from collections import Counter
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from backwright.worker.survey.document import as_json
from backwright.worker.survey.repository import Evidence, Repository, Service, Technology, Thing
from backwright.worker.survey.surveyor import survey_repository

NONE = "none found"
_FEW = 12


def survey(
    dir: Annotated[Path, typer.Argument(help="The repository's folder.", exists=True, file_okay=False, resolve_path=True)],
    json: Annotated[Path | None, typer.Option("--json", help="Write everything to this file too; - for standard output.")] = None,
) -> None:
    """Say what a repository is made of. Nothing in it is run. Exit status: 0, however little is found."""
    console = Console(highlight=False, soft_wrap=True)
    with _progress(console, quiet=str(json) == "-") as told:
        found = survey_repository(dir, told=told)
    if str(json) == "-":
        typer.echo(as_json(found), nl=False)
        return
    for line, style in _lines(found):
        console.print(line, style=style or None, markup=False)
    if json is not None:
        try:
            json.write_text(as_json(found), encoding="utf-8")
        except OSError as error:
            typer.echo(f"{json} cannot be written: {error.strerror}", err=True)
            raise typer.Exit(2) from None
        console.print(f"written: {json}", markup=False)


@contextmanager
def _progress(console: Console, *, quiet: bool) -> Generator[Callable[[int], None]]:
    """A count of files on a terminal; nothing elsewhere."""
    if quiet or not console.is_terminal:
        yield lambda files: None
        return
    with console.status("surveying …") as status:
        yield lambda files: status.update(f"surveying … {files:,} files")


def _lines(found: Repository) -> Generator[tuple[str, str]]:
    yield f"{found.name}: {found.files:,} files", "bold"
    yield _row("languages", [f"{one.name} {one.lines:,} lines in {one.files:,} files" for one in found.languages]), ""
    yield _row("package managers", [f"{one.name} ({one.path})" for one in found.package_managers]), ""
    yield _row("frameworks", [f"{_versioned(one)}" for one in found.frameworks]), ""
    yield "", ""
    yield f"services: {len(found.services) or NONE}", "bold"
    for service in found.services:
        yield from _service(service)
    members = [p for p in found.packages if p.role not in ("service", "aside")]
    yield _row("other packages", [f"{p.folder} ({p.role})" for p in members]), ""
    aside = sum(p.role == "aside" for p in found.packages)
    if aside:
        yield f"  {aside} manifests of tests, examples and documentation are left aside", "dim"
    if found.libraries:
        yield _row("used or declared elsewhere", [_used(one) for one in found.libraries]), ""
    yield "", ""
    yield _row("migrations", [f"{m.name} in {m.path} ({m.note})" for m in found.migrations]), ""
    yield _row("API documents", _documents(found.documents)), ""
    yield _row("decision records", [d.path for d in found.documents if d.kind == "ADR"]), ""
    yield _row("container files", [c.path for c in found.containers if c.kind == "container file"]), ""
    yield _row("compose services", [f"{c.name} ({c.note})" for c in found.containers if c.kind == "compose service"]), ""
    yield _row("CI", [f"{c.name} ({c.path})" for c in found.ci]), ""
    yield _row("patterns", [f"{p.name} {p.count} ({_at(p.evidence)})" for p in found.patterns]), ""
    names = {node.id: node.name for node in found.graph.nodes}
    yield _row("needs", [f"{names[e.source]} → {names[e.target]} ({_at(e.evidence)})" for e in found.graph.edges], lines=True), ""
    yield "", ""
    yield _row("left out", [f"{reason} {count:,}" for reason, count in found.left_out.items()]), "dim"
    yield (
        _row("findings", [f"{f.file}{f':{f.line}' if f.line else ''}: {f.problem}" for f in found.findings], lines=True),
        ("yellow" if found.findings else "dim"),
    )


def _service(service: Service) -> Generator[tuple[str, str]]:
    yield f"  {service.name}  ({service.folder}, {service.kind})", "bold"
    for framework in service.frameworks:
        yield f"    {'framework':<12} {_versioned(framework)}  {_at((*framework.declared[:1], *framework.used[:1]))}", ""
    for command in service.commands[:4]:
        yield f"    {'start':<12} {command.text}  ({'by convention, ' if command.derived else ''}{_at([command.at])})", ""
    for entry in service.entry_points[:3]:
        yield f"    {'entry':<12} {entry.what}  {_at([entry.at])}", ""
    for kind, count in Counter(t.kind for t in service.technologies).items():
        listed = [_used(t) for t in service.technologies if t.kind == kind]
        yield f"    {kind:<12} {', '.join(listed[:_FEW])}{_more(count)}", ""


def _versioned(one: Technology) -> str:
    stated = f" ({one.range})" if one.version and one.range and one.range.strip("=") != one.version else ""
    return f"{one.name} {one.version or one.range or 'of unknown version'}{stated}"


def _used(one: Technology) -> str:
    said = ", ".join([*(["development"] if one.development else []), *([] if one.used else ["declared, no use found"])])
    return " ".join(part for part in (one.name, one.version or one.range, f"[{said}]" if said else "") if part)


def _documents(things: Iterable[Thing]) -> list[str]:
    return [f"{t.path} ({t.kind}{f' {t.note}' if t.note else ''})" for t in things if t.kind != "ADR"]


def _at(evidence: Sequence[Evidence]) -> str:
    return ", ".join(f"{e.file}:{e.line}" if e.line else e.file for e in evidence[:2])


def _row(title: str, items: Sequence[str], *, lines: bool = False) -> str:
    if not items:
        return f"{title}: {NONE}"
    between = "\n  " if lines else ", "
    return f"{title}: {between if lines else ''}{between.join(items[:_FEW])}{_more(len(items))}"


def _more(count: int) -> str:
    return f" and {count - _FEW} more" if count > _FEW else ""
