"""Whether a report still says what the ledger says: every verdict in it, its figures, and the sentence above them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from backwright.worker.journal import mapping
from backwright.worker.prove.verdict import Verdict
from backwright.worker.report.deliverable import TICKED, ticked
from backwright.worker.report.markdown import code, line, table
from backwright.worker.report.proof import Proof

_VERDICT = re.compile(r"\b(" + "|".join(sorted((v.value for v in Verdict), key=len, reverse=True)) + r")\b")
_HOLDS = "Everything measured holds."
_TICK = re.compile(r"^\s*(?:[-*+]\s+)?(?P<title>[^:]+): (?P<said>.*)$")


def disagreements(file: Path, proof: Proof) -> list[str]:
    """What the report says that the ledger does not, with its line where it has one. A report that says nothing of the proof is one too."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return [f"{file.name} cannot be read: {type(error).__name__}"]
    if file.suffix == ".json":
        return list(_response(file, mapping(text), proof))
    return list(_markdown(file, text, proof))


def _response(file: Path, body: dict[str, Any] | None, proof: Proof) -> Iterator[str]:
    if body is None or not isinstance(body.get("evidence"), dict):
        yield f"{file.name} holds no evidence: nothing in it can be compared with the ledger"
        return
    said, known = cast(dict[str, Any], body["evidence"]), cast(dict[str, Any], json.loads(json.dumps(proof.summary(file.parent))))
    for key in sorted(said.keys() | known.keys()):
        if said.get(key) != known.get(key):
            yield f"{file.name}: /evidence/{key} is not what the ledger says"


def _markdown(file: Path, text: str, proof: Proof) -> Iterator[str]:
    rows = table(("Standard", "Verdict", "Finding", "Replay"), ((i.standard, i.verdict, i.finding, i.replay) for i in proof.lines))
    fitting = {row.strip() for row in rows} | {f"* {code(i.standard)}: {i.verdict} — {line(i.finding)}" for i in proof.lines}
    named = re.compile(r"(?<![\w.-])(" + "|".join(map(re.escape, proof.standards)) + r")(?![\w-])")
    told = 0
    for number, row in enumerate(text.splitlines(), start=1):
        if _HOLDS in row and not proof.good:
            yield f"{file.name}:{number}: says that everything holds"
        found = _TICK.match(row)
        if found is not None and (standards := TICKED.get(found["title"].strip().casefold())) is not None:
            told += 1
            if ticked(found["title"].strip(), standards, proof, file.parent) != f"{found['title'].strip()}: {found['said']}":
                yield f"{file.name}:{number}: {found['title'].strip()!r} is not what the ledger says"
        elif named.search(row) and _VERDICT.search(row):
            told += 1
            if row.strip() not in fitting:
                yield f"{file.name}:{number}: is not what the ledger says of {named.search(row)[1]}"  # type: ignore[index]
    if not told:
        yield f"{file.name} names no standard with its verdict: nothing in it can be compared with the ledger"
