"""Which path a request means: escapes, mounts and templates."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwright.api.http.asgi import path_of
from backwright.api.http.router import Router, decoded, normal
from backwright.domain.refusals import Malformed, MethodNotAllowed, NotFound


@pytest.mark.parametrize(
    ("scope", "path"),
    [
        ({"path": "/a b", "raw_path": b"/a%20b"}, "/a%20b"),
        ({"path": "/a/b", "raw_path": b"/a%2Fb?x"}, "/a%2Fb"),
        ({"path": "/100%"}, "/100%25"),
        ({"path": "/é"}, "/%C3%A9"),
        ({"path": "/api/x", "root_path": "/api"}, "/x"),
        ({"path": "/api", "root_path": "/api"}, "/"),
        ({"path": "/apix", "root_path": "/api"}, "/apix"),
        ({"path": "/api/a b", "raw_path": b"/api/a%20b", "root_path": "/api"}, "/a%20b"),
    ],
)
def test_the_path_below_the_mount_keeps_its_escapes(scope: dict[str, object], path: str) -> None:
    """The raw path counts where it has escapes; without it the decoded one is escaped again."""
    assert path_of(scope) == path


@given(st.text(st.characters(codec="utf-8", exclude_characters="/"), max_size=12))
def test_a_segment_is_read_as_it_was_written(text: str) -> None:
    """Decoding an escaped segment gives the text, before and after normalizing, which changes nothing twice."""
    escaped = quote(text, safe="")
    assert decoded(escaped) == decoded(normal(escaped)) == text
    assert normal(normal(escaped)) == normal(escaped)


@pytest.mark.parametrize("path", ["/%", "/%1", "/%zz", "/a%ff", "/%ed%a0%80"])
def test_broken_escapes_are_malformed(path: str) -> None:
    """Half an escape and bytes that are no UTF-8 are refused."""
    with pytest.raises(Malformed):
        normal(path)


def test_templates_are_matched_by_segments() -> None:
    """A literal comes before a parameter, a parameter takes one segment and no empty one, ``:path`` takes the rest."""
    router: Router[str] = Router()
    for template in ("/a/{x}", "/a/b", "/a/{x}/c", "/files/{file:path}", "/größe"):
        router.add("GET", template, template)
    assert router.match("GET", "/a/b") == ("/a/b", ())
    assert router.match("GET", "/a/z") == ("/a/{x}", ("z",))
    assert router.match("GET", "/a/b/c") == ("/a/{x}/c", ("b",))
    assert router.match("GET", "/files/x/y") == ("/files/{file:path}", ("x/y",))
    assert router.match("GET", normal("/gr%C3%B6%C3%9Fe"))[0] == "/größe"
    for missing in ("/a/", "/a", "/a/b/c/d", "/A/b"):
        with pytest.raises(NotFound):
            router.match("GET", missing)


def test_the_methods_of_a_path_are_told() -> None:
    """Another method is refused with all methods of the path, HEAD and OPTIONS among them; a route cannot be there twice."""
    router: Router[str] = Router()
    router.add("GET", "/a/{x}", "read")
    router.add("POST", "/a/b", "make")
    with pytest.raises(MethodNotAllowed) as caught:
        router.match("PUT", "/a/b")
    assert caught.value.allow == ("GET", "HEAD", "OPTIONS", "POST")
    with pytest.raises(ValueError, match="twice"):
        router.add("GET", "/a/{y}", "again")
