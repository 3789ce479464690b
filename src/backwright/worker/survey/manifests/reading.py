"""Reads manifests: bounded, in their formats, and whatever is wrong with one becomes a finding while the rest goes on."""

import json
import re
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, cast
from xml.etree.ElementTree import Element

from backwright.worker.source.text import Text, read
from backwright.worker.survey.repository import Evidence, Finding

MANIFEST, LOCK = 2_000_000, 16_000_000
"""Bytes of a manifest and of a lock file that are read."""

_HALF = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
"""Escapes of halves of characters: alone they are no text and could not be written down again."""


class Manifests:
    """The manifests of a repository by path, and what was wrong with those that were read."""

    def __init__(self, root: Path, paths: Iterable[str]) -> None:
        self.root = root
        self.paths = tuple(paths)
        self.known = frozenset(self.paths)
        self.findings: dict[tuple[str, str], Finding] = {}
        self._texts: dict[str, str | None] = {}
        self._split: tuple[str, list[str]] = ("", [])

    def named(self, *names: str) -> list[str]:
        """The paths whose file name is one of these."""
        return [path for path in self.paths if base(path) in names]

    def ending(self, *ends: str) -> list[str]:
        """The paths that end like this."""
        return [path for path in self.paths if path.endswith(ends)]

    def wrong(self, path: str, problem: str, line: int = 0) -> None:
        """Enter a finding, once."""
        self.findings.setdefault((path, problem), Finding(path, line, problem))

    def text(self, path: str, *, limit: int = MANIFEST) -> str | None:
        """The file's text; None, with a finding, where it cannot be read. Lock files are not kept."""
        if path in self._texts:
            return self._texts[path]
        found = read(self.root / path, limit=limit)
        if not isinstance(found, Text):
            self.wrong(path, found.reason)
        said = found.text.removeprefix("\ufeff") if isinstance(found, Text) else None
        if limit == MANIFEST:
            self._texts[path] = said
        return said

    def json(self, path: str, *, limit: int = MANIFEST) -> dict[str, Any]:
        """The JSON object in the file; empty, with a finding, for anything else. Of a key that stands twice the last one counts."""
        text = self.text(path, limit=limit)
        if text is None:
            return {}
        twice: list[str] = []

        def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
            made = dict(found)
            if len(made) < len(found):
                names = [name for name, _ in found]
                twice.extend(sorted({name for name in names if names.count(name) > 1}))
            return made

        try:
            data = json.loads(_HALF.sub("\\\\ufffd", text), object_pairs_hook=pairs)
        except json.JSONDecodeError as error:
            self.wrong(path, f"not valid JSON: {error.msg}, column {error.colno}", error.lineno)
            return {}
        except (ValueError, RecursionError) as error:
            self.wrong(path, f"not valid JSON: {_short(error)}")
            return {}
        for name in twice[:5]:
            self.wrong(path, f"the key {name!r} stands twice in one object: the last one counts", line_of(text, f'"{name}"'))
        return self._table(path, data)

    def toml(self, path: str, *, limit: int = MANIFEST) -> dict[str, Any]:
        """The TOML document; empty, with a finding, where it is none."""
        text = self.text(path, limit=limit)
        if text is None:
            return {}
        try:
            return tomllib.loads(text.replace("\r\n", "\n"))
        except (tomllib.TOMLDecodeError, ValueError, RecursionError) as error:
            place = re.search(r"at line (\d+)", str(error))
            self.wrong(path, f"not valid TOML: {_short(error)}", int(place[1]) if place else 0)
            return {}

    def yaml(self, path: str, *, text: str | None = None) -> Any:
        """The YAML document, as `dict`, `list` or a scalar; None, with a finding, where it is none. Only plain values are made."""
        import yaml  # type: ignore[import-untyped, unused-ignore]  # its stubs are a package of their own

        text = self.text(path) if text is None else text
        if text is None:
            return None
        try:
            return yaml.load(_HALF.sub("\\\\ufffd", text), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 0
            self.wrong(path, f"not valid YAML: {error.problem or error.context}", line)
        except (yaml.YAMLError, ValueError, RecursionError, TypeError, AttributeError) as error:
            self.wrong(path, f"not valid YAML: {_short(error)}")
        return None

    def xml(self, path: str) -> Element | None:
        """The root of the XML document; None, with a finding, where it is none. Entities are refused: they can blow up."""
        from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped, unused-ignore]
        from defusedxml.ElementTree import ParseError, fromstring  # type: ignore[import-untyped, unused-ignore]

        text = self.text(path)
        if text is None:
            return None
        try:
            root: Element = fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text), forbid_dtd=False)
        except DefusedXmlException as error:
            self.wrong(path, f"refused XML: {type(error).__name__}, an attack on whoever reads it")
            return None
        except (ParseError, ValueError, RecursionError) as error:
            self.wrong(path, f"not valid XML: {_short(error)}", getattr(error, "position", (0, 0))[0])
            return None
        for element in root.iter():
            element.tag = str(element.tag).rpartition("}")[2]
        return root

    def _table(self, path: str, data: object) -> dict[str, Any]:
        if isinstance(data, dict):
            return cast(dict[str, Any], data)
        self.wrong(path, f"holds {_kind(data)} where an object belongs", 1)
        return {}

    def part(self, path: str, data: dict[str, Any], key: str) -> dict[str, Any]:
        """The table under a key; empty where there is none, with a finding where it is something else."""
        found = data.get(key)
        if found is None:
            return {}
        if isinstance(found, dict):
            return cast(dict[str, Any], found)
        self.wrong(path, f"{key!r} holds {_kind(found)} where an object belongs", line_of(self.text(path) or "", f'"{key}"'))
        return {}

    def at(self, path: str, *words: str) -> Evidence:
        """The line of the file where the last word stands after the others, each looked for behind the one before."""
        text = self.text(path) or ""
        line = line_of(text, *words)
        return Evidence(path, line, self._lines(path)[line - 1].strip()[:200] if line else words[-1])

    def _lines(self, path: str) -> list[str]:
        if self._split[0] != path:
            self._split = (path, (self.text(path) or "").split("\n"))
        return self._split[1]


def line_of(text: str, *words: str) -> int:
    """The line, from 1, of the last word, each word looked for behind the one before; 0 where it is not there."""
    position = -1
    for word in words:
        behind = text.find(word, position + 1)
        if behind < 0:
            if word == words[-1]:
                return 0
            continue
        position = behind
    return text.count("\n", 0, position) + 1 if position >= 0 else 0


def base(path: str) -> str:
    """The name of the file."""
    return path.rpartition("/")[2]


def folder(path: str) -> str:
    """The folder of the file, empty for the root."""
    return path.rpartition("/")[0]


def beside(where: str, name: str) -> str:
    """The path of a name in a folder, ``..`` and ``.`` resolved; it may leave the repository (then it begins with ``..``)."""
    parts: list[str] = []
    for part in [*where.split("/"), *name.replace("\\", "/").split("/")]:
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def above(where: str) -> list[str]:
    """The folder itself and those above it, nearest first, the root (empty) last."""
    found = [where]
    while where:
        where = folder(where)
        found.append(where)
    return found


def table(value: object) -> dict[str, Any]:
    """The value if it is a table, else an empty one."""
    return cast(dict[str, Any], value) if isinstance(value, dict) else {}


def rows(value: object) -> list[Any]:
    """The value if it is a list, else an empty one."""
    return list(cast(Sequence[Any], value)) if isinstance(value, list) else []


def word(value: object) -> str:
    """The value if it is text, a number as text, else nothing."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _kind(value: object) -> str:
    if value is None or isinstance(value, bool):
        return "nothing" if value is None else "true or false"
    kinds = ((dict, "an object"), (list, "a list"), (str, "text"))
    return next((name for kind, name in kinds if isinstance(value, kind)), "a number")


def _short(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
