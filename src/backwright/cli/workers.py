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
QUICK = 2.0
"""A worker that dies sooner than this after its start failed to start."""
MOST_FAILURES = 3


class Workers:
    """The processes. `drain` is in seconds; what they print goes where our own output goes."""

    def __init__(self, target: str, listening: socket.socket, count: int, drain: float) -> None:
        self.target, self.listening, self.count, self.drain = target, listening, count, drain
        self._alive, self._end = os.pipe()  # workers hold the reading end: it closes when we are gone, even by kill -9
        self._running: dict[int, tuple[subprocess.Popen[bytes], float]] = {}
        self._failures = 0
        self.stopping = False

    def start(self) -> bool:
        """Start all and wait until each serves. False if one ended instead; it has said why."""
        ready = [self._spawn(number) for number in range(self.count)]
        said = [_said(pipe) for pipe in ready]  # each is waited for, whatever the others say
        return all(said)

    def watch(self) -> int:
        """Until `stop`: replace whoever dies. The exit status: 1 if workers keep dying at their start."""
        while not self.stopping:
            for number, (process, since) in list(self._running.items()):
                if process.poll() is not None and not self.stopping:
                    self._died(number, process, since)
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
        deadline = time.monotonic() + self.drain + PATIENCE
        for process, _ in self._running.values():
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def restart(self) -> bool:
        """Replace all: they end, then others start, while the socket keeps who comes meanwhile waiting. False if they did not start."""
        self._signal(signal.SIGTERM)
        self.end()
        self._running.clear()
        return self.start()

    def _died(self, number: int, process: subprocess.Popen[bytes], since: float) -> None:
        quick = time.monotonic() - since < QUICK
        self._failures = self._failures + 1 if quick else 0
        print(f"backwright: worker {number} ended with status {process.returncode}; starting another", file=sys.stderr, flush=True)
        os.close(self._spawn(number))

    def _spawn(self, number: int) -> int:
        """Start one; gives the pipe on which it says that it serves."""
        ready, say = os.pipe()
        socket_fd = self.listening.fileno()
        command = [sys.executable, "-m", "backwright.cli.worker", self.target, *map(str, (socket_fd, number, self._alive, say))]
        environment = os.environ | {"BACKWRIGHT_WORKERS": str(self.count)}
        process = subprocess.Popen(command, pass_fds=[socket_fd, self._alive, say], env=environment, start_new_session=True)
        os.close(say)
        self._running[number] = (process, time.monotonic())
        return ready

    def _signal(self, number: int) -> None:
        for process, _ in self._running.values():
            if process.poll() is None:
                process.send_signal(number)


def on_stop(stop: Callable[[], None]) -> None:
    """Call `stop` at SIGTERM and SIGINT."""

    def stopped(number: int, frame: object) -> None:
        stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stopped)


def _said(ready: int) -> bool:
    """Whether the process at the other end said that it serves; its end closes the pipe unsaid."""
    try:
        return os.read(ready, 1) == b"!"
    finally:
        os.close(ready)


def _pause(seconds: float) -> None:
    select.select([], [], [], seconds)
