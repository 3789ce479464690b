"""Several processes that serve one socket: started, watched, replaced when one dies, and stopped together."""

import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable

PATIENCE = 5.0
"""Seconds beyond the drain that a worker gets to end by itself."""
MOST_FAILURES = 3
"""So many workers in a row that ended before they served: the next would do so too."""


class _Worker:
    """One process, and the pipe on which it says that it serves."""

    def __init__(self, process: subprocess.Popen[bytes], ready: int) -> None:
        self.process = process
        self._ready: int | None = ready
        self._served = False

    def served(self) -> bool:
        """Whether it ever served; waits until it says so or ends. Its end closes the pipe."""
        if self._ready is not None:
            self._served = os.read(self._ready, 1) == b"!"
            os.close(self._ready)
            self._ready = None
        return self._served


class Workers:
    """The processes. `drain` is in seconds; what they print goes where our own output goes."""

    def __init__(self, target: str, listening: socket.socket, count: int, drain: float) -> None:
        self.target, self.listening, self.count, self.drain = target, listening, count, drain
        self._alive, self._end = os.pipe()  # workers hold the reading end: it closes when we are gone, even by kill -9
        self._running: dict[int, _Worker] = {}
        self._failures = 0
        self.stopping = False

    def start(self) -> bool:
        """Start all and wait until each serves. False if one ended instead; it has said why."""
        for number in range(self.count):
            self._spawn(number)
        served = [worker.served() for worker in self._running.values()]  # each is waited for, whatever the others say
        return all(served)

    def watch(self) -> int:
        """Until `stop`: replace whoever dies. The exit status: 1 if workers keep dying at their start."""
        while not self.stopping:
            for number, worker in list(self._running.items()):
                if worker.process.poll() is not None and not self.stopping:
                    self._died(number, worker)
            if self._failures >= MOST_FAILURES:
                self.stop()
                self.end()
                return 1
            _pause(0.1)
        self.end()
        return 0

    def stop(self) -> None:
        """Ask all to stop; `watch` then returns once they have ended."""
        self.stopping = True
        self._signal(signal.SIGTERM)

    def end(self) -> None:
        """Wait until all have ended; those that do not are killed."""
        self._signal(signal.SIGTERM)  # again: one may have been started while we were told to stop
        deadline = time.monotonic() + self.drain + PATIENCE
        for worker in self._running.values():
            try:
                worker.process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                worker.process.kill()
                worker.process.wait()
            worker.served()

    def restart(self) -> bool:
        """Replace all: they end, then others start, while the socket keeps who comes meanwhile waiting. False if they did not start."""
        self._signal(signal.SIGTERM)
        self.end()
        self._running.clear()
        return self.start()

    def _died(self, number: int, worker: _Worker) -> None:
        self._failures = 0 if worker.served() else self._failures + 1
        print(f"backwright: worker {number} ended with status {worker.process.returncode}; starting another", file=sys.stderr, flush=True)
        self._spawn(number)

    def _spawn(self, number: int) -> None:
        ready, say = os.pipe()
        socket_fd = self.listening.fileno()
        command = [sys.executable, "-m", "backwright.cli.worker", self.target, *map(str, (socket_fd, number, self._alive, say))]
        environment = os.environ | {"BACKWRIGHT_WORKERS": str(self.count)}
        process = subprocess.Popen(command, pass_fds=[socket_fd, self._alive, say], env=environment, start_new_session=True)
        os.close(say)
        self._running[number] = _Worker(process, ready)

    def _signal(self, number: int) -> None:
        for worker in self._running.values():
            if worker.process.poll() is None:
                worker.process.send_signal(number)


def on_stop(stop: Callable[[], None]) -> None:
    """Call `stop` at SIGTERM and SIGINT."""

    def stopped(number: int, frame: object) -> None:
        stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stopped)


def _pause(seconds: float) -> None:
    select.select([], [], [], seconds)
