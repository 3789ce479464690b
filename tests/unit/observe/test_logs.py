"""Log lines: complete, in order, without secrets, and never in the way."""

import json
import threading
from collections.abc import Callable, Iterator

import pytest

from backwright.observe import logs as module
from backwright.observe.events import FaultRaised, RequestFinished, ServerStarted, SignInRefused, Stages
from backwright.observe.logs import Logs
from backwright.observe.mask import Mask

Make = Callable[..., Logs]
REQUEST = RequestFinished("GET", "list_books", 200, 0.0012, Stages(run=0.001), caller="ab12", request_id="r-1", bytes_out=42)


@pytest.fixture
def written() -> list[bytes]:
    return []


@pytest.fixture
def make(written: list[bytes]) -> Iterator[Make]:
    made: list[Logs] = []

    def make(**options: object) -> Logs:
        made.append(Logs(**{"write": written.append, "clock": lambda: 1_795_298_100.25, **options}))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for logs in made:
        logs.close()


def test_a_request_is_one_json_line(make: Make, written: list[bytes]) -> None:
    """Time, level, event and what the event says, on one line."""
    logs = make()
    logs(REQUEST)
    logs.flush()
    [line] = b"".join(written).splitlines()

    assert json.loads(line) == {
        "time": "2026-11-21T21:55:00.250000Z", "level": "info", "event": "request_finished", "method": "GET", "operation": "list_books",
        "status": 200, "seconds": 0.0012, "stages": {"run": 0.001}, "caller": "ab12", "request_id": "r-1", "bytes_out": 42,
    }  # fmt: skip


def test_lines_wait_and_are_written_together(make: Make, written: list[bytes]) -> None:
    """Requests are collected: ten lines make one write, and nothing is lost when the log is closed."""
    logs = make()
    for _ in range(10):
        logs(REQUEST)
    logs.close()

    assert sum(chunk.count(b"\n") for chunk in written) == 10


def test_a_quiet_log_is_written_by_itself(make: Make) -> None:
    """A lone line does not wait for others."""
    arrived = threading.Event()
    logs = make(write=lambda lines: arrived.set())
    logs(REQUEST)

    assert arrived.wait(10)


def test_faults_are_written_at_once(make: Make, written: list[bytes]) -> None:
    """When the call returns, the fault and all before it are written, in order."""
    logs = make()
    logs(REQUEST)
    logs(FaultRaised("KeyError: 'x'"))

    assert [json.loads(line)["event"] for line in b"".join(written).splitlines()] == ["request_finished", "fault_raised"]


def test_after_close_events_are_still_written(make: Make, written: list[bytes]) -> None:
    """What happens while the process ends is not lost."""
    logs = make()
    logs.close()
    logs(REQUEST)

    assert b"list_books" in b"".join(written)


def test_secrets_of_faults_are_masked(make: Make, written: list[bytes]) -> None:
    """Passwords and tokens in a message or traceback, and values handed in, are not written."""
    logs = make(mask=Mask("the-server-key"))
    logs(FaultRaised("E: password=hunter22", "connect('postgresql://ann:pa55@db')\nAuthorization: Bearer abc.def\nkey the-server-key"))
    text = b"".join(written).decode()

    assert not any(secret in text for secret in ("hunter22", "pa55", "abc.def", "the-server-key"))


def test_a_stalled_reader_does_not_stop_requests(make: Make, monkeypatch: pytest.MonkeyPatch, written: list[bytes]) -> None:
    """While nothing can be written a bounded number of lines waits; the others are counted, and the count is written afterwards."""
    monkeypatch.setattr(module, "MOST_WAITING", 5)
    logs = make()
    logs._writing.acquire()  # as a write that does not return
    for _ in range(9):
        logs(REQUEST)
    logs._writing.release()
    logs.close()
    lines = [json.loads(line) for line in b"".join(written).splitlines()]

    assert [line["event"] for line in lines] == ["request_finished"] * 5 + ["log_lines_lost"] and lines[-1]["count"] == 4


def test_a_reader_that_went_away_does_not_raise(make: Make) -> None:
    """A broken pipe loses lines, not requests."""

    def write(lines: bytes) -> None:
        raise BrokenPipeError

    logs = make(write=write)
    logs(FaultRaised("x"))

    assert logs.lost == 1
    logs._write = lambda lines: None


def test_the_readable_form(make: Make, written: list[bytes]) -> None:
    """In development a line is short, and a traceback keeps its lines."""
    logs = make(human=True)
    logs(REQUEST)
    logs(FaultRaised("KeyError: 'x'", "Traceback:\n  File app.py", operation="list_books"))
    text = b"".join(written).decode()

    assert "GET    list_books 200 1.2 ms  r-1\n" in text and "ERROR   fault_raised error=KeyError: 'x'" in text
    assert "\nTraceback:\n  File app.py\n" in text


def test_text_that_is_no_unicode_can_be_logged(make: Make, written: list[bytes]) -> None:
    """A line break or a lone surrogate in a value neither breaks the line nor raises."""
    logs = make(human=True)
    logs(SignInRefused("unknown account", "1.2.3.4\n\udcff"))
    logs.flush()

    assert written


def test_many_threads_lose_nothing(make: Make, written: list[bytes]) -> None:
    """Events from several threads all arrive, each on a line of its own."""
    logs = make()
    threads = [threading.Thread(target=lambda: [logs(REQUEST) for _ in range(500)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    logs.close()

    assert all(json.loads(line) for line in b"".join(written).splitlines())
    assert b"".join(written).count(b"\n") == 2000


def test_other_events_keep_their_words(make: Make, written: list[bytes]) -> None:
    """Any event of the list can be written, with its level."""
    logs = make()
    logs(ServerStarted("127.0.0.1:8000", database="sqlite", workers=2))
    logs.flush()
    line = json.loads(b"".join(written))

    assert (line["event"], line["level"], line["workers"]) == ("server_started", "info", 2)
