"""Documentation of installed packages, read from their files alone."""

import json
from pathlib import Path

import pytest

from backwright.worker.mcp import context7, offered, packages
from backwright.worker.mcp.refused import Refused
from backwright.worker.mcp.tool import Answer, Desk
from tests.support.trees import plant

METADATA = """\
Metadata-Version: 2.1
Name: shoplib
Version: 2.0.1
Summary: Things for shops
Description-Content-Type: text/markdown

# Shoplib

Sells things.

## Baskets

A basket holds items.
"""
MODULE = '''"""What a shop is made of."""

raise SystemExit("imported")


class Basket(dict[str, int]):
    """What somebody wants to buy."""

    def add(self, item: str, *, copies: int = 1) -> None:
        """Put an item in."""


def _hidden() -> None:
    """Nobody's business."""


async def pay(total: int) -> bool:
    """Take the money."""
'''


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A project with a Python package and two of Node beside it."""
    site = ".venv/lib/python3.11/site-packages"
    files = {
        f"{site}/shoplib-2.0.1.dist-info/METADATA": METADATA,
        f"{site}/shoplib-2.0.1.dist-info/RECORD": "shoplib/__init__.py,,\nshoplib/broken.py,,\nshoplib/gone.py,,\n../../../etc/evil.py,,\n",
        f"{site}/shoplib/broken.py": "def (\n",
        "node_modules/express/package.json": json.dumps({"name": "express", "version": "5.1.0", "description": "Web framework"}),
        "node_modules/express/Readme.md": "# Express\n\nFast.\n\n## Routing\n\napp.get(path, handler)\n",
        "node_modules/@scope/tool/package.json": json.dumps({"name": "@scope/tool", "version": "1.0.0"}),
        "node_modules/broken/package.json": "{",
    }
    plant(tmp_path, files)
    (tmp_path / site / "shoplib/__init__.py").write_text(MODULE)
    return Desk(tmp_path)


def ask(desk: Desk, tool: str, **arguments: object) -> Answer:
    """Call a tool of the server."""
    found = offered.tool("context7", tool)
    return found.run(found.arguments(arguments), desk)


@pytest.mark.parametrize(
    ("name", "id"),
    [("shoplib", "/pypi/shoplib"), ("ShopLib", "/pypi/shoplib"), ("express", "/npm/express"), ("@scope/tool", "/npm/@scope/tool")],
)
def test_a_library_is_found_by_its_name(desk: Desk, name: str, id: str) -> None:
    """The best match comes first."""
    assert ask(desk, "resolve-library-id", libraryName=name, query="anything").data["libraries"][0]["id"] == id


def test_a_library_that_is_not_installed(desk: Desk) -> None:
    """Is said so, with what to do."""
    with pytest.raises(Refused, match="no installed package is named like 'nosuchthing'"):
        ask(desk, "resolve-library-id", libraryName="nosuchthing")
    with pytest.raises(Refused, match="there is no installed library '/pypi/shoplab'"):
        ask(desk, "get-library-docs", context7CompatibleLibraryID="/pypi/shoplab")


def test_docstrings_and_signatures(desk: Desk) -> None:
    """Of public definitions, with their places; the package is not imported, what does not parse is left out."""
    text = str(ask(desk, "get-library-docs", context7CompatibleLibraryID="/pypi/shoplib").data["text"])
    assert "def add(self, item: str, *, copies: int=1) -> None" in text
    assert "async def pay(total: int) -> bool" in text
    assert "class Basket(dict[str, int])" in text
    assert "Source: shoplib/__init__.py:6" in text
    assert "hidden" not in text
    assert text.index("Basket") < text.index("Sells things")


def test_the_read_me_first(desk: Desk) -> None:
    """In the mode info."""
    text = str(ask(desk, "get-library-docs", context7CompatibleLibraryID="/pypi/shoplib", mode="info").data["text"])
    assert text.index("Sells things") < text.index("async def pay")


def test_a_topic(desk: Desk) -> None:
    """Only what speaks of it, the best first."""
    found = ask(desk, "get-library-docs", context7CompatibleLibraryID="/pypi/shoplib/2.0.1", topic="basket")
    text = str(found.data["text"])
    assert text.startswith(("### Baskets", "### shoplib.Basket"))
    assert "Take the money" not in text
    assert "shoplib 2.0.1, as installed about 'basket': page 1 of 1" in found.text
    with pytest.raises(Refused, match="says nothing about 'quantum'"):
        ask(desk, "query-docs", libraryId="/pypi/shoplib", query="quantum")


def test_a_package_of_node(desk: Desk) -> None:
    """By its read-me."""
    assert "app.get(path, handler)" in ask(desk, "query-docs", libraryId="/npm/express", query="routing").text


def test_pages(desk: Desk) -> None:
    """Long documentation comes in pages of bounded length; a page too many is refused."""
    long = "".join(f"## Part {number}\n\n{'word ' * 500}\n\n" for number in range(20))
    (desk.project / "node_modules/express/Readme.md").write_text(long)
    found = ask(desk, "get-library-docs", context7CompatibleLibraryID="/npm/express", page=2)
    assert (found.data["page"], len(str(found.data["text"])) <= context7.PAGE) == (2, True)
    with pytest.raises(Refused, match="has 5 pages"):
        ask(desk, "get-library-docs", context7CompatibleLibraryID="/npm/express", page=9)


def test_an_installed_package_of_our_own() -> None:
    """What this very program depends on is found, its C extension by its stubs."""
    listed = packages.libraries(Path.cwd())
    [library] = [one for one in listed if one.id == "/pypi/msgspec"]
    found = packages.about(packages.sections(Path.cwd(), library), "convert")
    assert any("def convert(" in section.text for section in found)
