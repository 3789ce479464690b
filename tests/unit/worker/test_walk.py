"""The walk through a foreign repository: what it yields, what it leaves out and says so, and what cannot stop it."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwright.worker.source import walk as walking
from backwright.worker.source.text import Text, Unread, decode, made, read
from backwright.worker.source.walk import walk
from tests.support.repositories import repository


def paths(root: Path) -> list[str]:
    return [source.path for source in walk(root).files()]


def test_files_come_sorted_by_the_parts_of_their_path(tmp_path: Path) -> None:
    """The order is fixed: by name in each folder, a folder's files in the folder's place."""
    repository(tmp_path, "=== b.py\n=== a/z.py\n=== a/b/c.py\n=== a-b.py\n=== c/a.py\n")

    assert paths(tmp_path) == ["a/b/c.py", "a/z.py", "a-b.py", "b.py", "c/a.py"]


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("node_modules/x/index.js", "installed packages"),
        ("env/pyvenv.cfg", "installed packages"),
        ("pip/_vendor/six.py", "a copy of others' code"),
        ("public/vendor/jquery.js", "a copy of others' code"),
        ("web/wwwroot/lib/jquery.js", "a copy of others' code"),
        ("a/__pycache__/x.pyc", "a cache or tool's folder"),
        (".next/server.js", "built"),
        (".git/config", "version control"),
    ],
)
def test_folders_of_others_are_left_out_and_said(path: str, reason: str, tmp_path: Path) -> None:
    """Installed, copied, cached and built folders are not entered; the walk names them with the reason."""
    repository(tmp_path, f"=== {path}\n=== own.py\n")
    through = walk(tmp_path)

    assert [s.path for s in through.files()] == ["own.py"]
    assert through.left_out.counts == {reason: 1}


@pytest.mark.parametrize(
    ("folder", "maker"),
    [("vendor", "go.mod"), ("dist", "package.json"), ("build", "build.gradle.kts"), ("target", "pom.xml"), ("bin", "Shop.csproj")],
)
def test_an_ordinary_word_is_left_out_only_beside_what_makes_it(folder: str, maker: str, tmp_path: Path) -> None:
    """``vendor``, ``build`` or ``bin`` may be a package of the business: without a manifest beside it, it is source."""
    repository(tmp_path, f"=== one/{folder}/a.py\n=== one/{maker}\n=== two/{folder}/a.py\n")

    assert paths(tmp_path) == [f"one/{maker}", f"two/{folder}/a.py"]


def test_gitignore_holds_without_git_and_nested(tmp_path: Path) -> None:
    """Patterns hold below their folder; the nearest file decides; an exception brings a file back."""
    repository(
        tmp_path,
        """\
        === .gitignore
        *.log
        /local/
        === a/.gitignore
        !keep.log
        secret.*
        === a/keep.log
        === a/other.log
        === a/secret.py
        === b/secret.py
        === local/x.py
        === b/local/x.py
        """,
    )
    through = walk(tmp_path)

    assert [s.path for s in through.files() if not s.path.endswith(".gitignore")] == ["a/keep.log", "b/local/x.py", "b/secret.py"]
    assert through.left_out.examples["ignored by git"] == ["a/other.log", "a/secret.py", "local/"]


def test_a_pattern_made_to_hang_is_refused(tmp_path: Path) -> None:
    """A pattern with many wildcards in one name is named as trouble, and the rest of the file holds."""
    repository(tmp_path, "=== .gitignore\n" + "*a" * 30 + "b\n*.log\n=== x.log\n=== " + "a" * 200 + "\n")
    through = walk(tmp_path)

    assert [s.path for s in through.files()] == [".gitignore", "a" * 200]
    assert [str(t.path) for t in through.troubles] == [".gitignore"]


def test_no_link_is_followed(tmp_path: Path) -> None:
    """Links out of the repository, in a circle, within it and to nowhere are each left out for that reason."""
    inside = tmp_path / "inside"
    repository(inside, "=== a/x.py\n")
    (tmp_path / "outside.py").write_text("x = 1\n")
    for name, target in {"out.py": tmp_path / "outside.py", "a/up": inside, "in.py": inside / "a/x.py", "gone": inside / "no"}.items():
        (inside / name).symlink_to(target)
    (inside / "ring").symlink_to(inside / "ring")
    through = walk(inside)

    assert [s.path for s in through.files()] == ["a/x.py"]
    assert through.left_out.examples == {
        "a link within the repository": ["a/up", "in.py"],
        "a link that leads nowhere": ["gone", "ring"],
        "a link out of the repository": ["out.py"],
    }


def test_a_pipe_is_not_opened(tmp_path: Path) -> None:
    """What is not an ordinary file is left out; reading one is refused at once."""
    os.mkfifo(tmp_path / "pipe.py")
    through = walk(tmp_path)

    assert list(through.files()) == [] and through.left_out.counts == {"not an ordinary file": 1}
    assert read(tmp_path / "pipe.py") == Unread("not an ordinary file")


def test_an_unreadable_folder_is_trouble_and_the_walk_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without rights is named, and everything else is walked."""
    repository(tmp_path, "=== a/x.py\n=== b/x.py\n")
    listdir = os.listdir

    def refused(path: Path) -> list[str]:
        if path.name == "a":
            raise PermissionError(13, "Permission denied")
        return listdir(path)

    monkeypatch.setattr(walking.os, "listdir", refused)
    through = walk(tmp_path)

    assert [s.path for s in through.files()] == ["b/x.py"]
    assert [(t.path, t.reason) for t in through.troubles] == [("a/", "permission denied")]


def test_a_name_that_is_no_text_is_trouble(tmp_path: Path) -> None:
    """A name that is not UTF-8 cannot be written down; it is shown with its bytes escaped."""
    (tmp_path / os.fsdecode(b"caf\xe9.py")).write_text("")
    through = walk(tmp_path)

    assert list(through.files()) == [] and [t.reason for t in through.troubles] == ["its name is not UTF-8"]


def test_a_large_file_is_left_out_with_the_reason(tmp_path: Path) -> None:
    """Ten megabytes on one line are not read."""
    (tmp_path / "big.py").write_bytes(b"x" * 10_000_000)
    through = walk(tmp_path)

    [source] = through.files()

    assert through.read_source(source) == Unread("too large: 10.0 MB, at most 2.0 MB are read")
    assert through.left_out.examples == {"too large": ["big.py"]}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("für".encode(), Text("für", "utf-8")),
        ("für".encode("utf-8-sig"), Text("für", "utf-8-sig")),
        ("für".encode("utf-16"), Text("für", "utf-16")),
        ("für".encode("utf-32"), Text("für", "utf-32")),
        ("für".encode("latin-1"), Text("für", "latin-1")),
        (b"\x7fELF\0\0", Unread("binary")),
        (b"\xff\xfea", Unread("not valid UTF-16, though its byte order mark says so")),
        (b"a\r\nb", Text("a\r\nb", "utf-8")),
    ],
)
def test_encodings(data: bytes, expected: Text | Unread) -> None:
    """A byte order mark decides; then UTF-8, then Latin-1; NUL bytes mean binary. Line ends stay."""
    assert decode(data) == expected


@given(st.binary(max_size=200))
def test_any_bytes_are_text_or_unread(data: bytes) -> None:
    """No file's bytes raise."""
    assert isinstance(decode(data), Text | Unread)


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("a.go", "// Code generated by protoc-gen-go. DO NOT EDIT.\npackage a\n", "generated"),
        ("A.cs", "//------\n// <auto-generated>\n// x\n", "generated"),
        ("a.py", "# This file is automatically generated. Do not edit.\n", "generated"),
        ("a_pb2.py", "x = 1\n", "generated"),
        ("a.min.js", "x", "minified"),
        ("a.js", "x=1;" * 1000, "minified"),
        ("0001_initial.py", "# Generated by Django 4.2 on 2024-01-01\nfrom django.db import migrations\n", None),
        ("a.py", "import os\n# what is generated below: do not edit the output\n", None),
        ("a.py", "x = 1\n", None),
    ],
)
def test_what_a_program_made_is_known(path: str, text: str, expected: str | None) -> None:
    """Generated and minified source is known by its name or its head; a word further down says nothing about the file."""
    assert made(path, text) == expected


def test_progress_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever listens hears of every so many files, and the whole number at the end."""
    monkeypatch.setattr(walking, "STEP", 2)
    repository(tmp_path, "".join(f"=== {n}.py\n" for n in range(5)))
    heard: list[int] = []

    list(walk(tmp_path, told=heard.append).files())

    assert heard == [2, 4, 5]


def test_examples_are_bounded_and_all_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However much is left out, few examples are kept."""
    monkeypatch.setattr(walking, "KEPT", 3)
    repository(tmp_path, "=== .gitignore\n*.log\n" + "".join(f"=== {n}.log\n" for n in range(9)))
    through = walk(tmp_path)
    list(through.files())

    assert through.left_out.counts == {"ignored by git": 9}
    assert through.left_out.examples == {"ignored by git": ["0.log", "1.log", "2.log"]}
