"""What the kit's own protocol promises besides what every HTTP server does: bounds, turns, and clear refusals."""

import asyncio

import pytest

from backwright.api.http import connection as module
from tests.support.edges import HOST, LAST, Served, direct, split


@pytest.mark.parametrize(
    "sent",
    [
        b"hello there\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"y" * 400_000,
        b"GET / HTTP/1.1\r\n" + HOST + b"X: y\r\n" * 200 + b"\r\n",
        b"GET /\xc3\xa9 HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET ftp://x/y HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET / HTTP/1.1\r\n" + HOST + b"a b: c\r\n\r\n",
        b"POST /echo HTTP/1.1\r\n" + HOST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /echo HTTP/1.1\r\n" + HOST + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\n12345",
        b"POST /echo HTTP/1.1\r\n" + HOST + b"Content-Length: -1\r\n\r\n",
        b"POST /echo HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
    ids=["words", "no host", "long header", "many headers", "bytes", "scheme", "name", "two lengths", "lengths", "negative", "chunk"],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(sent: bytes) -> None:
    """400 in the site's own form, then the connection closes."""

    async def story(served: Served) -> None:
        reader, writer = await served.connect()
        writer.write(sent)
        head = await reader.readuntil(b"\r\n\r\n")

        assert head.startswith(b"HTTP/1.1 400 ")
        assert b"application/problem+json" in head
        assert b"connection: close" in head
        writer.close()

    direct(story)


def test_what_cannot_be_read_waits_for_its_turn() -> None:
    """A good request before it on the same connection is answered first."""

    async def story(served: Served) -> None:
        answer = await served.talk(b"GET /hello?first HTTP/1.1\r\n" + HOST + b"\r\nnonsense\r\n\r\n")

        assert answer.index(b"hello first") < answer.index(b"HTTP/1.1 400 ")

    direct(story)


def test_nothing_is_read_behind_the_last_request() -> None:
    """What follows a Connection: close is not served."""

    async def story(served: Served) -> None:
        answer = await served.talk(b"GET /hello?a HTTP/1.1\r\n" + LAST + b"\r\nGET /hello?b HTTP/1.1\r\n" + LAST + b"\r\n")

        assert answer.count(b"HTTP/1.1 ") == 1

    direct(story)


def test_old_clients_are_served() -> None:
    """HTTP/1.0 needs no host, gets no chunks, and its connection closes."""

    async def story(served: Served) -> None:
        _, headers, body = split(await served.talk(b"GET /pieces HTTP/1.0\r\n\r\n"))

        assert (body, headers[b"connection"]) == (b"one two three", b"close")
        assert b"transfer-encoding" not in headers

    direct(story)


def test_a_wish_to_change_the_protocol_is_passed_over() -> None:
    """A server may ignore Upgrade (RFC 9110, 7.8): the request is answered as it is."""

    async def story(served: Served) -> None:
        wish = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n\r\n"

        assert split(await served.talk(b"GET /hello?you HTTP/1.1\r\n" + HOST + wish))[2] == b"hello you"

    direct(story)


def test_a_header_cannot_become_two() -> None:
    """A line break in a header's value is our fault: 500, and nothing of it is sent."""

    async def story(served: Served) -> None:
        answer = await served.talk(b"GET /splits HTTP/1.1\r\n" + LAST + b"\r\n")

        assert split(answer)[0] == 500
        assert b"set-cookie" not in answer

    direct(story)


def test_a_refused_upload_is_answered_before_it_ends() -> None:
    """413 at once; a client that then stops sending keeps nobody busy."""

    async def story(served: Served) -> None:
        reader, writer = await served.connect()
        writer.write(b"POST /small HTTP/1.1\r\n" + HOST + b"Content-Length: 1000000\r\n\r\n" + b"x" * 1000)

        assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 413 ")
        writer.close()

    direct(story)


def test_a_refusal_instead_of_100_closes() -> None:
    """Whether the body still comes nobody can tell, so what follows is not read as a request."""

    async def story(served: Served) -> None:
        sent = b"POST /small HTTP/1.1\r\n" + HOST + b"Expect: 100-continue\r\nContent-Length: 1000000\r\n\r\n"
        status, headers, _ = split(await served.talk(sent))

        assert (status, headers[b"connection"]) == (413, b"close")

    direct(story)


def test_a_long_body_is_held_back() -> None:
    """While nobody reads it, the client cannot send more than some 64 KiB and what fits the buffers of the system."""

    async def story(served: Served) -> None:
        _, writer = await served.connect()
        writer.write(b"POST /waits HTTP/1.1\r\n" + HOST + b"Content-Length: 100000000\r\n\r\n")
        await served.world.begun.wait()
        writer.write(b"x" * 30_000_000)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await writer.drain()

        served.world.release.set()
        writer.transport.abort()

    direct(story)


def test_a_client_that_goes_ends_its_request() -> None:
    """The endpoint is cancelled as soon as the connection is lost, and nothing is told of an answer."""

    async def story(served: Served) -> None:
        _, writer = await served.connect()
        writer.write(b"GET /waits HTTP/1.1\r\n" + HOST + b"\r\n")
        await served.world.begun.wait()
        writer.close()

        await asyncio.wait_for(served.world.cancelled.wait(), 10)
        assert served.world.events == []

    direct(story)


def test_stopping_lets_the_running_request_end() -> None:
    """Its answer says that the connection closes."""

    async def story(served: Served) -> None:
        reader, writer = await served.connect()
        writer.write(b"GET /waits HTTP/1.1\r\n" + HOST + b"\r\n")
        await served.world.begun.wait()
        for connection in list(served.state.connections):
            connection.shutdown()
        served.world.release.set()
        status, headers, body = split(await reader.read())

        assert (status, headers[b"connection"], body) == (200, b"close", b"waited")
        writer.close()

    direct(story)


@pytest.mark.parametrize("sent", [b"", b"GET /hel", b"POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 9\r\n\r\nhalf"])
def test_who_does_not_finish_a_request_is_let_go(monkeypatch: pytest.MonkeyPatch, sent: bytes) -> None:
    """Neither an open connection nor half a head nor half a body holds a place for ever."""
    monkeypatch.setattr(module, "ARRIVAL", -1.0)

    async def story(served: Served) -> None:
        assert await served.talk(sent) == b""
        assert not served.state.connections

    direct(story)


def test_who_does_not_take_an_answer_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that asks and never reads is cut off."""
    monkeypatch.setattr(module, "DEPARTURE", -1.0)

    async def story(served: Served) -> None:
        _, writer = await served.connect()
        body = b"x" * 900_000
        ask = b"POST /echo HTTP/1.1\r\n" + HOST + b"Content-Length: %d\r\n\r\n" % len(body) + body
        with pytest.raises((ConnectionError, TimeoutError)):
            async with asyncio.timeout(20):
                while True:
                    writer.write(ask)
                    await writer.drain()
        assert not served.state.connections
        writer.transport.abort()

    direct(story)
