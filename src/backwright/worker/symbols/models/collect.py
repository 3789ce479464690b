"""The models of a repository."""

import re
from collections.abc import Callable
from pathlib import Path

from backwright.worker.symbols.code import Code
from backwright.worker.symbols.files import Look, Told, silent
from backwright.worker.symbols.models import node, others, python
from backwright.worker.symbols.models.model import Candidate, Model, Models, settled

_NODE = (rb"\b(Entity|Table|Schema|define|init)\b", node.read)
_READERS: dict[str, tuple[bytes, Callable[[Code], list[Candidate]]]] = {
    "python": (rb"^\s*class\s+\w+\s*\(", python.read), "javascript": _NODE, "typescript": _NODE, "tsx": _NODE,
    "java": (rb"@(Entity|Document|MappedSuperclass|Embeddable)\b", others.read),
    "kotlin": (rb"@(Entity|Document|MappedSuperclass|Embeddable)\b", others.read),
    "go": (rb"gorm", others.read), "csharp": (rb"\[(Table|Key)\b", others.read),
    "ruby": (rb"^\s*class\s+[\w:]+\s*<", others.read), "php": (rb"\bextends\b", others.read),
}  # fmt: skip
"""Language → what must occur in a file before it is parsed, and who reads it then."""


def models(root: Path, *, within: str | None = None, told: Told = silent) -> Models:
    """What the repository stores or exchanges, sorted by file and line. Raises ``Refused``."""
    look = Look(root, within, told=told)
    candidates: list[Candidate] = []
    schemas: list[Model] = []
    for code in look.served(beside={".prisma": lambda file, text: schemas.extend(node.prisma(file, text))}):
        if found := candidates_in(code):
            look.note(code)
            candidates += found
    every = [*settled(candidates), *schemas]
    return Models(tuple(sorted(every, key=lambda m: (m.file, m.line))), look.files, look.findings, look.left_out)


def candidates_in(code: Code) -> list[Candidate]:
    """The classes of a file that are models, or may be."""
    marks, read = _READERS.get(code.language.name, (b"", None))
    return read(code) if read is not None and re.search(marks, code.data, re.M) else []
