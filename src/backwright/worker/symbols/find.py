"""Symbols of a file, and symbols by their names."""

from collections.abc import Collection, Generator
from pathlib import Path

from backwright.worker.symbols.code import Code
from backwright.worker.symbols.files import Look, Told, one, silent
from backwright.worker.symbols.names import Pattern, pattern
from backwright.worker.symbols.outline import Definition, definitions, shown
from backwright.worker.symbols.symbol import Found, Kind, Outline, Refused, Symbol

LIMIT = 200


def overview(root: Path, path: str, *, depth: int = 0, docs: bool = False) -> Outline:
    """The outermost symbols of a file, with what is inside them down to ``depth``. Raises ``Refused``."""
    code = one(root, path)
    found = definitions(code)
    top = [shown(code, found, at, depth=depth, docs=docs) for at, d in enumerate(found) if d.parent is None]
    return Outline(code.file, code.language.name, tuple(top), code.findings)


def find(
    root: Path,
    name_path: str,
    *,
    within: str | None = None,
    depth: int = 0,
    body: bool = False,
    docs: bool = False,
    kinds: Collection[Kind] | None = None,
    substring: bool = False,
    limit: int = LIMIT,
    told: Told = silent,
) -> Found:
    """The symbols whose name path fits, in the order of files and lines.

    ``method`` fits any of that name, ``Class/method`` the end of a longer path, ``/Class/method`` the whole of it, ``method[0]`` the
    first of several.
    ``within`` is a file or folder. Files without the name are not parsed. Raises ``Refused``.
    """
    wanted, look = pattern(name_path, substring=substring), Look(root, within, told=told)
    symbols: list[Symbol] = []
    more = False
    for code in look.through(holding=wanted.last):
        found = definitions(code)
        look.note(code)
        for at in chosen(found, wanted, kinds):
            if more := len(symbols) >= limit:
                break
            symbols.append(shown(code, found, at, depth=depth, body=body, docs=docs))
        if more:
            break
    return Found(tuple(symbols), look.files, more, look.findings, look.left_out)


def chosen(found: list[Definition], wanted: Pattern, kinds: Collection[Kind] | None = None) -> Generator[int]:
    """Which definitions fit."""
    for at, d in enumerate(found):
        if wanted.fits(d.parts, d.index) and (not kinds or d.kind in kinds):
            yield at


def exactly(code: Code, name_path: str) -> tuple[list[Definition], int]:
    """The one definition of the file that fits, in the list of all. Raises ``Refused`` where there is none, or more than one."""
    found = definitions(code)
    fitting = list(chosen(found, pattern(name_path)))
    if len(fitting) == 1:
        return found, fitting[0]
    if exact := [at for at in fitting if found[at].path == name_path.strip("/")]:
        return found, exact[0]
    if fitting:
        several = ", ".join(f"{found[at].path} (line {code.line(found[at].start)})" for at in fitting[:20])
        raise Refused(f"{code.file}: {name_path} is {len(fitting)} symbols: {several}. Write the whole name path of one")
    names = ", ".join(d.path for d in found[:20]) or "nothing"
    raise Refused(f"{code.file}: there is no {name_path}; it holds {names}{' …' if len(found) > 20 else ''}")
