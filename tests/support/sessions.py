"""Sessions for tests: one that has gone through its steps, and the events of one."""

from pathlib import Path
from typing import Any

from backwright.worker import journal
from backwright.worker.protocol.session import Session
from backwright.worker.protocol.steps import ORDER, Step


def walked(session: Session, until: Step = Step.END) -> Session:
    """The session with every step before this one recorded."""
    for step in ORDER[: ORDER.index(until)]:
        if not session.done(step):
            session.finish(step, {})
    return session


def events(folder: Path) -> list[dict[str, Any]]:
    """The session's events, of every worker."""
    return journal.records(folder / "EVENTS.jsonl")
