"""A small load generator for machines without wrk: same requests, same line of JSON at the end. It takes more CPU than wrk does,
so where it shares cores with the server, requests/s come out lower for every peer; CPU per request stays comparable.

usage: python -m benchmarks.generator HOST PORT FILE SECONDS CONNECTIONS
"""

import asyncio
import json
import sys
import time
from functools import partial
from itertools import cycle
from pathlib import Path


class Connection(asyncio.Protocol):
    """One keep-alive connection that sends the next request when an answer is complete."""

    transport: asyncio.Transport

    def __init__(self, requests: list[bytes], offset: int, latencies: list[float]) -> None:
        self.requests, self.latencies = cycle(requests[offset:] + requests[:offset]), latencies
        self.buffer, self.refused, self.broken, self.sent, self.stopped = b"", 0, 0, 0.0, False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.send()

    def send(self) -> None:
        self.sent = time.perf_counter()
        self.transport.write(next(self.requests))

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, end, _ = self.buffer.partition(b"\r\n\r\n")
        if not end or len(self.buffer) < len(head) + 4 + content_length(head):
            return
        self.latencies.append(time.perf_counter() - self.sent)
        self.refused += not head.startswith((b"HTTP/1.1 2", b"HTTP/1.1 3"))
        self.buffer = b""
        if not self.stopped:
            self.send()

    def connection_lost(self, exc: Exception | None) -> None:
        self.broken += not self.stopped


def content_length(head: bytes) -> int:
    """The length of the body, from the head of an answer. Raises ``ValueError`` if the head does not say."""
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise ValueError(f"an answer without Content-Length: {head[:200]!r}")


def read_requests(file: Path) -> list[bytes]:
    """The prepared requests, each behind its length and a newline."""
    found, rest = [], file.read_bytes()
    while rest:
        size, _, rest = rest.partition(b"\n")
        found.append(rest[: int(size)])
        rest = rest[int(size) :]
    return found


async def load(host: str, port: int, file: Path, seconds: float, connections: int) -> dict[str, float]:
    """Load the server and return what wrk's script prints."""
    requests, latencies = read_requests(file), list[float]()
    loop, begun, opened = asyncio.get_running_loop(), time.perf_counter(), list[Connection]()
    for number in range(connections):
        offset = number * len(requests) // connections
        _, protocol = await loop.create_connection(partial(Connection, requests, offset, latencies), host, port)
        opened.append(protocol)
    await asyncio.sleep(seconds)
    for protocol in opened:
        protocol.stopped = True
    took, done = time.perf_counter() - begun, sorted(latencies) or [0.0]
    for protocol in opened:
        protocol.transport.abort()
    return {
        "requests": len(latencies),
        "seconds": took,
        "refused": sum(p.refused for p in opened),
        "broken": sum(p.broken for p in opened),
        "p50": quantile(done, 0.50),
        "p99": quantile(done, 0.99),
    }


def quantile(ordered: list[float], share: float) -> float:
    """The value in milliseconds below which this share of the ordered seconds lies."""
    return ordered[int(share * (len(ordered) - 1))] * 1e3


if __name__ == "__main__":
    host, port, file, seconds, connections = sys.argv[1:]
    print(json.dumps(asyncio.run(load(host, int(port), Path(file), float(seconds), int(connections)))))
