"""A process that is killed under load, and a disk that refuses: nothing acknowledged is lost, nothing is half written."""

import asyncio
import resource
import subprocess
import sys
from pathlib import Path

from backwright.data.engines.engine import Engine
from backwright.data.errors import DatabaseUnavailable
from tests.support.engines import TABLE, add, ids, opened, with_items

ROOT = Path(__file__).parents[4]


def kill_under_load(url: str, after: int) -> list[int]:
    """Start a writing process, kill it without warning after so many acknowledgements; returns all that it acknowledged."""
    command = [sys.executable, "-m", "tests.support.writing", url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as writer:
        assert writer.stdout is not None
        lines = [writer.stdout.readline() for _ in range(after)]
        writer.kill()
        lines += writer.stdout.readlines()
    return [int(line) for line in lines if line.endswith("\n")]


async def check(url: str, acknowledged: list[int]) -> None:
    """Everything acknowledged is there, and every unit is whole."""
    async with opened(url) as engine:
        found = set(await ids(engine))
        assert set(acknowledged) <= found
        assert all((number ^ 1) in found for number in found)
        if engine.dialect == "sqlite":
            assert [tuple(row) for row in await engine.rows("PRAGMA integrity_check")] == [("ok",)]
        await add(engine, -1)


def test_a_killed_writer_loses_nothing_it_acknowledged(database_url: str) -> None:
    """kill -9 in the middle of hundreds of writes: what was answered is there, units are whole, the next process goes on."""

    async def make() -> None:
        async with opened(database_url) as engine:
            await engine.write(TABLE)

    asyncio.run(make())
    acknowledged = kill_under_load(database_url, after=300)
    assert len(acknowledged) >= 300
    asyncio.run(check(database_url, acknowledged))


def test_a_commit_that_the_disk_refuses_fails_everybody_in_it(sqlite_url: str) -> None:
    """When the write-ahead log cannot grow, COMMIT fails: all of the group are told, nothing of it stays, and later it works again."""

    async def body(engine: Engine) -> None:
        await add(engine, 0, "x" * 100_000)
        size = Path(sqlite_url.removeprefix("sqlite:///") + "-wal").stat().st_size
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
        try:
            outcomes = await asyncio.gather(*(add(engine, number) for number in range(1, 20)), return_exceptions=True)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert {type(outcome) for outcome in outcomes} == {DatabaseUnavailable}
        assert await ids(engine) == [0]
        await add(engine, 100)
        assert await ids(engine) == [0, 100]

    with_items(sqlite_url, body)
