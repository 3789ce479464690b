"""Forms: urlencoded and multipart bodies in any pieces, their limits, and hostile file names."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backwright.api.http.forms import FormData, FormLimits, read_form, safe_name
from backwright.api.http.negotiate import Media
from backwright.domain.refusals import Malformed, TooLarge

MULTIPART = Media("multipart", "form-data", {"boundary": "xyz"})
URLENCODED = Media("application", "x-www-form-urlencoded")


def part(name: str, content: bytes, filename: str | None = None, more: bytes = b"") -> bytes:
    file = f'; filename="{filename}"' if filename is not None else ""
    return (
        b'--xyz\r\nContent-Disposition: form-data; name="'
        + name.encode()
        + b'"'
        + file.encode()
        + b"\r\n"
        + more
        + b"\r\n"
        + content
        + b"\r\n"
    )


def read(body: bytes, media: Media = MULTIPART, limits: FormLimits = FormLimits(), step: int = 7) -> FormData:
    async def chunks() -> AsyncIterator[bytes]:
        for at in range(0, len(body), step):
            yield body[at : at + step]

    return asyncio.run(read_form(chunks(), media, limits))


def test_an_urlencoded_form_is_pairs() -> None:
    """Fields come in order, decoded."""
    assert read(b"a=1&b=x+y&a=%C3%A9", URLENCODED).fields == [("a", "1"), ("b", "x y"), ("a", "é")]


@given(st.binary(max_size=200), st.text(st.characters(codec="utf-8"), max_size=20), st.integers(1, 300))
@settings(max_examples=60, deadline=None)
def test_multipart_contents_survive_any_chunking(content: bytes, text: str, step: int) -> None:
    """Files and fields come out byte for byte, however the body is cut."""
    if b"--xyz" in content or "--xyz" in text:
        return
    form = read(part("note", text.encode()) + part("cover", content, "a.png", b"Content-Type: image/png\r\n") + b"--xyz--\r\n", step=step)
    (name, upload) = form.files[0]
    assert (form.fields, name, upload.read(), upload.size, upload.content_type) == (
        [("note", text)],
        "cover",
        content,
        len(content),
        "image/png",
    )
    form.close()


@given(
    st.binary(max_size=120),
    st.lists(
        st.sampled_from([b"--xyz", b"\r\n", b"--", b'form-data; name="a"', b"Content-Disposition: ", b"; filename=", b'"', b"\xff"]),
        max_size=14,
    ),
)
@settings(max_examples=200, deadline=None)
def test_any_body_is_a_form_or_refused(raw: bytes, pieces: list[bytes]) -> None:
    """No bytes raise anything but `Malformed` or `TooLarge`."""
    for body in (raw, b"".join(pieces), part("a", raw)):
        try:
            read(body).close()
        except (Malformed, TooLarge) as refusal:
            assert refusal.status in (400, 413)


@pytest.mark.parametrize(
    ("body", "limits", "refusal"),
    [
        (part("a", b"12345678901") + b"--xyz--", FormLimits(max_field_bytes=10), TooLarge),
        (part("a", b"12345678901", "f") + b"--xyz--", FormLimits(max_file_bytes=10), TooLarge),
        (part("a", b"1") * 3 + b"--xyz--", FormLimits(max_parts=2), Malformed),
        (part("a", b"1", more=b"X-A: " + b"a" * 500 + b"\r\n"), FormLimits(max_header_bytes=100), Malformed),
        (part("a", b"1" * 100), FormLimits(max_bytes=50), TooLarge),
        (part("a", b"1"), FormLimits(), Malformed),
        (b"--xyz\r\nX: y\r\n\r\n1\r\n--xyz--", FormLimits(), Malformed),
        (part("a", b"\xff") + b"--xyz--", FormLimits(), Malformed),
    ],
)
def test_each_limit_of_a_form_binds(body: bytes, limits: FormLimits, refusal: type[Exception]) -> None:
    """Sizes, numbers of parts, headers, a missing end, a missing name and bad text are refused."""
    with pytest.raises(refusal):
        read(body, limits=limits)


def test_a_large_file_goes_to_disk_and_comes_back() -> None:
    """A file beyond the memory bound is spooled and read back whole."""
    content = bytes(range(256)) * 400
    form = read(part("f", content, "big.bin") + b"--xyz--", limits=FormLimits(memory_bytes=1000), step=5000)
    assert form.files[0][1].read() == content
    form.close()


@pytest.mark.parametrize("boundary", ["", "x" * 71, "é"])
def test_an_unusable_boundary_is_malformed(boundary: str) -> None:
    """A missing, overlong or non-ASCII boundary is refused."""
    with pytest.raises(Malformed):
        read(b"--\r\n", Media("multipart", "form-data", {"boundary": boundary}))


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.txt", "a.txt"),
        ("a\x00b\r\n.txt", "ab.txt"),
        (".htaccess", "htaccess"),
        ("", "file"),
        ("..", "file"),
        ("ｅ\u202egpj.exe", "ｅgpj.exe"),
        ('a"b|c.txt', "a_b_c.txt"),
        ("é" * 300 + ".png", "é" * 125 + ".png"),
        ("/", "file"),
    ],
)
def test_hostile_file_names_become_harmless(name: str, safe: str) -> None:
    """Directories, control and direction characters, leading dots and excess length are taken away."""
    assert safe_name(name) == safe


@given(st.text(max_size=300))
def test_a_safe_name_is_always_a_plain_name(name: str) -> None:
    """Whatever comes in, one path step of at most 255 bytes goes out, and making it safe again changes nothing."""
    found = safe_name(name)
    assert found and "/" not in found and "\\" not in found and not found.startswith(".") and len(found.encode()) <= 255
    assert safe_name(found) == found
