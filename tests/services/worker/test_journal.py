"""Append-only files: whole lines only, whatever happens in the middle of one."""

import io
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from backwright.worker import journal

WRITER = """
import sys
from pathlib import Path
from backwright.worker import journal
for number in range(10**9):
    journal.append(Path(sys.argv[1]), {"number": number, "padding": "x" * 300})
    print(number, flush=True)
"""


@pytest.mark.parametrize("torn", [b'{"number": 2, "te', b'{"a"', b"\xff\xfe", b'"text"', b"7"])
def test_a_torn_last_line_is_left_out_and_cut(tmp_path: Path, torn: bytes) -> None:
    """Reading ignores it; the next line takes its place; every line is whole again."""
    file = tmp_path / "log.jsonl"
    file.write_bytes(b'{"number":1}\n' + torn)

    assert journal.records(file) == [{"number": 1}]
    journal.append(file, {"number": 2})
    assert file.read_bytes() == b'{"number":1}\n{"number":2}\n'


def test_a_line_without_its_line_feed_is_kept(tmp_path: Path) -> None:
    """What was written in full but for its line feed is not lost."""
    file = tmp_path / "log.jsonl"
    file.write_bytes(b'{"number":1}')

    assert journal.records(file) == [{"number": 1}]
    journal.append(file, {"number": 2})
    assert [record["number"] for record in journal.records(file)] == [1, 2]


def test_a_long_torn_line_is_cut(tmp_path: Path) -> None:
    """A torn line longer than one block is cut as a whole."""
    file = tmp_path / "log.jsonl"
    file.write_bytes(b'{"number":1}\n{"x":"' + b"y" * 200_000)
    journal.append(file, {"number": 2})

    assert file.read_bytes() == b'{"number":1}\n{"number":2}\n'


def test_many_writers_do_not_mix_their_lines(tmp_path: Path) -> None:
    """Lines written at the same time stay whole, and none is lost."""
    file = tmp_path / "log.jsonl"

    def write(who: int) -> None:
        for number in range(50):
            journal.append(file, {"who": who, "number": number, "text": "é\n" * 100})

    threads = [threading.Thread(target=write, args=(who,)) for who in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted((r["who"], r["number"]) for r in journal.records(file)) == [(who, number) for who in range(4) for number in range(50)]


@pytest.mark.parametrize("after", [1, 17, 60])
def test_a_killed_writer_loses_nothing_it_told_of(tmp_path: Path, after: int) -> None:
    """After kill -9 every line that was acknowledged is there, and the next writer goes on behind them."""
    file = tmp_path / "log.jsonl"
    with subprocess.Popen([sys.executable, "-c", WRITER, str(file)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        told = [int(process.stdout.readline()) for _ in range(after)]
        os.kill(process.pid, signal.SIGKILL)
    journal.append(file, {"number": "last"})
    numbers = [record["number"] for record in journal.records(file)]

    assert numbers[: len(told)] == told
    assert numbers[-1] == "last"
    assert all(isinstance(json.loads(line), dict) for line in file.read_bytes().splitlines())


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    """A reader sees the old content or the new, never a part; nothing is left beside it."""
    file = tmp_path / "state.json"
    contents = {b"a" * 100_000, b"b" * 200_000}
    journal.replace(file, b"a" * 100_000)
    over = threading.Event()
    seen: set[bytes] = set()

    def read() -> None:
        while not over.is_set():
            seen.add(file.read_bytes())

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(20):
        for content in sorted(contents):
            journal.replace(file, content)
    over.set()
    reader.join()

    assert seen <= contents
    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]


def test_a_replacement_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    """When the new content cannot be put in place, the old one stays and nothing lies beside it."""
    folder = tmp_path / "state.json"
    folder.mkdir()
    with pytest.raises(OSError, match="directory"):
        journal.replace(folder, b"x")

    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_told() -> None:
    """A line that does not fit is an error, never a silent half."""
    with pytest.raises(OSError, match="No space left"):
        journal.append(Path("/dev/full"), {"number": 1})


def test_a_file_that_takes_a_part_at_a_time() -> None:
    """Everything is written all the same."""

    class Slow(io.BytesIO):
        def write(self, data: Any) -> int:
            return super().write(bytes(data)[:3])

    slow = Slow()
    journal.put(slow, b"0123456789")

    assert slow.getvalue() == b"0123456789"
