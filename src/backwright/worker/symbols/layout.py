"""Fitting a piece of text into a file: its indentation, its line ends. Pure."""

import re
from collections.abc import Collection

_SPACE = re.compile(r"[ \t]*")


def indentation(line: str) -> str:
    """The space in front of a line."""
    found = _SPACE.match(line)
    return found[0] if found else ""


def newline(text: str) -> str:
    """The line end that most lines of the text have."""
    crlf = text.count("\r\n")
    return "\r\n" if crlf * 2 > text.count("\n") else "\n"


def unit(lines: Collection[str]) -> str:
    """One step of indentation: a tab, or as many spaces (two at least) as the least indented line has; four where nothing is indented."""
    steps = [space for line in lines if line.strip() and (space := indentation(line))]
    if any(step.startswith("\t") for step in steps):
        return "\t"
    return min((step for step in steps if len(step) > 1), key=len, default=" " * 4)


def lines_of(text: str) -> list[str]:
    """The lines, without line ends, empty lines around them, and space behind the last."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    while lines and not lines[0].strip():
        lines.pop(0)
    while lines and not lines[-1].strip():
        lines.pop()
    return lines


def in_style(lines: list[str], step: str, fixed: Collection[int]) -> list[str]:
    """The lines indented with tabs where the file's step is a tab, else with its spaces."""
    own = unit([line for at, line in enumerate(lines) if at not in fixed])
    if (own == "\t") == (step == "\t"):
        return lines
    return [line if at in fixed else _converted(line, own, step) for at, line in enumerate(lines)]


def _converted(line: str, own: str, step: str) -> str:
    space = indentation(line)
    depth, rest = (space.count("\t"), space.count(" ")) if own == "\t" else divmod(len(space), len(own))
    return step * depth + " " * rest + line[len(space) :]


def shifted(lines: list[str], indent: str, fixed: Collection[int]) -> list[str]:
    """The lines moved so that the first stands at ``indent``. Fixed lines, which begin within a string, stay as they are."""
    delta = len(indent) - len(indentation(lines[0]))
    return [line if at in fixed else _moved(line, delta, indent) for at, line in enumerate(lines)]


def _moved(line: str, delta: int, indent: str) -> str:
    if not line.strip():
        return ""
    if delta >= 0:
        return (indent or " ")[:1] * delta + line
    return line[min(-delta, len(indentation(line))) :]


def hanging(lines: list[str], indent: str, fixed: Collection[int]) -> list[str] | None:
    """The lines with only the first one moved, where the others stand deep enough already: the way a body is read out of a file."""
    rest = [indentation(line) for at, line in enumerate(lines) if at and at not in fixed and line.strip() and line.lstrip()[0] not in "#/"]
    if indentation(lines[0]) or not indent or not rest or any(len(space) < len(indent) for space in rest):
        return None
    return [indent + lines[0], *lines[1:]]
