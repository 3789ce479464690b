"""Files and paths that are not what they should be: each is a refusal or a finding, never a traceback."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from backwright.worker.symbols.edit import insert_after
from backwright.worker.symbols.find import find, overview
from backwright.worker.symbols.logic import logic
from backwright.worker.symbols.models.collect import models
from backwright.worker.symbols.references import references
from backwright.worker.symbols.routes.collect import routes
from backwright.worker.symbols.search import search
from backwright.worker.symbols.symbol import Refused


@pytest.fixture
def root(tmp_path: Path) -> Path:
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "a.py").write_text("def f(): pass\n")
    (inside / "notes.txt").write_text("f")
    (tmp_path / "outside.py").write_text("def f(): pass\n")
    (inside / "link.py").symlink_to(tmp_path / "outside.py")
    (inside / "circle").symlink_to(inside)
    (inside / "one").symlink_to(inside / "two")
    (inside / "two").symlink_to(inside / "one")
    return inside


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("../outside.py", "below the root"),
        ("x/../../outside.py", "below the root"),
        ("/etc/passwd", "below the root"),
        ("C:\\x.py", "below the root"),
        ("a\0.py", "below the root"),
        ("link.py", "through a link"),
        ("one", "cannot be reached"),
        ("absent.py", "not there"),
        ("notes.txt", "its language is not read"),
        ("circle", "is a folder"),
    ],
)
def test_a_path_that_is_none_of_the_roots_is_refused(path: str, said: str, root: Path) -> None:
    """Paths that lead out, links that lead out or in circles, what is absent, and what is no source."""
    for ask in (lambda: overview(root, path), lambda: insert_after(root, "f", path, "x = 1"), lambda: references(root, "f", path)):
        with pytest.raises(Refused, match=said):
            ask()
    assert (root.parent / "outside.py").read_text() == "def f(): pass\n"


ASKS: list[Callable[[Path], object]] = [
    lambda root: find(root, "f", substring=True),
    routes,
    models,
    logic,
    lambda root: search(root, "def"),
]


@pytest.mark.parametrize("ask", ASKS)
def test_a_folder_that_is_none_is_refused(ask: Callable[[Path], object], tmp_path: Path) -> None:
    """By every question."""
    with pytest.raises(Refused, match="is not a folder"):
        ask(tmp_path / "absent")


@pytest.mark.parametrize("ask", ASKS)
def test_strange_files_stop_nothing(ask: Callable[[Path], object], root: Path) -> None:
    """Long lines, letters of other encodings, NUL bytes, broken syntax, deep nesting, empty files, files without rights."""
    (root / "long.js").write_text("x = [" + "f," * 5_000_000 + "];")
    (root / "latin.py").write_bytes("def f(): return 'ü'\n".encode("latin-1"))
    (root / "wide.py").write_bytes("def f(): return 'ü'\n".encode("utf-16"))
    (root / "binary.rb").write_bytes(b"def f\0\xff\xfe")
    (root / "broken.ts").write_text("class { f( @ <<<<<<< HEAD\nfunction f() {}\n")
    (root / "deep.py").write_text("f(" * 20_000)
    (root / "deep.js").write_text("[" * 50_000 + "f")
    (root / "empty.go").write_text("")
    (root / "closed.py").write_text("def f(): pass\n")
    (root / "closed.py").chmod(0)

    ask(root)


def test_what_is_wrong_with_a_file_is_said(root: Path) -> None:
    """Symbols of a broken file are listed, with a finding; other letters are one too."""
    (root / "broken.py").write_text("def f(:\n    pass\n\ndef g():\n    pass\n")
    (root / "latin.py").write_bytes("# ü\ndef g(): pass\n".encode("latin-1"))

    found = find(root, "g")

    assert [one.file for one in found.symbols] == ["broken.py", "latin.py"]
    assert [(f.file, f.line) for f in found.findings] == [("broken.py", 1), ("latin.py", None)]


def test_a_file_in_other_letters_is_not_edited(root: Path) -> None:
    """What cannot be written back as it was is refused."""
    (root / "latin.py").write_bytes("# ü\ndef g(): pass\n".encode("latin-1"))

    with pytest.raises(Refused, match="not in UTF-8"):
        insert_after(root, "g", "latin.py", "x = 1")


@pytest.mark.skipif(os.name == "nt" or os.getuid() == 0, reason="rights bind nobody here")
def test_a_file_that_cannot_be_written_is_refused(root: Path) -> None:
    """With the system's reason."""
    root.chmod(0o500)
    try:
        with pytest.raises(Refused, match="cannot be written"):
            insert_after(root, "f", "a.py", "x = 1")
    finally:
        root.chmod(0o700)


def test_an_expression_that_takes_forever_is_ended(root: Path) -> None:
    """At the deadline, with the way out."""
    (root / "a.py").write_text("a" * 40 + "!")

    with pytest.raises(Refused, match=r"more than 2 s"):
        search(root, "(a+)+$", deadline=2.0)


@pytest.mark.parametrize("pattern", ["(", "a{99999999999}", "[", "(?P<x"])
def test_a_broken_expression_is_refused(pattern: str, root: Path) -> None:
    """The refusal says what is wrong with it."""
    with pytest.raises(Refused, match="no regular expression"):
        search(root, pattern)
