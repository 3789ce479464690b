"""backend_response.json: the worker's second output, with exactly the keys of the mission and, unless strict, ``evidence``."""

import json
from functools import cache
from pathlib import Path
from typing import Any, Literal

from backwright.worker.report.input import ReportInput
from backwright.worker.report.proof import Proof
from backwright.worker.stamps import iso

Form = Literal["exact", "extended"]
SCHEMAS = Path(__file__).parent / "schemas"


def response(report: ReportInput, proof: Proof, folder: Path, *, strict: bool = False) -> dict[str, Any]:
    """The response of a delivery. ``folder`` is where it will lie: links to the evidence start there."""
    body: dict[str, Any] = {
        "session_id": report.session_id,
        "worker": report.worker,
        "timestamp": iso(report.generated),
        "implementation": _implementation(report),
        "files_modified": [*report.files_created, *report.files_modified],
        "tests_added": [test.file for test in report.tests],
        "dependencies_added": list(report.dependencies_added),
    }
    return body if strict else body | {"evidence": proof.summary(folder)}


def _implementation(report: ReportInput) -> dict[str, Any]:
    return {
        "apis": [
            {"endpoint": e.path, "method": e.method, "authentication": e.authentication, "status": e.status} for e in report.endpoints
        ],
        "database": {
            "tables_created": [table.name for table in report.tables if not table.modified],
            "tables_modified": [table.name for table in report.tables if table.modified],
            "migrations": [migration.file for migration in report.migrations],
            "indexes": [index.name for table in report.tables for index in table.indexes],
        },
        "services": [
            {
                "name": service.name,
                "responsibility": service.responsibility,
                "methods": [method.name for method in service.methods],
                "dependencies": list(service.dependencies),
            }
            for service in report.services
        ],
        "performance": {"caching_strategy": report.caching_strategy or "none", "optimizations": list(report.optimizations)},
    }


@cache
def schema(form: Form) -> dict[str, Any]:
    """The published JSON Schema: ``exact`` allows the mission's keys only, ``extended`` asks for ``evidence`` too."""
    return dict(json.loads((SCHEMAS / f"backend_response.{form}.json").read_text(encoding="utf-8")))


def misshapen(data: Any, form: Form | None = None) -> list[str]:
    """Everything in which the data does not fit the schema, each with its JSON pointer; the form is told by the data unless given."""
    chosen: Form = form or ("extended" if isinstance(data, dict) and "evidence" in data else "exact")
    return [f"{_pointer(error.instance_path)}: {error.message}" for error in _validator(chosen).iter_errors(data)]


def _pointer(path: list[Any]) -> str:
    return "/" + "/".join(str(part).replace("~", "~0").replace("/", "~1") for part in path)


@cache
def _validator(form: Form) -> Any:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(schema(form), validate_formats=True)
