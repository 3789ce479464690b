"""A small open-loop load generator: requests go out by the clock, whether or not earlier ones were answered, so no delay is hidden."""

import asyncio
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

MOST_BYTES = 64 * 1024 * 1024
"""The largest answer that is read."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One request as bytes, and the statuses that are no error."""

    what: str
    data: bytes
    fine: frozenset[int]


@dataclass(slots=True)
class Outcome:
    """What came of a load. Times are in seconds, from the moment a request was due to the end of its answer."""

    times: list[float] = field(default_factory=list[float])
    errors: list[str] = field(default_factory=list[str])
    failed_at: list[float] = field(default_factory=list[float])
    """When each of the errors was due, in seconds from the beginning."""
    behind: float = 0.0
    """How late the generator itself was at worst."""

    @property
    def mean(self) -> float:
        """The mean time of all answers."""
        return sum(self.times) / len(self.times) if self.times else 0.0

    def percentile(self, share: float) -> float:
        """The time that this share of the answers kept."""
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


BOUNDS = (1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1_000)
"""Upper bounds of the histogram's buckets, in milliseconds."""


def histogram(times: Sequence[float]) -> str:
    """How many answers took how long, up to the slowest: ``1=0 2=130 3=101 5=19``, milliseconds; ``more`` is what took longest of all."""
    counts = [0] * (len(BOUNDS) + 1)
    for took in times:
        counts[bisect_left(BOUNDS, took * 1000)] += 1
    last = max((n for n, count in enumerate(counts) if count), default=-1)
    return " ".join(f"{name}={count}" for name, count in zip([*BOUNDS, "more"], counts, strict=True) if count or name in BOUNDS[: last + 1])


class NotHttp(OSError):
    """What came is no HTTP answer, or one larger than anybody asked for."""


async def _answered(reader: asyncio.StreamReader) -> int:
    """Read a whole answer; its status."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next((line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), b"content-length: 0")
        status, size = int(head.split(b" ", 2)[1]), int(length.partition(b":")[2])
    except (ValueError, IndexError, asyncio.LimitOverrunError) as error:
        raise NotHttp("the answer is no HTTP") from error
    if not 0 <= size <= MOST_BYTES:
        raise NotHttp(f"the answer says that it has {size} bytes")
    await reader.readexactly(size)
    return status


class _Connections:
    """Keep-alive connections, as many as are needed at once."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def ask(self, data: bytes) -> int:
        """Send a request and read the whole answer; its status."""
        reader, writer = self._idle() or await asyncio.open_connection("127.0.0.1", self._port)
        try:
            writer.write(data)
            status = await _answered(reader)
        except BaseException:
            writer.close()
            raise
        self._free.append((reader, writer))
        return status

    def _idle(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        """A connection that is still open, as far as one can see; those that the server closed are thrown away."""
        while self._free:
            reader, writer = self._free.pop()
            if not reader.at_eof() and not writer.is_closing():
                return reader, writer
            writer.close()
        return None

    def close(self) -> None:
        """Close every connection."""
        for _, writer in self._free:
            writer.close()


def request(port: int, method: str, path: str, headers: dict[str, str], body: bytes) -> bytes:
    """An HTTP/1.1 request as bytes."""
    lines = [f"{method} {path} HTTP/1.1", f"host: 127.0.0.1:{port}", f"content-length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def load(
    port: int,
    shots: Sequence[Shot],
    rate: float,
    seconds: float,
    *,
    patience: float = 5.0,
    again: bool = False,
) -> Outcome:
    """Send the requests in turn, `rate` of them a second, for so many seconds; an answer may take `patience` seconds.

    ``again``: a GET whose connection breaks before it is answered is asked once more on another one, as clients and proxies do
    (RFC 9110, section 9.2.2); no other request is.
    """
    outcome, connections, loop = Outcome(), _Connections(port), asyncio.get_running_loop()
    began = loop.time()
    running: set[asyncio.Task[None]] = set()

    async def one(shot: Shot, due: float) -> None:
        try:
            async with asyncio.timeout(patience):
                try:
                    status = await connections.ask(shot.data)
                except (OSError, EOFError):
                    if not again or not shot.data.startswith(b"GET "):
                        raise
                    status = await connections.ask(shot.data)
        except (OSError, EOFError, asyncio.IncompleteReadError, TimeoutError) as error:
            outcome.errors.append(f"{shot.what}: {type(error).__name__}")
            outcome.times.append(loop.time() - due)
            outcome.failed_at.append(due - began)
            return
        outcome.times.append(loop.time() - due)
        if status not in shot.fine:
            outcome.errors.append(f"{shot.what}: {status}")
            outcome.failed_at.append(due - began)

    for n in range(int(rate * seconds)):
        due = began + n / rate
        await asyncio.sleep(max(0.0, due - loop.time()))
        outcome.behind = max(outcome.behind, loop.time() - due)
        task = asyncio.create_task(one(shots[n % len(shots)], due))
        running.add(task)
        task.add_done_callback(running.discard)
    if running:
        await asyncio.wait(running)
    connections.close()
    await asyncio.sleep(0)  # sockets are closed on the loop's next turn
    return outcome


async def press(port: int, shots: Sequence[Shot], seconds: float, *, at_once: int = 16) -> float:
    """Answers a second when so many clients ask again as soon as they are answered."""
    connections, loop, answered = _Connections(port), asyncio.get_running_loop(), 0
    until = loop.time() + seconds

    async def client(number: int) -> None:
        nonlocal answered
        n = number
        while loop.time() < until:
            shot = shots[n % len(shots)]
            n += at_once
            try:
                async with asyncio.timeout(5.0):
                    status = await connections.ask(shot.data)
                answered += status in shot.fine
            except (OSError, EOFError):
                continue

    await asyncio.gather(*(client(number) for number in range(at_once)))
    connections.close()
    await asyncio.sleep(0)
    return answered / seconds
