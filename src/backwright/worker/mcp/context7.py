"""The tools of the documentation server Context7, answered offline from the packages that are installed.

Names and arguments are those of ``@upstash/context7-mcp``: ``resolve-library-id`` and ``get-library-docs`` as in 1.0.33, the last version
that has the second; ``query-docs``, and the argument ``query`` of the first, as in 4.1.1. Ids are ours: ``/pypi/NAME``, ``/npm/NAME``.
"""

from typing import Annotated, Literal

import msgspec

from backwright.worker.mcp import packages
from backwright.worker.mcp.refused import Refused
from backwright.worker.mcp.tool import Answer, Desk, Input, Text, Tool, Word

PAGE = 12_000
"""Characters on one page of documentation."""
_ID = Annotated[str, msgspec.Meta(min_length=1, max_length=400, description="The id that resolve-library-id gave, such as /pypi/msgspec")]


class Resolve(Input, rename="camel"):
    library_name: Annotated[Word, msgspec.Meta(description="The library's name")]
    query: Annotated[Text, msgspec.Meta(description="What it is looked up for; ranks libraries whose names fit equally well")] = ""


class Documentation(Input):
    id: _ID = msgspec.field(name="context7CompatibleLibraryID")
    mode: Annotated[
        Literal["code", "info"], msgspec.Meta(description="code: modules, classes and functions first; info: the read-me first")
    ] = "code"
    topic: Annotated[Text, msgspec.Meta(description="Only what speaks of this")] = ""
    page: Annotated[int, msgspec.Meta(ge=1, le=10, description="Which page, from 1")] = 1


class Query(Input, rename="camel"):
    library_id: _ID
    query: Annotated[Text, msgspec.Meta(description="What to look for in its documentation")]


def resolve(asked: Resolve, desk: Desk) -> Answer:
    """The libraries whose names fit."""
    found = packages.matching(packages.libraries(desk.project), asked.library_name)
    if not found:
        raise Refused(f"no installed package is named like {asked.library_name!r}: install it beside the project, and ask again")
    lines = [f"- Library ID: {one.id}\n- Name: {one.name}\n- Version: {one.version}\n- Description: {one.summary}" for one in found]
    listed = [{"id": one.id, "name": one.name, "version": one.version, "description": one.summary} for one in found]
    return Answer("Installed libraries, the best match first:\n\n" + "\n\n".join(lines), {"libraries": listed})


def documentation(asked: Documentation, desk: Desk) -> Answer:
    """A page of a library's documentation."""
    return _page(desk, asked.id, asked.topic, asked.page, code_first=asked.mode == "code")


def query(asked: Query, desk: Desk) -> Answer:
    """The first page about what is asked."""
    return _page(desk, asked.library_id, asked.query, 1, code_first=True)


def _page(desk: Desk, id: str, topic: str, number: int, *, code_first: bool) -> Answer:
    library = _library(desk, id)
    found = packages.about(packages.sections(desk.project, library), topic)
    if not topic:
        found = sorted(found, key=lambda section: section.code is not code_first)
    pages = _pages([f"### {section.title}\n\n{section.text}\n\nSource: {section.file}" for section in found])
    said = f" about {topic!r}" if topic else ""
    if not pages:
        raise Refused(f"the documentation of {library.id} {library.version} says nothing{said}")
    if number > len(pages):
        raise Refused(f"the documentation of {library.id}{said} has {len(pages)} pages")
    head = f"{library.name} {library.version}, as installed{said}: page {number} of {min(len(pages), 10)}"
    data = {"id": library.id, "version": library.version, "page": number, "pages": min(len(pages), 10), "text": pages[number - 1]}
    return Answer(f"{head}\n\n{pages[number - 1]}", data)


def _library(desk: Desk, id: str) -> packages.Library:
    listed = packages.libraries(desk.project)
    for one in listed:
        if id.casefold() in (one.id.casefold(), f"{one.id}/{one.version}".casefold()):
            return one
    near = ", ".join(one.id for one in packages.matching(listed, id.rstrip("/").rpartition("/")[2], 3))
    raise Refused(f"there is no installed library {id!r}" + (f"; near it: {near}" if near else "; ask resolve-library-id for its id"))


def _pages(parts: list[str]) -> list[str]:
    pages: list[str] = []
    for part in parts:
        kept = part if len(part) <= PAGE else part[:PAGE] + "\n…"
        if pages and len(pages[-1]) + len(kept) <= PAGE:
            pages[-1] += "\n\n" + kept
        else:
            pages.append(kept)
    return pages


TOOLS = (
    Tool(
        name="resolve-library-id", input=Resolve, run=resolve, reads=True,
        description="Finds an installed library by name and gives the id that get-library-docs and query-docs take.",
    ),
    Tool(
        name="get-library-docs", input=Documentation, run=documentation, reads=True, apart=True,
        description="Documentation of an installed library in the version that is installed: its read-me, signatures and docstrings. Call "
        "resolve-library-id first.",
    ),
    Tool(
        name="query-docs", input=Query, run=query, reads=True, apart=True,
        description="What an installed library's documentation says about a question. Call resolve-library-id first.",
    ),
)  # fmt: skip
