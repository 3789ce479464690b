"""One Python file in the making: its docstring, what it imports, its parts. Pure."""

import json
import textwrap
from collections import defaultdict
from decimal import Decimal
from typing import Any

WIDTH = 120
STDLIB = ("asyncio", "re", "unicodedata", "datetime", "decimal", "enum", "pathlib", "typing", "uuid", "collections.abc", "collections")


class Source:
    """Collects a module. `use` gives the name back, so that it can stand where it is needed."""

    def __init__(self, doc: str, taken: frozenset[str] = frozenset()) -> None:
        self.doc = doc
        self.taken = taken
        """Names of the project's own that names of the kit must not hide."""
        self.parts: list[str] = []
        self.qualified: set[str] = set()
        """Names that the file uses for something else than the standard library does."""
        self._from: dict[str, set[str]] = defaultdict(set)
        self._plain: set[str] = set()

    def use(self, module: str, name: str) -> str:
        """Import a name."""
        self._from[module].add(name)
        return name

    def kit(self, name: str) -> str:
        """Import a name of the kit; under another one where the project has that name itself."""
        if name in self.taken:
            self.use("backwright", f"{name} as Kit{name}")
            return f"Kit{name}"
        return self.use("backwright", name)

    def module(self, name: str) -> str:
        """Import a module."""
        self._plain.add(name)
        return name

    def add(self, text: str) -> None:
        """One top-level part."""
        self.parts.append(text.strip("\n"))

    def snapshot(self) -> tuple[list[str], dict[str, set[str]], set[str]]:
        """What it holds now, for `restore`."""
        return list(self.parts), {module: set(names) for module, names in self._from.items()}, set(self._plain)

    def restore(self, held: tuple[list[str], dict[str, set[str]], set[str]]) -> None:
        """Forget what was added since."""
        self.parts, self._from, self._plain = list(held[0]), defaultdict(set, held[1]), set(held[2])

    def text(self) -> str:
        """The file, not yet formatted."""
        head = docstring(self.doc, indent="")
        return "\n\n".join(filter(None, [head, self._imports()])) + "\n\n\n" + "\n\n\n".join(self.parts) + "\n"

    def _imports(self) -> str:
        groups: dict[int, list[str]] = defaultdict(list)
        for name in sorted(self._plain):
            groups[_group(name.partition(" ")[0])].append(f"import {name}")
        for module in sorted(self._from):
            groups[_group(module)].append(f"from {module} import {', '.join(sorted(self._from[module], key=_isort))}")
        return "\n\n".join("\n".join(groups[n]) for n in sorted(groups))


def _group(module: str) -> int:
    return 0 if module in STDLIB else 1 if module.partition(".")[0] in ("backwright", "msgspec", "pytest") else 2


def _isort(name: str) -> tuple[int, str]:
    """Constants, classes, functions: as ruff sorts them."""
    return (0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2), name


def literal(value: Any) -> str:
    """The value as a Python expression."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False) if value.isprintable() else repr(value)
    if isinstance(value, Decimal):
        return f"Decimal({literal(str(value))})"
    return repr(value)


def docstring(text: str, *, indent: str = "    ") -> str:
    """The text as a docstring, wrapped; nothing for nothing."""
    lines = [line.rstrip() for line in text.strip().splitlines()]
    if not lines:
        return ""
    wrapped: list[str] = []
    for line in lines:
        wrapped += textwrap.wrap(line, WIDTH - len(indent) - 8, break_long_words=False, break_on_hyphens=False) or [""]
    safe = [line.replace("\\", "\\\\").replace('"""', "'''") for line in wrapped]
    if len(safe) == 1:
        last = safe[0] + (" " if safe[0].endswith('"') else "")
        return f'{indent}"""{last}"""'
    return "\n".join([f'{indent}"""{safe[0]}', *(f"{indent}{line}" if line else "" for line in safe[1:]), f'{indent}"""'])


def sentence(text: str, otherwise: str = "") -> str:
    """The text on one line, ending like a sentence."""
    line = " ".join((text or otherwise).split())
    return line if not line or line[-1] in ".!?…:" else line + "."
