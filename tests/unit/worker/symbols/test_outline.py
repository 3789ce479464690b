"""What an outline says about a file, in each language."""

from pathlib import Path

import pytest

from backwright.worker.symbols.code import Code
from backwright.worker.symbols.find import find, overview
from backwright.worker.symbols.known import language_of
from backwright.worker.symbols.outline import definitions
from backwright.worker.symbols.symbol import Kind
from tests.support.every_symbol import KINDS, SOURCES
from tests.support.trees import plant


def code(file: str) -> Code:
    language = language_of(file)
    assert language is not None
    return Code(file, language, SOURCES[file].encode())


@pytest.mark.parametrize("file", SOURCES)
def test_every_kind_of_symbol_is_listed(file: str) -> None:
    """Kinds and name paths, overloads by their index, local variables left out; the sources have no errors."""
    assert code(file).findings == ()
    assert "|".join(f"{d.kind} {d.path}" for d in definitions(code(file))) == KINDS[file]


@pytest.mark.parametrize("file", SOURCES)
def test_every_symbol_stands_where_it_says(file: str) -> None:
    """Each range holds the symbol's name, lies within its parent's, and what is outermost parses by itself."""
    source = code(file)
    found = definitions(source)
    for one in found:
        text = source.data[one.start : one.end]
        assert one.lead <= one.start <= one.own <= one.named < one.end and one.name.encode() in text
        if one.parent is not None and not one.owner:
            outer = found[one.parent]
            assert outer.start <= one.start and one.end <= outer.end
        elif source.language.name not in ("php", "typescript") and one.kind in (Kind.CLASS, Kind.FUNCTION):
            whole = b"package a\n" + text if source.language.name == "go" else text
            assert not Code(file, source.language, whole + b"\n").root.has_error, text


@pytest.mark.parametrize(
    ("file", "name", "said"),
    [
        ("a.py", "Shop", "A shop.\n\nWith books."), ("a.js", "Shop", "About the class."), ("a.ts", "Shop", "About the class."),
        ("A.java", "Shop", "About the class."), ("a.kt", "Shop", "About the class."), ("a.go", "Shop", "Shop is about\nbooks."),
        ("A.cs", "Shop", "<summary>About the class.</summary>"), ("a.rb", "Shop", "About the class."),
        ("a.php", "Shop", "About the class."),
    ],
)  # fmt: skip
def test_documentation_comes_without_its_marks(file: str, name: str, said: str, tmp_path: Path) -> None:
    """The first string of a body in Python, the comment right in front elsewhere."""
    plant(tmp_path, {file: SOURCES[file]})

    shown = [one.docstring for one in find(tmp_path, name, docs=True, kinds=[Kind.CLASS, Kind.STRUCT]).symbols]

    assert shown == [said]


def test_an_overview_goes_as_deep_as_asked(tmp_path: Path) -> None:
    """Depth 0 shows the outermost symbols, 1 their children."""
    plant(tmp_path, {"a.py": SOURCES["a.py"]})

    flat, deep = overview(tmp_path, "a.py"), overview(tmp_path, "a.py", depth=1)

    assert [one.name for one in flat.symbols] == ["LIMIT", "name", "Pair", "Shop", "top"] and all(not one.children for one in flat.symbols)
    assert [one.name_path for one in deep.symbols[3].children] == ["Shop/size", "Shop/total[0]", "Shop/total[1]", "Shop/open"]
    assert (flat.symbols[3].place.line, flat.symbols[3].signature) == (10, "class Shop(Base)")


def test_columns_count_characters(tmp_path: Path) -> None:
    """A letter of several bytes is one column; a byte order mark is none."""
    plant(tmp_path, {"a.ts": "\ufeffconst é = 'ü', b = 1;\n"})

    assert [one.place.column for one in overview(tmp_path, "a.ts").symbols] == [7, 16]
