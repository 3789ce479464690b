"""Run a transaction again when another one got in its way."""

import asyncio
import random as chance
from collections.abc import Awaitable, Callable
from typing import TypeVar

from backwright.data.errors import SerializationFailed

T = TypeVar("T")


async def retrying(
    work: Callable[[], Awaitable[T]],
    *,
    attempts: int = 5,
    first: float = 0.005,
    longest: float = 0.5,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    random: Callable[[], float] = chance.random,
) -> T:
    """What `work` returns; it is run again, at most `attempts` times in all, when it raises `SerializationFailed`.

    Between two attempts it sleeps a random part of `first` seconds, doubled each time up to `longest` (full jitter), so that two
    that collided do not collide again. `work` must do everything anew, the transaction included. Raises the last failure.
    """
    ceiling = first
    for _ in range(attempts - 1):
        try:
            return await work()
        except SerializationFailed:
            await sleep(ceiling * random())
            ceiling = min(longest, ceiling * 2)
    return await work()
