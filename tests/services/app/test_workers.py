"""Several processes on one socket, seen by their parent."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from backwright.cli.server import listen, url_of
from backwright.cli.workers import MOST_FAILURES, Workers


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    """A socket on a free port."""
    with listen("127.0.0.1", 0) as made:
        yield made


def test_workers_that_cannot_start_are_given_up(listening: socket.socket, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Each says why; after some tries the parent ends with status 1 instead of trying for ever."""
    workers = Workers(str(tmp_path / "nothing"), listening, 1, drain=1)

    assert not workers.start()
    assert workers.watch() == 1

    said = capfd.readouterr().err
    assert said.count("there is no such folder") >= MOST_FAILURES
    assert said.count("starting another") >= MOST_FAILURES


def test_a_port_that_is_taken_is_refused(listening: socket.socket) -> None:
    """By the system's own reason."""
    with pytest.raises(OSError, match="in use"):
        listen("127.0.0.1", listening.getsockname()[1])


@pytest.mark.parametrize(("host", "shown"), [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("::1", "[::1]"), ("::", "[::1]")])
def test_the_url_can_be_opened(host: str, shown: str) -> None:
    """Whatever it listens on, the line that is printed leads there."""
    try:
        made = listen(host, 0)
    except OSError:
        pytest.skip(f"this machine has no {host}")
    with made:
        assert url_of(made) == f"http://{shown}:{made.getsockname()[1]}"
