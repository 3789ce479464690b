"""Whether a file may become what an edit would make of it."""

import ast
from collections import Counter

from backwright.worker.symbols.code import Code, errors
from backwright.worker.symbols.outline import Definition, definitions
from backwright.worker.symbols.symbol import Refused


def judge(before: Code, after: Code, start: int, end: int, found: list[Definition], replaced: int | None) -> None:
    """Raises ``Refused`` where the text from ``start`` to ``end`` breaks the syntax, or another symbol would be gone."""
    if before.language.name == "python":
        _parses(after)
    elif after.root.has_error:
        known = len(errors(before.root)) if before.root.has_error else 0
        wrong = errors(after.root)
        here = [byte for byte in wrong if start <= byte < end]
        if len(wrong) > known or (here and not known):
            _refuse(after, (here or wrong)[0])
    gone = Counter(d.parts for n, d in enumerate(found) if not _within(found, n, replaced)) - Counter(d.parts for d in definitions(after))
    if gone:
        raise Refused(f"{after.file}: the edit would make {'/'.join(next(iter(gone)))} disappear; nothing was written")


def _parses(after: Code) -> None:
    """Python has to parse as a whole. libcst decides; the running Python says better where it went wrong."""
    import libcst

    text = after.data.decode("utf-8-sig")
    try:
        libcst.parse_module(text)
    except libcst.ParserSyntaxError as error:
        line, column, said = error.raw_line, error.raw_column + 1, error.message
        try:
            ast.parse(text)
        except SyntaxError as closer:
            line, column, said = closer.lineno or line, closer.offset or column, closer.msg
        raise Refused(f"{after.file}: with the edit, line {line} column {column} would not parse: {said}. Nothing was written") from None


def _refuse(after: Code, byte: int) -> None:
    raise Refused(
        f"{after.file}: with the edit, line {after.line(byte)} column {after.column(byte)} would not parse: "
        f"{after.text_of_line(byte, 60)!r}. Nothing was written"
    )


def _within(found: list[Definition], at: int | None, outer: int | None) -> bool:
    """Whether a definition is the outer one or inside it."""
    while at is not None and outer is not None:
        if at == outer:
            return True
        at = found[at].parent
    return False
