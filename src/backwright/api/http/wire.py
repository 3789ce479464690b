"""The head of a response as it goes over the wire (RFC 9112). Pure."""

from http import HTTPStatus

from backwright.api.http.message import Header, HttpResponse

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
CHUNKED = b"transfer-encoding: chunked\r\n"
CLOSE = b"connection: close\r\n"
LAST_CHUNK = b"0\r\n\r\n"
_PHRASES = {status.value: status.phrase for status in HTTPStatus}
_STATUS = {code: f"HTTP/1.1 {code} {_PHRASES.get(code, '')}\r\n".encode() for code in range(100, 600)}


def head(response: HttpResponse, extra: bytes) -> bytes:
    """Status line and headers, `extra` among them. Raises ``ValueError`` for a header that would end before its time."""
    parts = [_STATUS[response.status], extra]
    for name, value in response.headers:
        if b"\n" in value or b"\r" in value or b"\0" in value:
            raise ValueError(f"the header {name!r} holds a line break")
        parts.append(b"%b: %b\r\n" % (name, value))
    parts.append(response.lines)
    parts.append(b"\r\n")
    return b"".join(parts)


def chunk(data: bytes) -> bytes:
    """One piece of a body in the chunked coding."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def header_lines(headers: list[Header]) -> bytes:
    """Headers as lines."""
    return b"".join(b"%b: %b\r\n" % header for header in headers)


def declared_length(response: HttpResponse) -> int | None:
    """The content-length that a response names itself, in bytes."""
    return next((int(value) for name, value in response.headers if name == b"content-length"), None)
