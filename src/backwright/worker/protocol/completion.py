"""The checklist that keeps a session from being completed. A stop hook asks the same question: what is unfinished?"""

import json
from pathlib import Path

from backwright.worker.protocol import decisions, test_first
from backwright.worker.protocol.record import Record, read
from backwright.worker.protocol.steps import ORDER, Step
from backwright.worker.report import outputs

WORKER = outputs.BACKEND


class Incomplete(Exception):
    """The session cannot be completed. ``missing`` lists every reason."""

    def __init__(self, missing: list[str]) -> None:
        self.missing = tuple(missing)
        super().__init__("the session is not complete: " + "; ".join(missing))


def unfinished(session: Path, worker: str = WORKER) -> list[str]:
    """Everything that is still to be done in the session; nothing when it is completed and its outputs stand as written."""
    try:
        record = read(session, worker)
    except OSError as error:
        return [f"the record cannot be read: {error.strerror or type(error).__name__}"]
    if record.status == "none":
        return [f"{worker} has not begun in {session}"]
    if record.status == "failed":
        ended = record.all("worker_failed")
        return [f"it failed: {ended[-1].get('result', '')}" if ended else "it failed"]
    if record.status == "completed":
        return _outputs(session, worker, fresh=False)
    if missing := checklist(session, worker, record):
        return missing
    return [f"everything is there, but it is not completed: backwright session complete {session}"]


def checklist(session: Path, worker: str, record: Record) -> list[str]:
    """What still stands before the end: steps, outputs, the order of tests and code, questions that block, a running phase."""
    running = [f"the phase {record.running} is still running"] if record.running else []
    if worker != WORKER:
        return running
    left = [step for step in ORDER if step not in record.done and step is not Step.END]
    steps = [f"steps not done: {', '.join(left)}"] if left else []
    return [*steps, *_outputs(session, worker), *test_first.breaches(record.events), *decisions.blocking(session), *running]


def _outputs(session: Path, worker: str, *, fresh: bool = True) -> list[str]:
    try:
        return outputs.missing(session, worker, session.resolve().name, fresh=fresh)
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        return [f"the outputs cannot be read: {error}"]
