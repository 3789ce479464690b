"""Both edges over real sockets: what holds for one holds for the other."""

from collections.abc import Callable, Iterator

import pytest

from backwright.observe.events import RequestFinished
from tests.support.edges import HOST, LAST, Served, Story, split, tell


@pytest.fixture(params=["direct", "asgi"])
def both(request: pytest.FixtureRequest) -> Iterator[Callable[[Story], None]]:
    yield lambda story: tell(request.param, story)


def test_a_get_is_answered(both: Callable[[Story], None]) -> None:
    """Status, own headers, length and body arrive, and the event is told."""

    async def story(served: Served) -> None:
        status, headers, body = split(await served.talk(b"GET /hello?you HTTP/1.1\r\n" + LAST + b"\r\n"))

        assert (status, headers[b"content-type"], headers[b"content-length"], body) == (200, b"text/plain", b"9", b"hello you")
        assert [type(event) for event in served.world.events] == [RequestFinished]

    both(story)


def test_answers_come_in_order_on_one_connection(both: Callable[[Story], None]) -> None:
    """Requests sent in one piece, without waiting, are answered one after the other."""

    async def story(served: Served) -> None:
        sent = b"".join(b"GET /hello?%d HTTP/1.1\r\n" % n + HOST + b"\r\n" for n in range(20))
        answer = await served.talk(sent + b"GET /hello?last HTTP/1.1\r\n" + LAST + b"\r\n")

        found = [part.split(b"HTTP/1.1")[0] for part in answer.split(b"hello ")[1:]]
        assert found == [*(b"%d" % n for n in range(20)), b"last"]

    both(story)


def test_a_head_has_the_headers_of_the_get(both: Callable[[Story], None]) -> None:
    """But no body, so that the next answer begins where it should."""

    async def story(served: Served) -> None:
        sent = b"HEAD /hello?you HTTP/1.1\r\n" + HOST + b"\r\nGET /nothing HTTP/1.1\r\n" + LAST + b"\r\n"
        status, headers, rest = split(await served.talk(sent))

        assert (status, headers[b"content-length"]) == (200, b"9")
        assert rest.startswith(b"HTTP/1.1 204")

    both(story)


@pytest.mark.parametrize(("path", "status"), [(b"/nothing", 204), (b"/unchanged", 304)])
def test_answers_without_a_body_have_no_length(both: Callable[[Story], None], path: bytes, status: int) -> None:
    """204 and 304 end with their head (RFC 9110, 6.4.1)."""

    async def story(served: Served) -> None:
        found, headers, body = split(await served.talk(b"GET " + path + b" HTTP/1.1\r\n" + LAST + b"\r\n"))

        assert (found, body) == (status, b"")
        assert not headers.keys() & {b"content-length", b"transfer-encoding"}

    both(story)


@pytest.mark.parametrize("size", [0, 1, 70_000, 900_000])
@pytest.mark.parametrize("coded", [False, True])
def test_bodies_arrive_whole(both: Callable[[Story], None], size: int, coded: bool) -> None:
    """Short and long ones, with a length and in the chunked coding."""

    async def story(served: Served) -> None:
        data = bytes(n % 251 for n in range(size))
        frame = b"Transfer-Encoding: chunked\r\n\r\n" if coded else b"Content-Length: %d\r\n\r\n" % size
        pieces = [data[n : n + 30_000] for n in range(0, size, 30_000)]
        body = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n" if coded else data
        _, _, echoed = split(await served.talk(b"POST /echo HTTP/1.1\r\n" + LAST + frame, body))

        assert echoed == data

    both(story)


def test_a_body_is_awaited_piece_by_piece(both: Callable[[Story], None]) -> None:
    """A client that sends its request byte by byte is answered as any other."""

    async def story(served: Served) -> None:
        whole = b"POST /echo HTTP/1.1\r\n" + LAST + b"Content-Length: 5\r\n\r\nhello"

        assert split(await served.talk(*(whole[n : n + 1] for n in range(len(whole)))))[2] == b"hello"

    both(story)


def test_a_stream_is_sent_in_pieces(both: Callable[[Story], None]) -> None:
    """In the chunked coding, without an empty chunk before the end."""

    async def story(served: Served) -> None:
        _, headers, body = split(await served.talk(b"GET /pieces HTTP/1.1\r\n" + LAST + b"\r\n"))

        assert headers[b"transfer-encoding"] == b"chunked"
        assert body == b"4\r\none \r\n4\r\ntwo \r\n5\r\nthree\r\n0\r\n\r\n"

    both(story)


def test_a_stream_that_breaks_off_does_not_look_whole(both: Callable[[Story], None]) -> None:
    """The connection is cut without the last chunk."""

    async def story(served: Served) -> None:
        reader, writer = await served.connect()
        writer.write(b"GET /broken HTTP/1.1\r\n" + HOST + b"\r\n")
        found = b""
        try:
            while piece := await reader.read(1000):
                found += piece
        except ConnectionResetError:
            pass
        writer.close()

        assert not found.endswith(b"0\r\n\r\n")

    both(story)


def test_expecting_clients_are_told_to_go_on(both: Callable[[Story], None]) -> None:
    """Expect: 100-continue is answered when the body is asked for (RFC 9110, 10.1.1)."""

    async def story(served: Served) -> None:
        reader, writer = await served.connect()
        writer.write(b"POST /echo HTTP/1.1\r\n" + LAST + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n")

        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b"hi")
        assert split(await reader.read())[2] == b"hi"
        writer.close()

    both(story)


def test_refusals_and_faults_are_answered(both: Callable[[Story], None]) -> None:
    """404 for what is not there; a fault is opaque, and told with its traceback inside."""

    async def story(served: Served) -> None:
        missing = await served.talk(b"GET /missing HTTP/1.1\r\n" + LAST + b"\r\n")
        fault = await served.talk(b"GET /fails HTTP/1.1\r\n" + LAST + b"\r\n")

        assert (split(missing)[0], split(fault)[0]) == (404, 500)
        assert b"ours" not in fault

    both(story)
