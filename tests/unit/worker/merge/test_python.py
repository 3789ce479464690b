"""Merging Python by its structure."""

import pytest

from backwright.worker.merge.parts import module
from backwright.worker.merge.texts import WHOLE, merge

BASE = '''"""What is kept."""

from backwright import Entity, Id, allow, anyone


class Author(Entity):
    """An author."""

    name: str


class Book(Entity):
    """A book."""

    author: Id[Author]
    title: str
    price: int


async def place(book: Book) -> None:
    """Place it."""
    raise NotImplementedError


access = [
    allow(Author, read=anyone),
    allow(Book, read=anyone),
]
'''


def after(theirs: list[tuple[str, str]], ours: list[tuple[str, str]], needed: frozenset[str] = frozenset()) -> tuple[str, tuple[str, ...]]:
    """The merged text and the conflicts, after replacements on both sides."""
    found = merge("model.py", BASE, changed(theirs), changed(ours), needed)
    return found.text, found.conflicts


def changed(replacements: list[tuple[str, str]]) -> str:
    """The base with replacements; each must change something."""
    text = BASE
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize(
    "text", [BASE, "", "\n", "x = 1; y = 2\n", "# only\n\n# comments", "class A: pass\ndef f(): return 1", '"""doc"""']
)
def test_parts_are_the_text(text: str) -> None:
    """Cut into parts and put together, a text is what it was."""
    assert "\n".join(module(text).lines) == text


def test_neighbours() -> None:
    """Two fields side by side, two entries side by side: each side's change comes through."""
    staff = [("allow(Author, read=anyone)", "allow(Author, read=staff)"), ("access = [", "staff = 1\naccess = [")]
    mine = [("title: str", "title: str  # mine"), *staff]
    design = [("price: int", "price: float"), ("allow(Book, read=anyone)", "allow(Book, read=anyone, write=anyone)")]
    text, conflicts = after(mine, design)
    assert conflicts == ()
    assert "title: str  # mine\n    price: float" in text
    assert "    allow(Author, read=staff),\n    allow(Book, read=anyone, write=anyone),\n" in text


def test_signature_and_body() -> None:
    """A body written by hand meets a new parameter and a new description."""
    text, conflicts = after(
        [("    raise NotImplementedError", "    book.price += 1")],
        [("place(book: Book)", "place(book: Book, note: str)"), ('"""Place it."""', '"""Place it, with a note."""')],
    )
    assert conflicts == ()
    assert 'place(book: Book, note: str) -> None:\n    """Place it, with a note."""\n    book.price += 1\n' in text


def test_imports_are_a_set() -> None:
    """Both add to one statement; what the design no longer imports stays where somebody uses it, and goes where nobody does."""
    text, conflicts = after(
        [("Entity, Id,", "Conflict, Entity, Id,"), ("access = [", "class Shut(Conflict):\n    by: Id[Author]\n\n\naccess = [")],
        [("Entity, Id,", "Entity, Secret,"), ("Id[Author]", "str"), ("title: str", "title: Secret[str]")],
    )
    assert conflicts == ()
    assert "from backwright import Conflict, Entity, Id, Secret, allow, anyone" in text


def test_order_is_theirs() -> None:
    """Somebody's order stays; what is new stands behind what it stood behind, and above what uses it."""
    place = BASE[BASE.index("async def place") : BASE.index("access = [")]
    moved = place.replace("book: Book", 'book: "Book"')
    tag = "class Tag(Entity):\n    word: str\n\n\n"
    text, conflicts = after(
        [(place, ""), ("class Author", f"{moved}class Author")],
        [("class Author", f"{tag}class Author"), ("    price: int", "    price: int\n    tag: Id[Tag]")],
    )
    assert conflicts == ()
    assert text.index("def place") < text.index("class Author") < text.index("class Book")
    assert text.index("class Tag") < text.index("class Book")


def test_layout_is_no_edit() -> None:
    """Where somebody only laid it out otherwise, the design's change comes in; where he also wrote a comment, it is a conflict."""
    wide = [("    allow(Book, read=anyone),", "    allow(\n        Book,\n        read=anyone,\n    ),")]
    ours = [("allow(Book, read=anyone)", "allow(Book, read=anyone, write=anyone)")]
    text, conflicts = after(wide, ours)
    assert conflicts == () and "allow(Book, read=anyone, write=anyone)," in text
    text, conflicts = after([("    allow(Book, read=anyone),", "    allow(\n        Book,  # mine\n        read=anyone,\n    ),")], ours)
    assert conflicts == ("name access › allow(Book)",) and "Book,  # mine" in text


def test_same_line() -> None:
    """Both changed one line: the file keeps somebody's, the patch leads to the design's, and nothing else is held back."""
    found = merge(
        "model.py",
        BASE,
        changed([("price: int", "price: int = 3")]),
        changed([("price: int", "price: float"), ("name: str", "name: bytes")]),
    )
    assert found.conflicts == ("class Book › name price",)
    assert "price: int = 3" in found.text and "name: bytes" in found.text
    assert "price: float" in found.wanted and "name: bytes" in found.wanted
    assert "price: int\n" in found.base and "name: bytes" in found.base


def test_deleted_and_changed() -> None:
    """Deleted here and changed there is a conflict, whoever deleted."""
    gone = [("    price: int\n", "")]
    assert after(gone, [("price: int", "price: float")])[1] == ("class Book › name price",)
    text, conflicts = after([("price: int", "price: float")], gone)
    assert "price: float" in text and conflicts == ("class Book › name price",)


def test_still_used() -> None:
    """What the design takes away stays where somebody's own lines use it; what somebody deleted comes back where others import it."""
    book = BASE[BASE.index("async def place") : BASE.index("access = [")]
    text, conflicts = after([("access = [", "first = place\n\naccess = [")], [(book, "")])
    assert "async def place" in text and conflicts == ("def place",)
    assert "async def place" not in after([(book, "")], [("price: int", "price: float")])[0]
    assert "async def place" in after([(book, "")], [("price: int", "price: float")], frozenset({"place"}))[0]


def test_line_ends_and_marks() -> None:
    """Line ends and the byte order mark stay as they are in the folder."""
    theirs = "\ufeff" + changed([("title: str", "title: str  # mine")]).replace("\n", "\r\n")
    found = merge("model.py", BASE, theirs, changed([("price: int", "price: float")]))
    assert found.text == theirs.replace("price: int", "price: float")


def test_unreadable() -> None:
    """A file that does not parse is left alone, the whole of it a conflict; so is one that is no UTF-8."""
    for theirs in (BASE + "def :\n", BASE + "# \ufffd\n", BASE + "(" * 300):
        found = merge("model.py", BASE, theirs, changed([("price: int", "price: float")]))
        assert (found.text, found.conflicts, found.base) == (theirs, (WHOLE,), BASE)


def test_other_files() -> None:
    """Other files are merged by lines, and what could not be read afterwards is not merged."""
    base = '{\n "a": 1,\n "b": 2,\n "c": 3\n}\n'
    good = merge("load.json", base, base.replace("1", "9"), base.replace("3", "4"))
    assert good.text == '{\n "a": 9,\n "b": 2,\n "c": 4\n}\n' and good.conflicts == ()
    bad = merge("load.json", base, base.replace(' "c": 3\n', ' "c": 3,\n "d": 5\n'), base.replace('{\n "a"', '{"z": 0\n "a"'))
    assert bad.conflicts == (WHOLE,) and '"d": 5' in bad.text
