"""Entity tags: parsing, both comparisons of RFC 9110, and versions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwright.api.http.etag import (
    Tag,
    content_tag,
    known_already,
    matches_strongly,
    matches_weakly,
    parse_tags,
    representation_tag,
    wanted_versions,
)
from backwright.domain.refusals import Malformed

opaque = st.text(st.sampled_from("abcXYZ019,!#*W/-é"), max_size=8)


@given(st.lists(st.builds(Tag, opaque, st.booleans()), min_size=1, max_size=5))
def test_lists_of_tags_are_read_as_they_are_written(tags: list[Tag]) -> None:
    """Parsing a formatted list gives the same tags, commas inside tags included."""
    assert parse_tags(" ,".join(map(str, tags)), "If-Match") == tuple(tags)


@given(st.text(max_size=20))
def test_any_header_is_read_or_malformed(header: str) -> None:
    """No header raises anything but `Malformed`."""
    try:
        parse_tags(header, "If-Match")
    except Malformed as refusal:
        assert refusal.problems[0].parameter == "If-Match"


@pytest.mark.parametrize("header", ["", '"a', "a", '"a" "b"', 'w/"a"', '"a",b', "**", "," * 9, '"' * 5000])
def test_what_is_not_a_list_of_tags_is_malformed(header: str) -> None:
    """Unquoted, unclosed and unseparated tags are refused."""
    with pytest.raises(Malformed):
        parse_tags(header, "If-Match")


def test_if_match_compares_strongly() -> None:
    """A weak tag on either side never matches, `*` matches what is there, and nothing matches what is not."""
    current = Tag("3")
    assert [matches_strongly(parse_tags(h, "If-Match"), current) for h in ('"3"', 'W/"3"', '"2", "3"', "*", '"4"')] == [
        True,
        False,
        True,
        True,
        False,
    ]
    assert not matches_strongly("*", None)
    assert not matches_strongly((Tag("3"),), Tag("3", weak=True))


def test_if_none_match_compares_weakly() -> None:
    """Weak and strong tags with the same text match."""
    assert [matches_weakly(parse_tags(h, "If-None-Match"), Tag("3", weak=True)) for h in ('"3"', 'W/"3"', '"4"', "*")] == [
        True,
        True,
        False,
        True,
    ]


def test_the_versions_of_an_if_match() -> None:
    """Strong tags that are versions are taken; `*` asks for none; others can never match."""
    assert [wanted_versions(h) for h in ('"3"', '"3-a1-ff", "4"', "*", '"abc"', 'W/"3"', '"0"', f'"{2**63}"')] == [
        (3,),
        (3, 4),
        None,
        (),
        (),
        (),
        (),
    ]


def test_the_same_bytes_have_the_same_tag() -> None:
    """Tags of contents differ with the content only."""
    assert content_tag(b"a") == content_tag(b"a") != content_tag(b"b")


@given(st.binary(max_size=40), st.none() | st.integers(1, 2**63 - 1))
def test_the_tag_of_a_representation_is_known_again(body: bytes, version: int | None) -> None:
    """If-None-Match finds it, alone, weak or in a list, and If-Match finds the version in it."""
    tag = representation_tag(body, version)
    assert known_already(tag, tag) and known_already(b'"x", W/' + tag, tag) and not known_already(b'"x"', tag)
    assert wanted_versions(tag.decode()) == (() if version is None else (version,))
