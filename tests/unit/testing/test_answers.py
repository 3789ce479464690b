"""What the test client sends and reads."""

from email.parser import BytesParser
from email.policy import HTTP

from hypothesis import given
from hypothesis import strategies as st

from backwright.testing import Answer
from backwright.testing.multipart import encoded


def test_headers_are_found_in_any_case() -> None:
    """The last of a repeated header stands for all; each can be had."""
    answer = Answer(200, [(b"Set-Cookie", b"a=1"), (b"set-cookie", b"b=2"), (b"ETag", b'"x"')], b"{}")

    assert answer.headers["SET-cookie"] == "b=2"
    assert answer.headers.all("Set-Cookie") == ["a=1", "b=2"]
    assert dict(answer.headers) == {"set-cookie": "b=2", "etag": '"x"'}
    assert "location" not in answer.headers


def test_an_answer_shows_itself() -> None:
    """What a failed assertion prints says status, type and the beginning of the body."""
    shown = repr(Answer(422, [(b"content-type", b"application/problem+json")], b'{"title":"Invalid"}'))

    assert shown == """<422 application/problem+json b'{"title":"Invalid"}'>"""


@given(content=st.binary(max_size=200), value=st.text(st.characters(codec="ascii", categories=["L", "N"]), max_size=20))
def test_multipart_reads_back(content: bytes, value: str) -> None:
    """A field and a file come out of the standard library's parser as they went in."""
    content_type, body = encoded({"title": value}, {"cover": ("c.png", content, "image/png")})
    message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)

    field, file = message.iter_parts()  # type: ignore[attr-defined]
    assert field.get_payload(decode=True) == value.encode()
    assert (file.get_filename(), file.get_content_type()) == ("c.png", "image/png")
    if b"\r" not in content and b"\n" not in content:  # the parser is one for mail and rewrites line ends
        assert file.get_payload(decode=True) == content
