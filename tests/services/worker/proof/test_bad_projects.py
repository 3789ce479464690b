"""Projects and servers that behave badly: each is a named finding, in time, and nothing of it is left running."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from backwright.worker.prove import harness
from backwright.worker.prove.checks.keys import PRIMARY_KEYS
from backwright.worker.prove.checks.versioned import VERSIONED
from backwright.worker.prove.rig.load import Outcome, Shot, load, request
from backwright.worker.prove.verdict import Verdict
from tests.support.bookshop import bookshop
from tests.support.postgres import Postgres
from tests.support.proof import shop

SOON = replace(VERSIONED, timeout=5.0)
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.mark.parametrize(
    ("app", "reason"),
    [
        ("raise ValueError('no such setting')\n", "the check broke: ValueError: no such setting"),
        ("import os\nos._exit(7)\n", "ended with status 7 and no finding"),
        ("import sys\nsys.exit(3)\n", "the project ended the process (3)"),
        ("app = 3\n", "the check broke: AttributeError"),
        ("ap = 3\n", "the check broke: AttributeError"),
        ("def (\n", "the check broke: SyntaxError"),
        ("import os\nif os.fork():\n    os._exit(5)\nimport time\ntime.sleep(600)\n", "ended with status 5 and no finding"),
        ("import os\nos.kill(os.getpid(), 9)\n", "ended with status -9 and no finding"),
        ("print('x' * 50_000_000)\nraise ValueError('garbage')\n", "the check broke: ValueError: garbage"),
        ("import time\ntime.sleep(600)\n", "the check did not end within 1 s"),
        ("while True:\n    print('x' * 1000)\n", "the check did not end within 1 s"),
    ],
)  # fmt: skip
def test_a_project_that_cannot_be_opened_is_not_measured(tmp_path: Path, app: str, reason: str) -> None:
    """It raises, ends its process, forks and leaves a child behind, prints without end or never comes back: the finding says so."""
    waits = "did not end" in reason
    found = harness.measure(replace(SOON, timeout=1.0) if waits else replace(SOON, timeout=60.0), shop(tmp_path, {"app.py": app}))

    assert found.verdict is Verdict.NOT_MEASURED
    assert reason in found.finding
    assert len(found.raw) < 3_000_000


async def _left_alone(reader: asyncio.StreamReader) -> None:
    """Until the other side goes, or the test is over."""
    with suppress(asyncio.CancelledError, OSError):
        await reader.read()


async def _silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await _left_alone(reader)


async def _short(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort")


async def _never_ending(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 999999999\r\n\r\nx")
    await _left_alone(reader)


async def _garbage(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"\x00\xff" * 100 + b"\r\n\r\n")
    await _left_alone(reader)


async def _no_number(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n")


async def _endless_head(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n" + b"x-a: b\r\n" * 20_000)
    await _left_alone(reader)


async def _loaded(handler: Handler) -> Outcome:
    async def closing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await handler(reader, writer)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    async with await asyncio.start_server(closing, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        shot = Shot("GET /", request(port, "GET", "/", {}, b""), frozenset({200}))
        outcome = await load(port, [shot], 100, 0.03, patience=0.2)
        if others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(others, timeout=5)
        return outcome


@pytest.mark.parametrize("handler", [_silent, _short, _never_ending, _garbage, _no_number, _endless_head])
def test_a_server_that_lies_or_hangs_is_an_error_in_time(handler: Handler) -> None:
    """It says nothing, less or more than it promised, or no HTTP: every request is an error, and none is waited for beyond its time."""
    outcome = asyncio.run(_loaded(handler))

    assert len(outcome.errors) == len(outcome.times) == 3


def test_a_database_without_rights_is_named(tmp_path: Path, postgres: Postgres) -> None:
    """Who may not create databases measures nothing on that server, and is told why."""
    postgres.run("DROP ROLE IF EXISTS backwright_powerless")
    postgres.run("CREATE ROLE backwright_powerless LOGIN NOCREATEDB PASSWORD 'x'")
    url = postgres.url.partition("://")[2].rpartition("@")[2]
    found = harness.measure(PRIMARY_KEYS, bookshop(tmp_path, databases=(f"postgresql://backwright_powerless:x@{url}",)))

    assert found.verdict is Verdict.NOT_MEASURED
    assert "permission denied to create database" in found.finding
