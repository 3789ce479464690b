"""Reads what a project says about itself, for the reports and the documentation of a project that was not delivered just now."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from backwright.worker import compiled
from backwright.worker.importers.openapi import import_openapi
from backwright.worker.report import described
from backwright.worker.report.input import ReportInput
from backwright.worker.stamps import utc_now


def of_project(folder: Path) -> ReportInput:
    """What a project says about itself, whoever wrote it. Its code runs in a process of its own. Raises `Uncompiled`."""
    with TemporaryDirectory(prefix="backwright-") as scratch:
        said = compiled.compile(folder, Path(scratch) / "compiled.json")
        contract = Path(scratch) / "openapi.json"
        contract.write_text(json.dumps(said["openapi"]), encoding="utf-8")
        served = import_openapi(contract)
    schemes = ", ".join(served.security_schemes) or "none"
    return ReportInput(
        session_id="", feature=served.info.title or folder.name, generated=utc_now(), framework=described.FRAMEWORK, authentication=schemes,
        endpoints=described.endpoints(served, said), tables=described.tables(said), services=described.services(said),
    )  # fmt: skip
