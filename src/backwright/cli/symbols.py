"""``backwright symbols``: what a repository defines and uses, and edits of one symbol at a time."""

import json as jsons
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from backwright.worker.symbols import edit
from backwright.worker.symbols.files import Told, silent
from backwright.worker.symbols.find import find as find_symbols
from backwright.worker.symbols.find import overview as outline
from backwright.worker.symbols.logic import logic as misplaced_logic
from backwright.worker.symbols.models.collect import models as collect_models
from backwright.worker.symbols.references import references as uses
from backwright.worker.symbols.routes.collect import routes as collect_routes
from backwright.worker.symbols.search import search as search_text
from backwright.worker.symbols.symbol import Finding, Kind, Refused, Symbol, plain

commands = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="What a repository defines and uses."
)

Root = Annotated[Path, typer.Argument(help="The repository's folder.")]
NamePath = Annotated[str, typer.Argument(help="Class/method, /Class/method from the top of the file, method[0]")]
File = Annotated[str, typer.Argument(help="The file, relative to the folder.")]
Within = Annotated[str | None, typer.Option("--in", help="Only this file or folder.")]
Depth = Annotated[int, typer.Option(min=0, help="How many levels of inner symbols.")]
Docs = Annotated[bool, typer.Option("--docs", help="With the documentation.")]
Limit = Annotated[int, typer.Option(min=1, help="At most so many.")]
Json = Annotated[bool, typer.Option("--json", help="As JSON on standard output.")]
Text = Annotated[str | None, typer.Option("--text", help="The new text; without it, standard input is read.")]


@commands.callback()
def _group() -> None:
    """What a repository defines and uses, by syntax: no types are inferred. Exit status 2 for what is refused."""


@commands.command()
def overview(dir: Root, path: File, depth: Depth = 0, docs: Docs = False, json: Json = False) -> None:
    """The symbols of a file."""
    with _refusals():
        found = outline(dir, path, depth=depth, docs=docs)
        _tell(found, json, [*_tree(found.symbols), *_notes(found.findings)])


@commands.command()
def find(
    dir: Root,
    name_path: NamePath,
    within: Within = None,
    depth: Depth = 0,
    body: Annotated[bool, typer.Option("--body", help="With the text of the definition.")] = False,
    docs: Docs = False,
    kind: Annotated[list[Kind] | None, typer.Option(help="Only this kind.")] = None,
    substring: Annotated[bool, typer.Option("--substring", help="The last name need only contain the text.")] = False,
    limit: Limit = 200,
    json: Json = False,
) -> None:
    """Symbols by name path."""
    with _refusals(), _progress(dir) as told:
        found = find_symbols(
            dir, name_path, within=within, depth=depth, body=body, docs=docs, kinds=kind, substring=substring, limit=limit, told=told
        )
    lines = [line for symbol in found.symbols for line in _at(symbol)] + _notes(found.findings)
    _tell(found, json, [*lines, _sum(len(found.symbols), "symbols", found.files, found.more), *_left(found.left_out)])


@commands.command()
def references(dir: Root, name_path: NamePath, path: File, within: Within = None, limit: Limit = 500, json: Json = False) -> None:
    """Where a symbol is used, and how sure that is."""
    with _refusals(), _progress(dir) as told:
        found = uses(dir, name_path, path, within=within, limit=limit, told=told)
    lines = [f"{r.file}:{r.place.line}:{r.place.column}  {r.sure}  {r.within or '-'}  {r.text}  ({r.why})" for r in found.references]
    total = _sum(len(found.references), "references", found.files, found.more)
    _tell(found, json, [*lines, *_notes(found.findings), total, *_left(found.left_out)])


@commands.command()
def search(
    dir: Root,
    pattern: Annotated[str, typer.Argument(help="A regular expression.")],
    within: Within = None,
    context: Annotated[int, typer.Option(min=0, help="Lines around each match.")] = 0,
    glob: Annotated[str | None, typer.Option(help="Files: **/*.py,!**/test_*")] = None,
    limit: Limit = 500,
    json: Json = False,
) -> None:
    """Text that a regular expression fits."""
    with _refusals():
        found = search_text(dir, pattern, within=within, context=context, glob=glob, limit=limit)
        lines = [f"{m.file}:{m.line}:{m.column}  {m.text.strip() if not context else chr(10) + m.text}" for m in found.matches]
        _tell(found, json, [*lines, _sum(len(found.matches), "matches", found.files, found.more), *_left(found.left_out)])


@commands.command("insert-before")
def insert_before(dir: Root, name_path: NamePath, path: File, text: Text = None, json: Json = False) -> None:
    """Put text in front of a symbol."""
    _edited(edit.insert_before, dir, name_path, path, text, json)


@commands.command("insert-after")
def insert_after(dir: Root, name_path: NamePath, path: File, text: Text = None, json: Json = False) -> None:
    """Put text behind a symbol."""
    _edited(edit.insert_after, dir, name_path, path, text, json)


@commands.command()
def replace(dir: Root, name_path: NamePath, path: File, text: Text = None, json: Json = False) -> None:
    """Put a new definition in a symbol's place."""
    _edited(edit.replace_body, dir, name_path, path, text, json)


@commands.command()
def routes(dir: Root, within: Within = None, json: Json = False) -> None:
    """What is served: method, path, handler, per framework."""
    with _refusals(), _progress(dir) as told:
        found = collect_routes(dir, within=within, told=told)
    lines = [
        f"{r.method:<9} {r.path}{'' if r.complete else '  (in part)'}  {r.handler}  {r.file}:{r.line}  {r.framework}" for r in found.routes
    ]
    _tell(found, json, [*lines, *_notes(found.findings), f"{len(found.routes)} routes in {found.files} files", *_left(found.left_out)])


@commands.command()
def models(dir: Root, within: Within = None, json: Json = False) -> None:
    """What is stored or exchanged: models with their fields, per framework."""
    with _refusals(), _progress(dir) as told:
        found = collect_models(dir, within=within, told=told)
    lines: list[str] = []
    for one in found.models:
        table = f"  table {one.table}" if one.table else "" if one.stored else "  (not stored)"
        lines.append(f"{one.file}:{one.line}  {one.name}  {one.framework}{table}")
        lines += [f"    {column.name}: {column.type}" for column in one.fields]
    _tell(found, json, [*lines, *_notes(found.findings), f"{len(found.models)} models", *_left(found.left_out)])


@commands.command()
def logic(dir: Root, within: Within = None, limit: Limit = 1_000, json: Json = False) -> None:
    """Business logic in controllers, route handlers and models."""
    with _refusals(), _progress(dir) as told:
        found = misplaced_logic(dir, within=within, limit=limit, told=told)
    lines: list[str] = []
    for one in found.misplaced:
        lines.append(f"{one.file}:{one.line}  {one.function}  {one.place}  score {one.score}: {', '.join(one.reasons)}")
        lines += [f"    {shown.line:>5}  {shown.reason}: {shown.text}" for shown in one.evidence]
    total = f"{len(found.misplaced)} of {found.looked_at} functions in controllers, handlers and models hold business logic"
    _tell(found, json, [*lines, *_notes(found.findings), total, *_left(found.left_out)])


def _edited(act: Callable[[Path, str, str, str], edit.Edited], dir: Path, name_path: str, path: str, text: str | None, json: bool) -> None:
    with _refusals():
        done = act(dir, name_path, path, text if text is not None else sys.stdin.read())
        said = "written" if done.changed else "was like this already"
        _tell(done, json, [f"{done.file}:{done.place.line}-{done.place.end_line}  {said}"])


@contextmanager
def _refusals() -> Generator[None]:
    try:
        yield
    except Refused as refused:
        typer.echo(str(refused), err=True)
        raise typer.Exit(2) from None


@contextmanager
def _progress(root: Path) -> Generator[Told]:
    """A bar on a terminal, on standard error; nothing anywhere else."""
    if not sys.stderr.isatty() or not root.is_dir():
        yield silent
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    from backwright.worker.source.walk import walk

    total = sum(1 for _ in walk(root).files())
    with Progress("files", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("files", total=total)
        yield lambda files: bar.update(task, completed=files)


def _tell(found: Any, json: bool, lines: list[str]) -> None:
    typer.echo(jsons.dumps(plain(found), ensure_ascii=False, indent=2) if json else "\n".join(lines))


def _tree(symbols: tuple[Symbol, ...], depth: int = 0) -> list[str]:
    lines: list[str] = []
    for symbol in symbols:
        lines.append(f"{'  ' * depth}{symbol.place.line:>5}  {symbol.kind:<9}  {symbol.signature}")
        lines += [f"{'  ' * depth}       {line}" for line in (symbol.docstring or "").splitlines()]
        lines += _tree(symbol.children, depth + 1)
    return lines


def _at(symbol: Symbol) -> list[str]:
    lines = [f"{symbol.file}:{symbol.place.line}  {symbol.kind}  {symbol.name_path}  {symbol.signature}"]
    lines += [f"    {line}" for line in (symbol.docstring or "").splitlines()]
    return [*lines, *_tree(symbol.children, 1), *([symbol.body] if symbol.body is not None else [])]


def _notes(findings: tuple[Finding, ...]) -> list[str]:
    return [f"! {f.file}{f':{f.line}' if f.line else ''}: {f.text}" for f in findings]


def _left(left_out: tuple[str, ...]) -> list[str]:
    return [f"left out: {reason}" for reason in left_out]


def _sum(count: int, what: str, files: int, more: bool) -> str:
    return f"{count}{' (there are more)' if more else ''} {what}, {files} files looked at"
