"""Writing the two outputs into the session: the notes first, the response second, each checked before it is written."""

import json
import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from backwright.worker import journal
from backwright.worker.protocol import record, state
from backwright.worker.prove.verdict import Verdict
from backwright.worker.report import notes, response
from backwright.worker.report.deliverable import TICKED, ticked
from backwright.worker.report.input import ReportInput
from backwright.worker.report.proof import Proof
from backwright.worker.stamps import iso, utc_now

BACKEND = "backend-worker"
NOTES, RESPONSE = "backend_notes.md", "backend_response.json"
_TICK = re.compile(r"^(?P<lead>\s*(?:[-*+]\s+)?)(?:✓|✔|✅|☑|\[[xX]\])\s*(?P<title>.+?)\s*$", re.MULTILINE)


class Log(Protocol):
    """Whose outputs they are, where they go, and where it is told: a `WorkerLogger`."""

    folder: Path
    worker: str

    def log_event(self, type: str, details: Mapping[str, Any], status: str | None = None) -> None:
        """Tell what happened."""
        ...


class OutOfOrder(Exception):
    """The response was to be written before the notes."""


class Misshapen(Exception):
    """An output does not have the shape it must have. ``problems`` lists every reason."""

    def __init__(self, name: str, problems: list[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(f"{name}: " + "; ".join(problems))


def write(log: Log, report: ReportInput, proof: Proof, *, strict: bool = False) -> tuple[Path, Path]:
    """Write both outputs of a delivery, in their order, and return where they lie."""
    first = save_notes(log, notes.notes(report, proof))
    return first, save_response(log, response.response(report, proof, log.folder, strict=strict), strict=strict)


def save_notes(log: Log, text: str) -> Path:
    """Check and write the notes. What they tick gets its verdict from the ledger; without one it reads "not measured"."""
    if log.worker != BACKEND:
        return _write(log, f"{_stem(log.worker)}_notes.md", text.encode("utf-8", "backslashreplace"), "workers")
    if wrong := notes.misshapen(text, log.folder.resolve().name):
        raise Misshapen(NOTES, wrong)
    attached = _TICK.sub(lambda match: match["lead"] + _judged(match["title"], log.folder), text)
    return _write(log, NOTES, attached.encode("utf-8", "backslashreplace"), "workers")


def save_response(log: Log, data: Mapping[str, Any], *, strict: bool = False) -> Path:
    """Check and write the response. Its ``evidence`` is always the ledger's own, whatever was handed in."""
    if log.worker != BACKEND:
        return _write(log, f"{_stem(log.worker)}_response.json", journal.pretty(data), "workers/json")
    if not (written := _written(log.folder, log.worker)) or written[0]["name"] != NOTES or not (log.folder / NOTES).is_file():
        raise OutOfOrder(f"write {NOTES} first: {RESPONSE} comes second")
    name = log.folder.resolve().name
    body = {"session_id": name, "worker": log.worker, "timestamp": iso(utc_now()), **data}
    body.pop("evidence", None)
    if not strict:
        body["evidence"] = _proof(log.folder).summary(log.folder)
    wrong = response.misshapen(body, "exact" if strict else "extended")
    if body["session_id"] != name or body["worker"] != log.worker:
        wrong.append(f"/session_id: it is of another session or worker: {body['session_id']!r}, {body['worker']!r}")
    if wrong:
        raise Misshapen(RESPONSE, wrong)
    return _write(log, RESPONSE, journal.pretty(body), "workers/json")


def missing(folder: Path, worker: str, session_id: str, *, fresh: bool = True) -> list[str]:
    """What still keeps the session from being completed, as far as its outputs go.

    ``fresh`` asks also that they say what the ledger says now: of a session that is over it is enough that they stand as written.
    """
    if worker != BACKEND:
        return []
    written = _written(folder, worker)
    if [one["name"] for one in written] != [NOTES, RESPONSE]:
        return [f"{name} has not been written" for name in (NOTES, RESPONSE) if name not in [one["name"] for one in written]]
    changed = [f"{one['name']} is not what was written" for one in written if _digest(folder / one["name"]) != one["sha256"]]
    return changed or (_outdated(folder, session_id) if fresh else [])


def _outdated(folder: Path, session_id: str) -> list[str]:
    wrong = notes.misshapen((folder / NOTES).read_text(encoding="utf-8"), session_id)
    body = json.loads((folder / RESPONSE).read_text(encoding="utf-8"))
    wrong += response.misshapen(body)
    if "evidence" in body and body["evidence"] != json.loads(json.dumps(_proof(folder).summary(folder))):
        wrong.append(f"the evidence in {RESPONSE} is not what the ledger says now: write the outputs again")
    return wrong


def coordinated(folder: Path) -> bool:
    """Whether the session is kept where a coordinator wants it, and not in the worker's own place."""
    return folder.resolve().parent.parent.name != ".backwright"


def _write(log: Log, name: str, data: bytes, copies: str) -> Path:
    """Write an output, its copy under a coordinator, and that it was written."""
    place = log.folder / name
    journal.replace(place, data)
    if coordinated(log.folder):
        journal.replace(log.folder / copies / name, data)
    log.log_event("output_written", {"file": name, "sha256": sha256(data).hexdigest()}, "completed")
    state.note(log.folder, log.worker, outputs=_written(log.folder, log.worker))
    return place


def _written(folder: Path, worker: str) -> list[dict[str, str]]:
    """What was written through the logger, in order, as the record tells it. Notes written anew call for a new response."""
    found: list[dict[str, str]] = []
    for one in record.read(folder, worker).all("output_written"):
        found = [] if str(one.get("file", "")).endswith(".md") else [kept for kept in found if kept["name"] != one.get("file")]
        found.append({"name": str(one.get("file", "")), "sha256": str(one.get("sha256", ""))})
    return found


def _digest(place: Path) -> str:
    return sha256(place.read_bytes()).hexdigest() if place.is_file() else ""


def _proof(folder: Path) -> Proof:
    from backwright.worker.protocol.startup import find_root

    project = record.read(folder, BACKEND).begun.get("folder")
    return Proof(Path(project) if project else find_root(folder))


def _judged(title: str, folder: Path) -> str:
    standards = TICKED.get(title.rstrip(".").casefold())
    return ticked(title, standards, _proof(folder), folder) if standards else f"{title}: {Verdict.NOT_MEASURED}"


def _stem(worker: str) -> str:
    return worker.removesuffix("-worker").replace("-", "_")
