"""A Python text cut into named parts: definitions, fields, imports, entries of lists, each with the comments above it. Nothing is lost:
the parts put together are the text again. Pure."""

import ast
import re
import textwrap
import tokenize
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

Lines = tuple[str, ...]
_BREAK = re.compile("\r\n|\r|\n")
_QUIET = re.compile(r"\s*(#.*)?")


@dataclass(frozen=True, slots=True)
class Part:
    """One definition or entry. ``lead`` are the blank lines and comments above it, ``text`` its own lines, whole."""

    key: str
    """What it is known by on every side: ``class Book``, ``def buyer``, ``name app``, ``from model``, ``allow(Book)``."""
    names: frozenset[str]
    """The names that it binds."""
    lead: Lines
    text: Lines
    inner: "Inner | None" = None
    """What it is made of, where that can be merged piece by piece."""
    entry: bool = False
    """An element of a list or call, not a statement."""

    @property
    def lines(self) -> Lines:
        """All of it."""
        return self.lead + self.text


@dataclass(frozen=True, slots=True)
class Inner:
    """The first lines, the parts and the last lines of something that holds parts."""

    open: Lines
    parts: tuple[Part, ...]
    close: Lines

    @property
    def lines(self) -> Lines:
        """All of it."""
        return (*self.open, *(line for part in self.parts for line in part.lines), *self.close)


@lru_cache(256)
def module(text: str) -> Inner:
    """The parts of a module. Raises ``SyntaxError``, or ``ValueError`` for what Python cannot read at all."""
    lines = tuple(_BREAK.split(text))
    return _body(lines, ast.parse(text).body, 0, len(lines), ())


def meaning(part: Part) -> tuple[str, Lines] | None:
    """What a part says, whatever its layout: its syntax, and its comments in their order. None where Python cannot read it by itself."""
    return _meaning("\n".join(part.text), part.entry)


@lru_cache(1024)
def _meaning(text: str, entry: bool) -> tuple[str, Lines] | None:
    for before, after in (("_(", "\n)"), ("_ = {", "\n}")) if entry else (("", ""),):
        whole = before + text + after if entry else textwrap.dedent(text)
        try:
            tokens = tokenize.generate_tokens(iter([f"{line}\n" for line in whole.split("\n")]).__next__)
            comments = [token.string for token in tokens if token.type == tokenize.COMMENT]
            return ast.dump(ast.parse(whole)), tuple(comments)
        except (SyntaxError, ValueError, tokenize.TokenError):
            continue
    return None


def quiet(line: str) -> bool:
    """Whether the line is blank or only a comment."""
    return _QUIET.fullmatch(line) is not None


@dataclass(frozen=True, slots=True)
class _Piece:
    """A run of whole lines, first and last included, with what stands on it."""

    first: int
    last: int
    column: int
    key: str
    names: frozenset[str]
    node: ast.AST | None


def _body(lines: Lines, statements: Sequence[ast.stmt], start: int, end: int, open_: Lines) -> Inner:
    pieces: list[_Piece] = []
    for number, node in enumerate(statements):
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))]) - 1
        last = (node.end_lineno or node.lineno) - 1
        piece = _Piece(first, last, node.col_offset, _key(node, number == 0, pieces), frozenset(_names(node)), node)
        if pieces and pieces[-1].last >= first:
            before = pieces.pop()
            piece = _Piece(before.first, last, before.column, f"{before.key}; {piece.key}", before.names | piece.names, None)
        pieces.append(piece)
    return _cut(lines, pieces, start, end, open_, entry=False)


def _cut(lines: Lines, pieces: Sequence[_Piece], start: int, end: int, open_: Lines, *, entry: bool) -> Inner:
    counts: Counter[str] = Counter()
    parts: list[Part] = []
    for number, piece in enumerate(pieces):
        limit = pieces[number + 1].first if number + 1 < len(pieces) else end
        stop = piece.last + 1 if entry else _with_tail(lines, piece, limit)
        counts[piece.key] += 1
        key = piece.key if counts[piece.key] == 1 else f"{piece.key} #{counts[piece.key]}"
        part = Part(key, piece.names, lines[start : piece.first], lines[piece.first : stop], entry=entry)
        parts.append(replace(part, inner=_inner(lines, piece, stop)))
        start = stop
    return Inner(open_, tuple(parts), lines[start:end])


def _with_tail(lines: Lines, piece: _Piece, limit: int) -> int:
    """Where it ends: comments below it that stand further in than it does are its own."""
    stop = piece.last + 1
    for number in range(stop, limit):
        line = lines[number]
        if line.strip() and len(line) - len(line.lstrip()) > piece.column:
            stop = number + 1
    return stop


def _inner(lines: Lines, piece: _Piece, stop: int) -> Inner | None:
    node = piece.node
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return _definition(lines, node, piece.first, stop)
    value = getattr(node, "value", node)
    if isinstance(node, ast.expr) and not isinstance(node, ast.Call | ast.List | ast.Tuple | ast.Set | ast.Dict):
        return None
    return _bracketed(lines, value, piece.first, stop) if isinstance(value, ast.expr) else None


def _definition(lines: Lines, node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef, first: int, stop: int) -> Inner | None:
    body = min([node.body[0].lineno, *(d.lineno for d in getattr(node.body[0], "decorator_list", ()))]) - 1
    head = body
    while head > first and quiet(lines[head - 1]):
        head -= 1
    if head <= node.lineno - 1 or not lines[body].startswith((" ", "\t")):
        return None
    if isinstance(node, ast.ClassDef):
        return _body(lines, node.body, head, stop, lines[first:head])
    said = _is_doc(node.body[0]) and (node.body[0].end_lineno or 0)
    cut = said if said and (len(node.body) == 1 or node.body[1].lineno > said) else head
    doc = [_Piece(body, cut - 1, 0, "docstring", frozenset(), None)] if cut > head else []
    rest = Part("body", frozenset(), (), lines[cut:stop])
    listed = [Part(p.key, p.names, lines[head : p.first], lines[p.first : cut]) for p in doc]
    return Inner(lines[first:head], (*listed, *([rest] if rest.text else [])), ())


def _bracketed(lines: Lines, value: ast.expr, first: int, stop: int) -> Inner | None:
    """A list, call or the like with each entry on lines of its own and a comma behind each; else nothing."""
    end = value.end_lineno
    if end is None or end != stop or not lines[end - 1].lstrip().startswith((")", "]", "}")):
        return None
    pieces: list[_Piece] = []
    for key, node, start in _entries(value):
        last, column = (node.end_lineno or 0) - 1, node.end_col_offset or 0
        behind = lines[last].encode()[column:].decode(errors="replace") if last < end - 1 else ""
        begun = pieces[-1].last if pieces else (value.func.end_lineno or 0) - 1 if isinstance(value, ast.Call) else value.lineno - 1
        if not behind.startswith(",") or not re.fullmatch(r",\s*(#.*)?", behind) or start - 1 <= begun:
            return None
        pieces.append(_Piece(start - 1, last, 0, key, frozenset(), node))
    if not pieces:
        return None
    head = pieces[0].first
    while head > first and quiet(lines[head - 1]):
        head -= 1
    found = _cut(lines, pieces, head, stop - 1, lines[first:head], entry=True)
    return replace(found, close=(*found.close, lines[stop - 1]))


def _entries(value: ast.expr) -> Iterator[tuple[str, ast.expr, int]]:
    """Each entry's name, value and first line."""
    if isinstance(value, ast.List | ast.Set | ast.Tuple):
        yield from ((_called(e), e, e.lineno) for e in value.elts)
    elif isinstance(value, ast.Dict):
        for key, item in zip(value.keys, value.values, strict=True):
            yield (f"{ast.unparse(key)}:" if key is not None else f"**{ast.unparse(item)}"), item, (key or item).lineno
    elif isinstance(value, ast.Call):
        yield from ((_called(e), e, e.lineno) for e in value.args)
        yield from ((f"{k.arg}=" if k.arg else f"**{ast.unparse(k.value)}", k.value, k.lineno) for k in value.keywords)


def _called(node: ast.expr) -> str:
    """``allow(Book)`` for ``allow(Book, read=anyone)``: a call is known by its first argument."""
    if isinstance(node, ast.Call) and node.args:
        return f"{ast.unparse(node.func)}({ast.unparse(node.args[0])})"
    return ast.unparse(node)


def _key(node: ast.stmt, first: bool, before: Sequence[_Piece]) -> str:
    if _is_doc(node):
        return "docstring" if first else f"about {before[-1].key}" if before else "docstring"
    match node:
        case ast.ClassDef():
            return f"class {node.name}"
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return f"def {node.name}"
        case ast.ImportFrom():
            return f"from {'.' * node.level}{node.module or ''}"
        case ast.Import():
            return f"import {', '.join(n.name for n in node.names)}"
        case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            return f"name {', '.join(map(ast.unparse, targets))}"
        case ast.If() | ast.While():
            return f"if {ast.unparse(node.test)}"
        case ast.Expr(value=ast.Call() as call):
            return _called(call)
        case _:
            return ast.unparse(node).partition("\n")[0]


def _names(node: ast.stmt) -> Iterator[str]:
    """What a statement binds where it stands."""
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        yield node.name
    elif isinstance(node, ast.Import | ast.ImportFrom):
        yield from ((n.asname or n.name).partition(".")[0] for n in node.names)
    else:
        yield from (n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))


def _is_doc(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
