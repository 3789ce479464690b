"""Models of JPA, Rails, Laravel, GORM and Entity Framework, where their text says what they are."""

import re

from backwright.worker.symbols.code import Code
from backwright.worker.symbols.models.model import Candidate, Column, Model
from backwright.worker.symbols.outline import Definition, definitions
from backwright.worker.symbols.symbol import Kind

_EXTENDS = re.compile(r"(?:<|\bextends\b|:)\s*([\w\\:.]+)")
_BASES = {"ApplicationRecord": "rails", "ActiveRecord::Base": "rails", "Model": "laravel", "Authenticatable": "laravel", "Pivot": "laravel"}


def read(code: Code) -> list[Candidate]:
    """The models of a file."""
    found = definitions(code)
    models: list[Candidate] = []
    for at, one in enumerate(found):
        if one.kind not in (Kind.CLASS, Kind.STRUCT):
            continue
        head = code.text(one.own, max(one.head, one.named))
        extended = _EXTENDS.search(head[head.find(one.name) + len(one.name) :])
        base = extended[1].rpartition("\\")[2] if extended else ""
        if (framework := _framework(code, one, base)) is not None or base:
            if framework is None and code.language.name not in ("ruby", "php"):
                continue
            fields = tuple(_field(code, inner) for inner in found if inner.parent == at and inner.kind is Kind.VARIABLE)
            kept = fields if code.language.name in ("java", "kotlin", "go", "csharp") else ()
            model = Model(one.name, framework or "", True, code.file, code.line(one.named), kept, _table(code, one))
            models.append(Candidate(model, (base,)))
    return models


def _framework(code: Code, one: Definition, base: str) -> str | None:
    said, body = code.text(one.start, one.own), code.text(one.start, one.end)
    if code.language.name in ("java", "kotlin") and re.search(r"@(Entity|Document|MappedSuperclass|Embeddable)\b", said):
        return "mongodb" if "@Document" in said else "jpa"
    if code.language.name == "go" and ("gorm.Model" in body or re.search(r"`[^`]*gorm:\"", body)):
        return "gorm"
    if code.language.name == "csharp" and re.search(r"\[(Table|Key)\b", body):
        return "ef"
    if code.language.name in ("ruby", "php") and base in _BASES and (base != "Model" or b"Eloquent" in code.data):
        return _BASES[base]
    return None


def _table(code: Code, one: Definition) -> str | None:
    text = code.text(one.start, one.end)
    said = re.search(
        r"@Table\([^)]*name\s*=\s*\"([^\"]+)|\[Table\(\"([^\"]+)|\$table\s*=\s*'([^']+)|self\.table_name\s*=\s*['\"]([^'\"]+)", text
    )
    return next((group for group in said.groups() if group), None) if said else None


def _field(code: Code, one: Definition) -> Column:
    before, after = code.text(one.own, one.named), code.text(one.named + len(one.name), one.end)
    if code.language.name == "kotlin":
        kind = re.match(r"\s*:\s*([\w<>?., ]+?)\s*(=|$)", after)
        return Column(one.name, kind[1] if kind else "", code.line(one.named))
    kind_text = (
        after.split("`")[0] if code.language.name == "go" else re.sub(r"\b(private|public|protected|final|static|virtual)\b", "", before)
    )
    return Column(one.name, " ".join(kind_text.split()), code.line(one.named))
