"""What the stop hook decides."""

from backwright.worker.agents.stop_hook import GO, STAY, decide

MISSING = {"2026-01-31-09-00-orders": ["backend_notes.md has not been written", "steps not done: proof"], "2026-01-30-09-00-done": []}


def test_whoever_has_not_finished_stays() -> None:
    """With everything that is missing, by session."""
    status, said = decide({"hook_event_name": "Stop", "stop_hook_active": False}, MISSING)
    assert status == STAY
    assert "session 2026-01-31-09-00-orders\n  - backend_notes.md has not been written\n  - steps not done: proof" in said
    assert "done" not in said.partition("orders")[0]


def test_nobody_is_kept_twice() -> None:
    """One who was kept already may go, and is told again what is open: no endless loop."""
    status, said = decide({"stop_hook_active": True}, MISSING)
    assert status == GO
    assert "backend_notes.md has not been written" in said


def test_whoever_has_finished_goes() -> None:
    """Without a word."""
    assert decide({}, {"2026-01-30-09-00-done": []}) == (GO, "")
    assert decide({}, {}) == (GO, "")
