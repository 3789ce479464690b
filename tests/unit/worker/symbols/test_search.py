"""Pattern search: text in the files that people wrote."""

from pathlib import Path

from backwright.worker.symbols.search import search
from tests.support.trees import plant


def test_places_come_with_line_column_and_context(tmp_path: Path) -> None:
    """Lines count from 1; a match over several lines shows all of them; context adds lines around."""
    plant(tmp_path, {"a.sql": "one\n  two x\nthree\nfour\n", "node_modules/b.js": "two x"})

    (plain,) = search(tmp_path, r"two\s\w").matches
    (wide,) = search(tmp_path, r"two x\nthree", context=1).matches

    assert (plain.file, plain.line, plain.column, plain.text) == ("a.sql", 2, 3, "  two x")
    assert wide.text == "one\n  two x\nthree\nfour"


def test_files_are_chosen_by_folder_and_glob(tmp_path: Path) -> None:
    """Several globs with commas; one with ``!`` takes files out. What is left out is said."""
    plant(tmp_path, {"a/x.py": "hit", "a/test_x.py": "hit", "b/y.py": "hit", "b/z.ts": "hit", "node_modules/b.js": "hit"})

    found = search(tmp_path, "hit", glob="**/*.py,!**/test_*")

    assert [match.file for match in found.matches] == ["a/x.py", "b/y.py"] and found.left_out == (
        "installed packages: 1, such as node_modules/",
    )
    assert [match.file for match in search(tmp_path, "hit", within="b").matches] == ["b/y.py", "b/z.ts"]


def test_a_limit_says_that_there_is_more(tmp_path: Path) -> None:
    """No more are listed than asked for, over files and within one."""
    plant(tmp_path, {"a.txt": "x\n" * 50, "b.txt": "x\n"})

    found = search(tmp_path, "^x$", limit=3)

    assert found.more and [match.line for match in found.matches] == [1, 2, 3]
    assert not search(tmp_path, "^x$", limit=51).more
