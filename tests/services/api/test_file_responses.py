"""Files over HTTP: validators, ranges, HEAD, and directories that cannot be left."""

import asyncio
import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwright.api.http.files import StaticDirectory, attachment, content_type, file_response, parse_ranges
from backwright.api.http.message import HttpResponse
from backwright.api.http.problems import RangeNotSatisfiable
from backwright.domain.refusals import NotFound, VersionConflict
from backwright.operations.answers import File

DATA = bytes(range(256)) * 4096


def ask(answer: File, method: str = "GET", **headers: str) -> tuple[HttpResponse, bytes]:
    async def main() -> tuple[HttpResponse, bytes]:
        response = await file_response(answer, method, {n.replace("_", "-").encode(): v.encode() for n, v in headers.items()})
        body = response.body
        if response.chunks is not None:
            body = b"".join([piece async for piece in response.chunks])
        if response.close is not None:
            await response.close()
        return response, body

    return asyncio.run(main())


def header(response: HttpResponse, name: str) -> str:
    return next(v.decode() for n, v in response.headers if n == name.encode())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "data.bin"
    found.write_bytes(DATA)
    return found


def test_a_file_is_sent_whole_with_its_validators(path: Path) -> None:
    """A GET answers the bytes, their length, an entity tag and the time of change."""
    response, body = ask(File(path))
    assert (response.status, body, header(response, "content-length")) == (200, DATA, str(len(DATA)))
    assert header(response, "etag").startswith('"') and header(response, "last-modified").endswith("GMT")


def test_head_has_the_headers_and_no_body(path: Path) -> None:
    """HEAD says the length of what GET would send."""
    response, body = ask(File(path), "HEAD")
    assert (body, header(response, "content-length")) == (b"", str(len(DATA)))


@pytest.mark.parametrize("name", ["if_none_match", "if_modified_since"])
def test_what_the_client_has_is_not_sent_again(path: Path, name: str) -> None:
    """Both validators of an earlier answer give 304."""
    first, _ = ask(File(path))
    value = header(first, "etag" if name == "if_none_match" else "last-modified")
    assert ask(File(path), **{name: value})[0].status == 304


def test_a_changed_file_is_sent_again(path: Path) -> None:
    """The tag changes with the content, and If-Match of the old one is refused."""
    tag = header(ask(File(path))[0], "etag")
    path.write_bytes(b"new")
    assert ask(File(path), if_none_match=tag)[1] == b"new"
    with pytest.raises(VersionConflict):
        ask(File(path), if_match=tag)


@pytest.mark.parametrize(
    ("wanted", "first", "end"),
    [
        ("bytes=0-9", 0, 10),
        ("bytes=-5", len(DATA) - 5, len(DATA)),
        ("bytes=300000-", 300000, len(DATA)),
        ("bytes=1-99999999999", 1, len(DATA)),
    ],
)
def test_one_range_is_sent_alone(path: Path, wanted: str, first: int, end: int) -> None:
    """206 with exactly the bytes asked for and their place."""
    response, body = ask(File(path), range=wanted)
    assert (response.status, body) == (206, DATA[first:end])
    assert header(response, "content-range") == f"bytes {first}-{end - 1}/{len(DATA)}"


def test_several_ranges_come_as_parts(path: Path) -> None:
    """206 multipart/byteranges: each part says its place; the length is exact."""
    response, body = ask(File(path), range="bytes=0-1,100-300000")
    boundary = header(response, "content-type").partition("boundary=")[2].encode()
    parts = body.split(b"--" + boundary)[1:-1]
    assert [re.search(rb"bytes (\d+)-(\d+)/", p)[0] for p in parts] == [b"bytes 0-1/", b"bytes 100-300000/"]  # type: ignore[index]
    assert parts[0].endswith(b"\r\n\r\n" + DATA[:2] + b"\r\n") and len(body) == int(header(response, "content-length"))


def test_a_range_of_an_older_file_sends_the_new_one_whole(path: Path) -> None:
    """If-Range with another tag ignores the range."""
    assert ask(File(path), range="bytes=0-1", if_range='"old"')[0].status == 200


def test_a_range_beyond_the_end_is_refused(path: Path) -> None:
    """416 with the size."""
    with pytest.raises(RangeNotSatisfiable) as caught:
        ask(File(path), range="bytes=99999999-")
    assert caught.value.size == len(DATA)


def test_bytes_in_memory_are_a_file_too() -> None:
    """Held bytes have a tag, ranges and a download name."""
    response, body = ask(File(b"hello", filename="grüße.txt"), range="bytes=1-2")
    assert (response.status, body, header(response, "content-type")) == (206, b"el", "text/plain; charset=utf-8")
    assert (
        header(response, "content-disposition")
        == attachment("grüße.txt")
        == "attachment; filename=\"gr__e.txt\"; filename*=UTF-8''gr%C3%BC%C3%9Fe.txt"
    )


def test_an_unknown_ending_is_bytes() -> None:
    """Unknown endings are octet streams, claimed types are kept."""
    assert (content_type("a.zzz"), content_type("a.svg"), content_type("a.x", "text/csv")) == (
        "application/octet-stream",
        "image/svg+xml",
        "text/csv; charset=utf-8",
    )


def test_a_missing_file_is_not_found(tmp_path: Path) -> None:
    """No file, or a directory, is a refusal and not a fault."""
    for missing in (tmp_path / "none", tmp_path):
        with pytest.raises(NotFound):
            ask(File(missing))


@given(st.text(st.sampled_from("0123456789-, "), max_size=20), st.integers(0, 1000))
def test_any_range_header_gives_sorted_spans_within_the_file(text: str, size: int) -> None:
    """Whatever is asked, spans lie in the file, in order, without overlap."""
    spans = parse_ranges(f"bytes={text}", size)
    assert spans is None or all(0 <= a < b <= size for a, b in spans)
    assert spans is None or all(left[1] < right[0] for left, right in pairwise(spans))


def test_a_static_directory_serves_what_is_inside(tmp_path: Path) -> None:
    """Files and the index of a directory are found."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.html").write_text("x")
    static = StaticDirectory(tmp_path)
    assert static.find("docs/") == static.find("docs/index.html") == (tmp_path / "docs" / "index.html").resolve()


@pytest.mark.parametrize(
    "path",
    [
        "../secret",
        "a/../../secret",
        ".env",
        "a/.git/config",
        "out",
        "..%2fsecret",
        "a\\..\\secret",
        "x\x00",
        "//etc/passwd",
        "C:/x",
        "",
        "a" * 5000,
    ],
)
def test_a_static_directory_cannot_be_left(tmp_path: Path, path: str) -> None:
    """Traversal, hidden files, links to the outside and odd names are not found."""
    root = tmp_path / "root"
    (root / "a").mkdir(parents=True)
    (tmp_path / "secret").write_text("secret")
    (root / ".env").write_text("secret")
    (root / "out").symlink_to(tmp_path / "secret")
    with pytest.raises(NotFound):
        StaticDirectory(root).find(path)
