"""The claims as SARIF 2.1.0 (OASIS Static Analysis Results Interchange Format), for code hosts that show findings beside the lines."""

import re
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from backwright.worker.prove.standard import Standard
from backwright.worker.prove.verdict import Verdict
from backwright.worker.report.proof import Line, Proof

_LEVELS = {Verdict.FAILED: "error", Verdict.NOT_MEASURED: "warning", Verdict.STALE: "warning"}
_PLACE = re.compile(r"(?P<file>[\w./-]+\.[a-z]{1,5}):(?P<line>\d+)")


def sarif(proof: Proof, standards: Iterable[Standard]) -> dict[str, Any]:
    """One run: every standard a rule, everything that does not hold a result, with the places that its finding names."""
    known = {standard.id: standard for standard in standards}
    rules = [_rule(name, known.get(name)) for name in proof.standards]
    results = [_result(line, number, proof) for number, line in enumerate(proof.lines)]
    driver = {"name": "backwright", "semanticVersion": version("backwright"), "rules": rules}
    return {
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}],
    }


def _rule(name: str, standard: Standard | None) -> dict[str, Any]:
    said = {} if standard is None else {
        "shortDescription": {"text": standard.sentence}, "fullDescription": {"text": standard.why},
    }  # fmt: skip
    return {"id": name, **said}


def _result(line: Line, number: int, proof: Proof) -> dict[str, Any]:
    """What holds is told too, as a result of the kind "pass": a reader sees that it was looked at."""
    level = _LEVELS.get(line.verdict)
    kind = "notApplicable" if line.verdict is Verdict.NOT_APPLICABLE else "pass" if level is None else "fail"
    if line.verdict in (Verdict.NOT_MEASURED, Verdict.STALE):
        kind = "open"
    # SARIF 3.27.10: a result that is no failure has the level "none".
    shown = {"ruleId": line.standard, "ruleIndex": number, "kind": kind, "level": level if kind == "fail" else "none"}
    text = f"{line.verdict}: {line.finding}" + (f" (again: {line.replay})" if line.replay else "")
    return {**shown, "message": {"text": text}, **_places(line, proof.ledger.project)}


def _places(line: Line, project: Path) -> dict[str, Any]:
    if line.verdict is not Verdict.FAILED:
        return {}
    said = line.finding
    if line.evidence is not None and line.evidence.is_file():
        said += "\n" + line.evidence.read_text(encoding="utf-8", errors="replace")
    places = dict.fromkeys(
        (match["file"], max(1, int(match["line"]))) for match in _PLACE.finditer(said) if _inside(project, match["file"])
    )
    return {"locations": [_location(file, number) for file, number in list(places)[:20]]} if places else {}


def _inside(project: Path, file: str) -> bool:
    place = (project / file).resolve()
    return place.is_relative_to(project.resolve()) and place.is_file()


def _location(file: str, line: int) -> dict[str, Any]:
    return {"physicalLocation": {"artifactLocation": {"uri": Path(file).as_posix()}, "region": {"startLine": line}}}
