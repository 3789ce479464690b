"""Reads an OpenAPI 3.0 or 3.1 document, or Swagger 2.0, into a checked design: all problems at once, each with its file and line."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from backwright.worker.design import Design, Info, Origin, SecurityScheme, Server, Tag
from backwright.worker.importers.checks import Checks
from backwright.worker.importers.document import Node
from backwright.worker.importers.grammar import Walk
from backwright.worker.importers.operations import OperationReader, extensions
from backwright.worker.importers.references import Library
from backwright.worker.importers.schemas import SchemaReader
from backwright.worker.importers.swagger import as_openapi, is_swagger
from backwright.worker.place import BrokenDesign, Place, Problem

_SCHEME_TYPES = ("apiKey", "http", "oauth2", "openIdConnect", "mutualTLS")


def import_openapi(path: Path) -> Design:
    """The design in a YAML or JSON file, with the files beside it that it refers to.

    Raises `BrokenDesign` with every problem if there is an error; warnings alone are kept in ``Design.warnings``.
    """
    problems: list[Problem] = []
    library = Library(path, problems)
    root = library.root()
    if root is not None and is_swagger(root):
        root = library.files[library.name] = as_openapi(root, problems)
    if root is None or not _is_openapi(root, problems):
        raise BrokenDesign(tuple(problems))
    design = _read(root, library, problems)
    if any(problem.severity == "error" for problem in problems):
        raise BrokenDesign(tuple(dict.fromkeys(problems)))
    return design


def read_document(root: Node, files: Sequence[str], problems: list[Problem], origins: tuple[Origin, ...]) -> Design:
    """The design of a tree that was made from other files, whose names its places have. Raises `BrokenDesign`."""
    design = _read(root, Library.of(root, files, problems), problems)
    if any(problem.severity == "error" for problem in problems):
        raise BrokenDesign(tuple(dict.fromkeys(problems)))
    return replace(design, origins=origins)


def _is_openapi(root: Node, problems: list[Problem]) -> bool:
    said = root.get("openapi")
    version = str(said.value) if said is not None else ""
    if re.fullmatch(r"3\.[01]\.\d+.*", version):
        return True
    place = said.place if said is not None else root.place
    if said is not None:
        what, mend = f"OpenAPI {version} is not read here.", "Write openapi: 3.1.0 or 3.0.3, with the document to match."
    elif "swagger" in root.map:
        version = str(root.map["swagger"].value)
        what, mend = f"Swagger {version} is not read here.", "Write swagger: '2.0', or openapi: 3.0.3, with the document to match."
    elif not isinstance(root.value, dict):
        what, mend = (
            "This is not an OpenAPI document: its outermost value is not a mapping.",
            "Start with openapi: 3.1.0, info: and paths:.",
        )
    else:
        what, mend = "This is not an OpenAPI document: there is no key openapi.", "Start with openapi: 3.1.0, info: and paths:."
    problems.append(Problem(place.file, place.line, place.pointer, "error", what, mend))
    return False


def _read(root: Node, library: Library, problems: list[Problem]) -> Design:
    version = str(root.map["openapi"].value)
    modern = version.startswith("3.1")
    elements = Walk(library, problems, modern).run(root)
    _demand(root, modern, problems)
    schemas = SchemaReader(library, problems, modern)
    schemas.named(_members(root, "components", "schemas"))
    reader = OperationReader(library, schemas, problems)
    operations, webhooks = reader.paths(root.get("paths")), reader.webhooks(root.get("webhooks"))
    schemas.settle()
    design = Design(
        file=library.name, version=version, info=_info(root), servers=_servers(root, problems), tags=_tags(root, problems),
        security=reader.security(root.get("security")) or (), security_schemes=_security_schemes(root, library, problems),
        schemas=schemas.found,
        operations=operations, webhooks=webhooks, elements=elements, warnings=(), extensions=extensions(root),
    )  # fmt: skip
    before = len(problems)
    checks = Checks(design, problems)
    checks.circles()
    if len(problems) == before:
        checks.run()
    object.__setattr__(design, "warnings", tuple(sorted({p for p in problems if p.severity == "warning"})))
    return design


def _members(root: Node, *keys: str) -> dict[str, Node]:
    found = root.get(*keys)
    return {k: n for k, n in found.map.items() if not k.startswith("x-")} if found is not None else {}


def _demand(root: Node, modern: bool, problems: list[Problem]) -> None:
    """The parts that every document must have."""

    def missing(place: Place, what: str, mend: str) -> None:
        problems.append(Problem(place.file, place.line, place.pointer, "error", what, mend))

    info = root.get("info")
    if info is None:
        missing(root.place, "The document has no info.", "Write info: {title: …, version: …}.")
    for key in ("title", "version") if info is not None else ():
        if info is not None and key not in info.map:
            missing(info.place, f"info has no {key}.", f"Write {key}: beside the others.")
    if "paths" not in root.map and not (modern and ("webhooks" in root.map or "components" in root.map)):
        missing(root.place, "The document has no paths.", "Write paths: with at least one operation.")


def _info(root: Node) -> Info:
    info = root.get("info") or root
    return Info(info.string("title"), info.string("version"), info.string("summary"), info.string("description"), info.place)


def _servers(root: Node, problems: list[Problem]) -> tuple[Server, ...]:
    said = root.get("servers")
    found: list[Server] = []
    for item in said.list if said is not None else []:
        url = item.string("url")
        if not url:
            problems.append(
                Problem(
                    item.place.file,
                    item.place.line,
                    item.place.pointer,
                    "error",
                    "A server without a url.",
                    "Write url: https://example.org/api.",
                )
            )
        found.append(Server(url, _base(url, item), item.string("description"), item.place))
    return tuple(found)


def _base(url: str, item: Node) -> str:
    """The path of a server's URL, its variables replaced by their defaults."""
    variables = item.get("variables")
    for name, one in variables.map.items() if variables is not None else ():
        url = url.replace("{" + name + "}", one.string("default"))
    path = re.sub(r"^[a-zA-Z][a-zA-Z0-9+.-]*://[^/]*|^//[^/]*", "", url)
    path = re.split(r"[?#]", path)[0].strip("/")
    return f"/{path}" if path else ""


def _tags(root: Node, problems: list[Problem]) -> tuple[Tag, ...]:
    said = root.get("tags")
    found: list[Tag] = []
    for item in said.list if said is not None else []:
        name = item.string("name")
        if not name or any(tag.name == name for tag in found):
            what = f"The tag {name!r} is declared twice." if name else "A tag without a name."
            problems.append(Problem(item.place.file, item.place.line, item.place.pointer, "error", what, "Name each tag once."))
        found.append(Tag(name, item.string("description"), item.place))
    return tuple(found)


def _security_schemes(root: Node, library: Library, problems: list[Problem]) -> dict[str, SecurityScheme]:
    found: dict[str, SecurityScheme] = {}
    for name, item in _members(root, "components", "securitySchemes").items():
        node = library.follow(item)
        if node is None:
            continue
        kind = node.string("type")
        reason = _scheme_fault(node, kind)
        if reason:
            problems.append(
                Problem(
                    node.place.file,
                    node.place.line,
                    node.place.pointer,
                    "error",
                    f"The security scheme {name!r} {reason}",
                    "See the security chapter of OpenAPI.",
                )
            )
        found[name] = SecurityScheme(
            name,
            kind,
            node.string("scheme").lower(),
            node.string("in"),
            node.string("name"),
            _scopes(node),
            node.string("description"),
            node.place,
            extensions(node),
        )
    return found


def _scheme_fault(node: Node, kind: str) -> str:
    if kind not in _SCHEME_TYPES:
        return f"has the type {kind!r}; it is one of {', '.join(_SCHEME_TYPES)}."
    if kind == "http" and not node.string("scheme"):
        return "does not say its scheme: bearer or basic, for example."
    if kind == "apiKey" and (not node.string("name") or node.string("in") not in ("header", "query", "cookie")):
        return "needs name: and in: header, query or cookie."
    return ""


def _scopes(node: Node) -> tuple[tuple[str, str], ...]:
    flows = node.get("flows")
    scopes = [flow.get("scopes") for flow in flows.map.values()] if flows is not None else []
    return tuple(dict.fromkeys((name, text.text) for one in scopes if one is not None for name, text in one.map.items()))
