"""Finding symbols by name path, over a tree of files."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwright.worker.symbols.find import find
from backwright.worker.symbols.names import joined, pattern
from backwright.worker.symbols.symbol import Kind, Refused
from tests.support.trees import plant

NAMES = st.lists(st.text("abcXYZ_", min_size=1, max_size=4), min_size=1, max_size=4).map(tuple)


@given(NAMES, st.none() | st.integers(0, 20))
def test_a_path_fits_the_symbol_it_was_written_for(parts: tuple[str, ...], index: int | None) -> None:
    """With and without the slash in front, and each of its ends."""
    path = joined(parts, index)

    assert pattern(path).fits(parts, index) and pattern("/" + path).fits(parts, index)
    assert all(pattern(joined(parts[n:], index)).fits(parts, index) for n in range(len(parts)))
    assert not pattern("/" + path).fits(("outer", *parts), index)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return plant(
        tmp_path,
        {
            "shop/a.py": "class Shop:\n    def open(self): pass\n    def reopen(self): pass\ndef open(): pass\n",
            "shop/b.ts": "class Shop { open() {} open2() {} }\n",
            "node_modules/x/index.js": "function open() {}\n",
            "c.go": "package c\n\nfunc (s Shop) open() {}\n",
        },
    )


def paths(root: Path, name: str, **options: object) -> list[str]:
    return [f"{one.file} {one.name_path}" for one in find(root, name, **options).symbols]  # type: ignore[arg-type]


def test_a_name_fits_the_end_of_a_path(tree: Path) -> None:
    """One name fits every symbol of that name; a path fits the end; a slash in front the whole."""
    assert paths(tree, "open") == ["c.go Shop/open", "shop/a.py Shop/open", "shop/a.py open", "shop/b.ts Shop/open"]
    assert paths(tree, "Shop/open") == ["c.go Shop/open", "shop/a.py Shop/open", "shop/b.ts Shop/open"]
    assert paths(tree, "/open") == ["shop/a.py open"]
    assert paths(tree, "open", within="shop/b.ts") == ["shop/b.ts Shop/open"]
    assert paths(tree, "open", within="shop", kinds=[Kind.FUNCTION]) == ["shop/a.py open"]
    assert paths(tree, "Shop/open", substring=True, within="shop") == [
        "shop/a.py Shop/open", "shop/a.py Shop/reopen", "shop/b.ts Shop/open", "shop/b.ts Shop/open2",
    ]  # fmt: skip


def test_what_was_not_looked_at_is_said(tree: Path) -> None:
    """Installed packages are left out, and counted; a limit says that there is more."""
    found = find(tree, "open", limit=1)

    assert found.more and len(found.symbols) == 1
    assert find(tree, "open").left_out == ("installed packages: 1, such as node_modules/",)


def test_body_and_children_come_on_request(tree: Path) -> None:
    """The body is the definition's text; children go as deep as asked."""
    (shop,) = find(tree, "Shop", within="shop/b.ts", body=True, depth=1).symbols

    assert shop.body == "class Shop { open() {} open2() {} }" and [one.name for one in shop.children] == ["open", "open2"]


@pytest.mark.parametrize("text", ["", "/", "a//b", " "])
def test_a_path_without_names_is_refused(text: str, tree: Path) -> None:
    """The refusal shows how a name path is written."""
    with pytest.raises(Refused, match="Class/method"):
        find(tree, text)
