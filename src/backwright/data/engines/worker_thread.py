"""One thread that runs calls in order and answers on the event loop: cheaper than an executor, and a connection can own it."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")
Answer = Callable[[Any, BaseException | None], None]


class WorkerThread:
    """A thread, started by its first call. All calls must come from one event loop."""

    __slots__ = ("_calls", "_name", "_thread")

    def __init__(self, name: str) -> None:
        self._name = name
        self._calls: SimpleQueue[tuple[asyncio.AbstractEventLoop, Callable[[], Any], Answer] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None

    def post(self, work: Callable[[], Any], answer: Answer) -> None:
        """Run `work` on the thread, then ``answer(result, None)`` or ``answer(None, error)`` on the loop."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()
        self._calls.put((asyncio.get_running_loop(), work, answer))

    def call(self, work: Callable[[], T]) -> asyncio.Future[T]:
        """A future of what `work` returns or raises."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()

        def answer(result: Any, error: BaseException | None) -> None:
            if future.done():
                return
            if error is None:
                future.set_result(result)
            else:
                future.set_exception(error)

        self.post(work, answer)
        return future

    def stop(self) -> None:
        """End the thread after the calls it has, and wait for it."""
        if self._thread is not None:
            self._calls.put(None)
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        while (call := self._calls.get()) is not None:
            loop, work, answer = call
            try:
                outcome: tuple[Any, BaseException | None] = (work(), None)
            except BaseException as error:  # handed to the caller, whatever it is
                outcome = (None, error)
            with suppress(RuntimeError):  # the loop was closed: nobody is left to be told
                loop.call_soon_threadsafe(answer, *outcome)
            del call, work, answer, outcome  # keep nothing alive while waiting for the next


async def finished(future: asyncio.Future[Any]) -> None:
    """Wait until the future is done, even if the waiting task is cancelled meanwhile."""
    while not future.done():
        with suppress(asyncio.CancelledError):
            await asyncio.wait([future])
