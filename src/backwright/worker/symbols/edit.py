"""Insert before, insert after, replace: one symbol of one file, by bytes. What would break the file is refused, and nothing is written.

Everything that is not replaced stays as it is, byte for byte: formatting, comments, line ends, a byte order mark, a missing last line end.
"""

import os
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from pathlib import Path

from backwright.worker import journal
from backwright.worker.source import text
from backwright.worker.symbols import layout
from backwright.worker.symbols.code import Code
from backwright.worker.symbols.files import inside, one
from backwright.worker.symbols.find import exactly
from backwright.worker.symbols.judge import judge
from backwright.worker.symbols.outline import Definition
from backwright.worker.symbols.strings import inner_lines
from backwright.worker.symbols.symbol import Kind, Place, Refused

_VALUES = (Kind.CONSTANT, Kind.VARIABLE)
_OPENERS = {"python": "@", "javascript": "@", "typescript": "@", "tsx": "@", "java": "@", "kotlin": "@", "csharp": "[", "php": "#["}
_COMMENTS = {"python": ("#",), "ruby": ("#",), "php": ("//", "/*", "# ")}


@dataclass(frozen=True, slots=True)
class Edited:
    """What an edit did."""

    file: str
    name_path: str
    """The symbol that was named."""
    place: Place
    """Where the new text stands now."""
    changed: bool
    """False where the text was there already."""


@dataclass(frozen=True, slots=True)
class Splice:
    """The change of a file: these bytes in place of those from ``start`` to ``end``."""

    start: int
    end: int
    data: bytes

    def into(self, old: bytes) -> bytes:
        """The bytes of the file after the change."""
        return old[: self.start] + self.data + old[self.end :]


@dataclass(frozen=True, slots=True)
class Slot:
    """Where new text goes, and what stands around it."""

    start: int
    end: int
    indent: str
    """Of the text's first line."""
    before: str = ""
    after: str = ""
    bare: bool = False
    """The indentation of the first line stands in the file already."""


def insert_before(root: Path, name_path: str, path: str, new: str) -> Edited:
    """Put text in front of a symbol, its decorators and its comment. Raises ``Refused``."""
    return _edit(root, name_path, path, new, slot_before)


def insert_after(root: Path, name_path: str, path: str, new: str) -> Edited:
    """Put text behind a symbol. Raises ``Refused``."""
    return _edit(root, name_path, path, new, slot_after)


def replace_body(root: Path, name_path: str, path: str, new: str) -> Edited:
    """Put a new definition in a symbol's place, signature included. Raises ``Refused``.

    Its decorators stay unless the text begins with decorators, the comment in front stays unless the text begins with a comment.
    """
    return _edit(root, name_path, path, new, slot_instead)


def slot_before(code: Code, one: Definition, new: list[str]) -> Slot:
    """In lines of its own above the symbol, or in its line where other code stands in front."""
    start = code.start_of_line(one.lead)
    indent = layout.indentation(code.text(start, one.lead))
    if code.data[start : one.lead].strip(b" \t\xef\xbb\xbf"):
        return Slot(one.lead, one.lead, indent, before="\n", after="\n" + indent)
    at = start + 3 if start == 0 and code.data.startswith(b"\xef\xbb\xbf") else start
    return Slot(at, at, indent, after="\n" * (1 + _gap(code, one, new)))


def slot_after(code: Code, one: Definition, new: list[str]) -> Slot:
    """In lines of its own below the symbol, or in its line where other code follows."""
    start = code.start_of_line(one.start)
    indent = layout.indentation(code.text(start, one.start))
    end = code.data.find(b"\n", one.end)
    rest = code.text(one.end, end if end >= 0 else len(code.data)).strip().lstrip(";,").strip()
    gap = "\n" * _gap(code, one, new)
    if rest and not rest.startswith(("//", "#", "/*")):
        return Slot(one.end, one.end, indent, before="\n" + gap, after="\n" + indent)
    if end < 0:
        return Slot(len(code.data), len(code.data), indent, before="\n" + gap)
    return Slot(end + 1, end + 1, indent, before=gap, after="\n")


def slot_instead(code: Code, one: Definition, new: list[str]) -> Slot:
    """In the symbol's place."""
    first, opener = new[0].lstrip(), _OPENERS.get(code.language.name)
    start = one.own
    if first.startswith(_COMMENTS.get(code.language.name, ("//", "/*"))) and not first.startswith("#["):
        start = one.lead
    elif opener and first.startswith(opener):
        start = one.start
    head = code.text(code.start_of_line(start), start).lstrip("\ufeff")
    return Slot(start, one.end, layout.indentation(head), bare=True)


def splices(code: Code, slot: Slot, new: list[str]) -> Generator[Splice]:
    """The ways to lay the text into the slot, the likeliest first."""
    whole = code.data.decode("utf-8")
    fixed = inner_lines(code, slot.start, slot.end, new)
    lines = layout.in_style(new, layout.unit(whole.split("\n")), fixed)
    if slot.bare and lines[-1][-1:] in (";", ",") and code.data[slot.end : slot.end + 1] == lines[-1][-1:].encode():
        lines[-1] = lines[-1][:-1]
    for laid in (layout.hanging(lines, slot.indent, fixed), layout.shifted(lines, slot.indent, fixed)):
        if laid is None:
            continue
        body = "\n".join(laid)
        body = slot.before + (body[len(slot.indent) :] if slot.bare else body) + slot.after
        yield Splice(slot.start, slot.end, body.replace("\n", layout.newline(whole)).encode("utf-8", "surrogatepass"))


def _gap(code: Code, one: Definition, new: list[str]) -> int:
    """How many empty lines stand between the symbol and its new neighbour."""
    if one.kind in _VALUES and len(new) == 1:
        return 0
    return 2 if code.language.name == "python" and one.parent is None and one.start == code.start_of_line(one.start) else 1


def _edit(root: Path, name_path: str, path: str, new: str, slot_of: Callable[[Code, Definition, list[str]], Slot]) -> Edited:
    code = _exact_bytes(root, path)
    found, at = exactly(code, name_path)
    if not (lines := layout.lines_of(new)):
        raise Refused("the new text is empty")
    slot = slot_of(code, found[at], lines)
    refused: Refused | None = None
    for splice in splices(code, slot, lines):
        after = replace(code, data=splice.into(code.data))
        try:
            judge(code, after, splice.start, splice.start + len(splice.data), found, at if slot.bare else None)
        except Refused as wrong:
            refused = wrong
            continue
        if after.data != code.data:
            _write(inside(root, path), code.data, after.data)
        return Edited(code.file, found[at].path, _place(after, splice), after.data != code.data)
    assert refused is not None
    raise refused


def _place(after: Code, splice: Splice) -> Place:
    lead = len(splice.data) - len(splice.data.lstrip())
    return after.place(splice.start + lead, splice.start + len(splice.data.rstrip()))


def _exact_bytes(root: Path, path: str) -> Code:
    """The file as its bytes are. Raises ``Refused`` for what is not UTF-8: its other letters could not be written back."""
    code = one(root, path)
    if code.encoding not in ("utf-8", "utf-8-sig"):
        raise Refused(f"{code.file}: is written in {code.encoding}, not in UTF-8; convert it before it is edited")
    data = inside(root, path).read_bytes()
    found = text.decode(data)
    if not isinstance(found, text.Text) or found.encoding != code.encoding:
        raise Refused(f"{code.file}: was changed while it was read; try again")
    return replace(code, data=data)


def _write(place: Path, old: bytes, new: bytes) -> None:
    if not os.access(place, os.W_OK):
        raise Refused(f"{place.name}: cannot be written: permission denied")
    try:
        if place.read_bytes() != old:
            raise Refused(f"{place.name}: was changed meanwhile by somebody else; nothing was written")
        journal.replace(place, new)
    except OSError as error:
        raise Refused(f"{place.name}: cannot be written: {text.why(error)}") from None
