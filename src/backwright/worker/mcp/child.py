"""The process in which one call of a tool runs: reads the job from its input, says how far it is, and answers on its output."""

import os
import signal
import sys
import threading
import traceback
from pathlib import Path
from typing import Any, BinaryIO

from backwright.worker import journal
from backwright.worker.mcp import offered
from backwright.worker.mcp.refused import sentence
from backwright.worker.mcp.tool import Desk
from backwright.worker.prove import process


class Stopped(BaseException):
    """The call was cancelled, or its server has gone."""


def main() -> None:
    """Run one tool. Whatever it prints goes to the server's error output, never between the answers."""
    wire = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    signal.signal(signal.SIGTERM, _stop)
    with os.fdopen(os.dup(0), "rb", buffering=0) as incoming:
        job = journal.mapping(incoming.readline()) or {}
    threading.Thread(target=_watch, name="server", daemon=True).start()
    try:
        answer = _run(job, wire)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it is over: nothing is left to be stopped
        _say(wire, answer)
    except Stopped:
        raise SystemExit(143) from None


def _run(job: dict[str, Any], wire: BinaryIO) -> dict[str, Any]:
    try:
        tool = offered.tool(job["server"], job["tool"])
        sessions = None if job["sessions"] is None else Path(job["sessions"])
        desk = Desk(Path(job["project"]), sessions, tuple(job["standards"]), lambda text: _say(wire, {"say": text}))
        found = tool.run(tool.arguments(job["arguments"]), desk)
        return {"text": found.text, "data": dict(found.data)}
    except Exception as error:
        if (said := sentence(error)) is None:
            traceback.print_exc(file=sys.stderr)
            said = f"{job.get('tool')} broke: {type(error).__name__}. The server's own output says where; please report it."
        return {"refused": said}


def _say(wire: BinaryIO, record: dict[str, Any]) -> None:
    data = journal.encode(record)
    try:
        while data:
            data = data[wire.write(data) :]
    except BrokenPipeError:
        return


def _watch() -> None:
    """A server that dies closes our input: stop then, as if it had said so."""
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _stop(number: int, frame: object) -> None:
    """End every program that was started, then unwind: the session writes down how it ended."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    process.close()
    raise Stopped("the call was cancelled, or its client has gone")


if __name__ == "__main__":
    main()
