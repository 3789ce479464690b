"""The line: first come first served, bounded in length and in time, no place lost or given twice."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwright.data.engines.line import Line
from backwright.data.errors import DatabaseUnavailable


def in_loop(body: Any) -> None:
    """Run a coroutine function."""
    asyncio.run(body())


@given(st.lists(st.sampled_from(["join", "next", "cancel"]), max_size=40))
def test_who_waits_is_served_in_order(steps: list[str]) -> None:
    """Whatever happens, `next` gives the first who joined and still waits."""

    async def body() -> None:
        line, model = Line("thing", 100, 60), []
        for step in steps:
            if step == "join":
                model.append(line.join())
            elif step == "cancel" and model:
                model.pop(len(model) // 2).cancel()
            elif step == "next":
                waiter = line.next()
                assert (waiter and waiter.future) is (model.pop(0) if model else None)
        line.refuse_all(DatabaseUnavailable("over"))
        assert all(isinstance(future.exception(), DatabaseUnavailable) for future in model)

    in_loop(body)


def test_a_full_line_refuses() -> None:
    """Who comes when the line is full is refused; a place that was left counts as free."""

    async def body() -> None:
        line = Line("thing", 2, 60)
        first = line.join()
        line.join()
        with pytest.raises(DatabaseUnavailable, match="2 callers wait already"):
            line.join()
        first.cancel()
        line.join()

    in_loop(body)


def test_waiting_ends() -> None:
    """Everybody is refused after the same time, with a hint when to come again; who was served meanwhile is not."""

    async def body() -> None:
        line = Line("thing", 10, 0.01)
        futures = [line.join() for _ in range(3)]
        served = line.next()
        assert served is not None
        served.future.set_result("turn")
        with pytest.raises(DatabaseUnavailable, match=r"thing: still taken after 0\.01 s") as error:
            await futures[2]
        assert error.value.retry_after == 0.01
        assert isinstance(futures[1].exception(), DatabaseUnavailable)
        assert futures[0].result() == "turn"
        assert line.next() is None

    in_loop(body)


def test_a_turn_given_to_one_who_has_gone_comes_back() -> None:
    """Served and cancelled in the same moment: what was handed over is given back, once."""

    async def body() -> None:
        line, back = Line("thing", 10, 60), list[Any]()
        task = asyncio.create_task(line.wait(back.append))
        await asyncio.sleep(0)
        served = line.next()
        assert served is not None
        served.future.set_result("turn")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert back == ["turn"]

    in_loop(body)
