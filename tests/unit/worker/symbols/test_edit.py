"""Edits by symbol: what is not replaced stays as it is, byte for byte; what would break the file is refused."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwright.worker.symbols import layout
from backwright.worker.symbols.code import Code
from backwright.worker.symbols.edit import (
    Slot,
    Splice,
    insert_after,
    insert_before,
    replace_body,
    slot_after,
    slot_before,
    slot_instead,
    splices,
)
from backwright.worker.symbols.find import find
from backwright.worker.symbols.judge import judge
from backwright.worker.symbols.known import language_of
from backwright.worker.symbols.outline import Definition, definitions
from backwright.worker.symbols.symbol import Kind, Refused
from tests.support.every_symbol import SOURCES

SHAPES = ("\n", "\r\n", "bom", "bare")
Where = Callable[[Code, Definition, list[str]], Slot]


def shaped(file: str, shape: str) -> Code:
    """A source with other line ends, with a byte order mark, or without a last line end."""
    text = SOURCES[file].rstrip("\n") if shape == "bare" else SOURCES[file]
    text = text.replace("\n", "\r\n") if shape == "\r\n" else text
    language = language_of(file)
    assert language is not None
    return Code(file, language, (b"\xef\xbb\xbf" if shape == "bom" else b"") + text.encode())


def accepted(code: Code, at: int, where: Where, new: list[str]) -> Splice | None:
    """The first way to lay the text that breaks nothing."""
    found = definitions(code)
    slot = where(code, found[at], new)
    for splice in splices(code, slot, new):
        after = replace(code, data=splice.into(code.data))
        try:
            judge(code, after, splice.start, splice.start + len(splice.data), found, at if slot.bare else None)
        except Refused:
            continue
        return splice
    return None


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("file", SOURCES)
def test_a_body_replaced_by_itself_changes_nothing(file: str, shape: str) -> None:
    """For every symbol of every language, whatever the line ends."""
    code = shaped(file, shape)
    for at, one in enumerate(definitions(code)):
        splice = accepted(code, at, slot_instead, layout.lines_of(code.text(one.start, one.end)))
        assert splice is not None and splice.into(code.data) == code.data, one.path


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("file", SOURCES)
def test_what_is_inserted_can_be_taken_out_again(file: str, shape: str) -> None:
    """A copy put before or after is whole lines: without them the file is the old one. Everything keeps its name."""
    code = shaped(file, shape)
    found = definitions(code)
    done = 0
    for at, one in enumerate(found):
        new = layout.lines_of(code.text(one.start, one.end))
        for where in (slot_before, slot_after):
            if (splice := accepted(code, at, where, new)) is None:
                continue
            data = splice.into(code.data)
            done += 1
            assert data[: splice.start] + data[splice.start + len(splice.data) :] == code.data
            assert (b"\r\n" in data) == (b"\r\n" in code.data) and data.count(b"\n") - data.count(b"\r\n") in (0, data.count(b"\n"))
            assert data.endswith(b"\n") == code.data.endswith(b"\n") and data.startswith(b"\xef\xbb\xbf") == (shape == "bom")
    assert done > len(found) / 2


@given(st.sampled_from([name for name in SOURCES if name != "a.py"]), st.data())
def test_an_edit_never_makes_errors(file: str, data: st.DataObject) -> None:
    """Whatever text takes a symbol's place: either it is refused, or the file parses and every other symbol is still there."""
    code = shaped(file, "\n")
    found = definitions(code)
    at = data.draw(st.integers(0, len(found) - 1))
    text = data.draw(st.text("ab{}()\n \t'\"`#/*:;,=", min_size=1, max_size=30).filter(str.strip))
    splice = accepted(code, at, slot_instead, layout.lines_of(text))
    if splice is not None:
        after = replace(code, data=splice.into(code.data))
        paths = {d.parts for d in definitions(after)}
        assert not after.root.has_error
        assert all(d.parts in paths for d in found if d.parts[: len(found[at].parts)] != found[at].parts)


REPLACED = {
    "a.py": ("Shop/open", "async def open(self, when):\n    # why\n    return when\n"),
    "a.js": ("Shop/open", "open(when) {\n  return when;\n}"),
    "a.ts": ("Shop/open", "async open(when: Date): Promise<void> {\n  await when;\n}"),
    "a.tsx": ("View", "export function View(when: Props) {\n  return <i>{when.name}</i>;\n}"),
    "A.java": ("Shop/open[0]", "public int open(long when) {\n    return 1;\n}"),
    "a.kt": ("Shop/open", "fun open(when: Int): Int {\n    return 2\n}"),
    "a.go": ("Shop/Open", "func (s *Shop) Open(when int) int {\n\treturn when\n}"),
    "A.cs": ("Shop/Open", "public int Open(long when)\n{\n    return 1;\n}"),
    "a.rb": ("Shop/open", "def open(when)\n  when\nend"),
    "a.php": ("Shop/open", "public function open($when)\n{\n    return $when;\n}"),
}


@pytest.mark.parametrize("file", REPLACED)
def test_a_replacement_is_indented_and_keeps_decorators(file: str, tmp_path: Path) -> None:
    """Text from the left margin gets the indentation of its place; decorators and the comment in front stay."""
    name, new = REPLACED[file]
    (tmp_path / file).write_text(SOURCES[file].replace("fun open(a: Int)", "@Mark fun open(a: Int)"))
    before = (tmp_path / file).read_text()

    assert replace_body(tmp_path, name, file, new.replace("when: Int", "w: Int") if file == "a.kt" else new).changed

    after = (tmp_path / file).read_text()
    shown = find(tmp_path, name.partition("[")[0], within=file, body=True).symbols[0]
    assert shown.body is not None and ("when" in shown.body or "w: Int" in shown.body)
    for mark in ("@property", "@Get(':id')", "@Override", "@Mark", "[HttpGet", "#[Route", "About the class", "Shop is about"):
        assert (mark in after) == (mark in before)
    last = shown.body.splitlines()[-1]
    if file not in ("a.py", "a.tsx", "a.go", "a.js"):
        assert len(last) - len(last.lstrip()) == shown.place.column - 1 - ("@Mark " in shown.body) * 0


def test_python_is_indented_without_touching_its_strings(tmp_path: Path) -> None:
    """What stands in a string of several lines is content."""
    (tmp_path / "a.py").write_text("class A:\n    def f(self):\n        return 1\n")

    insert_after(tmp_path, "A/f", "a.py", 'def g(self):\n    return """\nleft\n    four"""\n')

    assert (tmp_path / "a.py").read_text() == (
        'class A:\n    def f(self):\n        return 1\n\n    def g(self):\n        return """\nleft\n    four"""\n'
    )


def test_insertions_stand_apart_as_the_language_has_it(tmp_path: Path) -> None:
    """Two empty lines between functions of a Python module, one in a class, none between constants; comments stay with their symbol."""
    file = tmp_path / "a.py"
    file.write_text("A = 1\n\n\n# about f\n@mark\ndef f():\n    pass")

    insert_before(tmp_path, "f", "a.py", "def e():\n    pass")
    insert_after(tmp_path, "A", "a.py", "B = 2")
    insert_after(tmp_path, "f", "a.py", "def g():\n    pass\n")

    assert file.read_text() == ("A = 1\nB = 2\n\n\ndef e():\n    pass\n\n\n# about f\n@mark\ndef f():\n    pass\n\n\ndef g():\n    pass")


def test_tabs_are_kept(tmp_path: Path) -> None:
    """Text with spaces gets tabs in a file with tabs."""
    (tmp_path / "a.go").write_text("package a\n\nfunc f() {\n\tx()\n}\n")

    insert_after(tmp_path, "f", "a.go", "func g() {\n    if y {\n        x()\n    }\n}")

    assert (tmp_path / "a.go").read_text().endswith("}\n\nfunc g() {\n\tif y {\n\t\tx()\n\t}\n}\n")


def test_a_new_comment_takes_the_place_of_the_old(tmp_path: Path) -> None:
    """Text that begins with a comment or a decorator replaces what stands in front."""
    (tmp_path / "a.py").write_text("# old\n@old\ndef f(): pass\n")

    replace_body(tmp_path, "f", "a.py", "@new\ndef f(): return 1")
    assert (tmp_path / "a.py").read_text() == "# old\n@new\ndef f(): return 1\n"

    replace_body(tmp_path, "f", "a.py", "# new\ndef f(): return 2")
    assert (tmp_path / "a.py").read_text() == "# new\ndef f(): return 2\n"


@pytest.mark.parametrize(
    ("file", "text", "name", "new", "said"),
    [
        ("a.py", "def f():\n    pass\n", "f", "def f(:\n    pass", "line 1"),
        ("a.py", "class A:\n    def f(self): pass\n", "A/f", "return return", "line 2"),
        ("a.ts", "class A { f() {} g() {} }\n", "A/f", "f() { // open", "not parse"),
        ("a.ts", "function f() {} function g() {}\n", "f", "function f() {} // g is gone", "g disappear"),
        ("a.go", "package a\n\nfunc f() {}\n", "f", "func f() {", "not parse"),
        ("a.py", "def f(): pass\n", "f", "  \n", "empty"),
        ("a.py", "def f(): pass\n", "g", "x", "there is no g; it holds f"),
        (
            "a.py",
            "class A:\n    def f(self): pass\nclass B:\n    def f(self): pass\n",
            "f",
            "x",
            "f is 2 symbols: A/f (line 2), B/f (line 4)",
        ),
    ],
)
def test_what_would_break_the_file_is_refused(file: str, text: str, name: str, new: str, said: str, tmp_path: Path) -> None:
    """Nothing is written, and the refusal says where and why."""
    (tmp_path / file).write_text(text)

    with pytest.raises(Refused) as refused:
        replace_body(tmp_path, name, file, new)

    assert said in str(refused.value) and (tmp_path / file).read_text() == text


def test_errors_that_were_there_do_not_stop_an_edit_elsewhere(tmp_path: Path) -> None:
    """In a language other than Python; in Python the result must parse."""
    (tmp_path / "a.ts").write_text("function broken( {\n}\nfunction f() {}\n")
    (tmp_path / "a.py").write_text("def broken(:\n    pass\n\n\ndef f(): pass\n")

    if any(one.name == "f" for one in find(tmp_path, "f", within="a.ts").symbols):
        replace_body(tmp_path, "f", "a.ts", "function f() { return 1 }")
        assert "return 1" in (tmp_path / "a.ts").read_text()
    with pytest.raises(Refused, match="line 1"):
        replace_body(tmp_path, "f", "a.py", "def f(): return 1")


def test_the_files_rights_are_kept(tmp_path: Path) -> None:
    """A script stays executable."""
    (tmp_path / "a.py").write_text("def f(): pass\n")
    (tmp_path / "a.py").chmod(0o750)

    replace_body(tmp_path, "f", "a.py", "def f(): return 1")

    assert (tmp_path / "a.py").stat().st_mode & 0o777 == 0o750


def test_kinds_are_words() -> None:
    """They go to JSON as they are."""
    assert str(Kind.METHOD) == "method"
