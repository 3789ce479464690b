"""Imports as a set: what three texts import, and one text's import statements rewritten to what is wanted. Pure."""

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from backwright.worker.merge.parts import Part
from backwright.worker.write.source import STDLIB, WIDTH


@dataclass(frozen=True, slots=True, order=True)
class Import:
    """One imported name. ``module`` is empty for ``import name``."""

    module: str
    name: str
    alias: str = ""

    @property
    def binds(self) -> str:
        """The name that it gives the file."""
        return self.alias or (self.name if self.module else self.name.partition(".")[0])

    @property
    def text(self) -> str:
        """``Id as Key``"""
        return f"{self.name} as {self.alias}" if self.alias else self.name


def is_import(part: Part) -> bool:
    """Whether the part is an import statement by itself."""
    return part.key.startswith(("from ", "import ")) and ";" not in part.key


def imports(parts: Iterable[Part]) -> list[Import]:
    """What they import, in their order."""
    return [one for part in parts if is_import(part) for one in _of(part.text)]


def rewritten(parts: Sequence[Part], add: Iterable[Import], drop: Iterable[Import]) -> list[Part]:
    """The parts of a module with these imports added and taken away. Statements that need no change, or hold comments, stay as they are."""
    left, gone = list(dict.fromkeys(add)), set(drop)
    found: list[Part] = []
    carried: tuple[str, ...] = ()
    for part in parts:
        part = replace(part, lead=(*carried, *part.lead)) if carried else part
        carried = ()
        if is_import(part) and not any("#" in line for line in part.text):
            here = _of(part.text)
            module = here[0].module
            more = [one for one in left if module and one.module == module]
            left = [one for one in left if one not in more]
            wanted = [one for one in here if one not in gone]
            if not wanted and not more:
                carried = part.lead if any(line.strip() for line in part.lead) else ()
                continue
            if len(wanted) != len(here) or more:
                part = replace(part, text=tuple(_statement(module, [*wanted, *more])), names=frozenset(o.binds for o in (*wanted, *more)))
        found.append(part)
    for module in dict.fromkeys(one.module for one in left if one.module):
        found = _inserted(found, module, _statement(module, [one for one in left if one.module == module]))
    for one in left:
        if not one.module:
            found = _inserted(found, one.name, [f"import {one.text}"])
    return found


@lru_cache(512)
def _of(text: tuple[str, ...]) -> tuple[Import, ...]:
    node = ast.parse("\n".join(text)).body[0]
    if isinstance(node, ast.ImportFrom):
        module = f"{'.' * node.level}{node.module or ''}"
        return tuple(Import(module, n.name, n.asname or "") for n in node.names)
    return tuple(Import("", n.name, n.asname or "") for n in node.names) if isinstance(node, ast.Import) else ()


def _statement(module: str, listed: Sequence[Import]) -> Iterator[str]:
    names = [one.text for one in sorted(listed, key=lambda one: (_kind(one.name), one.name.lower(), one.name))]
    if not module:
        yield f"import {', '.join(names)}"
        return
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= WIDTH:
        yield line
    else:
        yield from (f"from {module} import (", *(f"    {name}," for name in names), ")")


def _kind(name: str) -> int:
    """Constants, classes, functions: as ruff sorts them."""
    return 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2


def _inserted(parts: Sequence[Part], module: str, text: Iterable[str]) -> list[Part]:
    """A new statement: behind the last import that belongs before it, or behind the docstring."""
    before = [n for n, part in enumerate(parts) if is_import(part) and _place(_of(part.text)[0]) <= (_group(module), module)]
    any_import = [n for n, part in enumerate(parts) if is_import(part)]
    head = [n for n, part in enumerate(parts) if part.key == "docstring"]
    found, lines = list(parts), tuple(text)
    if before:
        same = _place(_of(parts[before[-1]].text)[0])[0] == _group(module)
        found.insert(before[-1] + 1, Part(f"from {module}", frozenset(), () if same else ("",), lines))
    elif any_import:
        at = any_import[0]
        plain = not any(line.strip() for line in parts[at].lead)
        found.insert(at, Part(f"from {module}", frozenset(), parts[at].lead if plain else ("",), lines))
        found[at + 1] = replace(parts[at], lead=("",)) if plain else parts[at]
    else:
        found.insert(head[-1] + 1 if head else 0, Part(f"from {module}", frozenset(), ("",) if head else (), lines))
    return found


def _place(one: Import) -> tuple[int, str]:
    module = one.module or one.name
    return _group(module), module


def _group(module: str) -> int:
    if module == "__future__":
        return -1
    return 0 if module in STDLIB else 1 if module.partition(".")[0] in ("backwright", "msgspec", "pytest") else 2
