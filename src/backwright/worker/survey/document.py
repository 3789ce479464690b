"""A survey as JSON: stable keys and order, described in docs/survey.md. Pure."""

import json
from dataclasses import asdict
from typing import Any

from backwright.worker.survey.graph import dot, mermaid
from backwright.worker.survey.repository import Repository

SCHEMA = 1
"""Counts up when a key changes its meaning or goes; new keys may come without."""


def as_json(found: Repository) -> str:
    """The survey as indented JSON, line feed at the end."""
    return json.dumps(document(found), indent=2, ensure_ascii=False) + "\n"


def document(found: Repository) -> dict[str, Any]:
    """The survey as plain values."""
    body = asdict(found)
    graph = body.pop("graph") | {"mermaid": mermaid(found.graph), "dot": dot(found.graph)}
    frameworks = [asdict(one) for one in found.frameworks]
    return {"schema": SCHEMA, "kit": found.kit, "frameworks": frameworks, **body, "graph": graph}
