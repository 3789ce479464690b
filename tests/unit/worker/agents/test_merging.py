"""Adding entries to somebody else's JSON and taking them out again."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwright.worker.agents import definitions
from backwright.worker.agents.merging import Entry, Unmergeable, merged, read, without

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
FULL = st.dictionaries(st.text(min_size=1, max_size=5), JSON.filter(lambda value: value not in ({}, [])), min_size=1, max_size=3)
HOOKS = st.lists(st.dictionaries(st.sampled_from(["matcher", "hooks"]), st.text(max_size=3), min_size=1), min_size=1, max_size=3)
THEIRS = st.fixed_dictionaries({}, optional={"mcpServers": FULL, "hooks": st.fixed_dictionaries({"Stop": HOOKS}), "other": JSON})
OURS = (*definitions.servers("backwright", frozenset()), *definitions.hooks("backwright"))


@given(THEIRS)
def test_taking_out_is_the_inverse_of_adding(theirs: dict[str, Any]) -> None:
    """Whatever was there before is there afterwards, and nothing else."""
    result, added, _ = merged(theirs, OURS)
    assert without(result, added) == (theirs, [])


@given(THEIRS)
def test_adding_twice_is_adding_once(theirs: dict[str, Any]) -> None:
    """The second time nothing is added and nothing changes."""
    once, _, _ = merged(theirs, OURS)
    assert merged(once, OURS)[:2] == (once, [])


@given(THEIRS)
def test_nothing_of_theirs_is_changed(theirs: dict[str, Any]) -> None:
    """Every value that stood there stands there still; the value given is not touched."""
    before = repr(theirs)
    result, _, _ = merged(theirs, OURS)
    assert repr(theirs) == before
    assert all(result["mcpServers"][name] == value for name, value in theirs.get("mcpServers", {}).items())
    assert result["hooks"]["Stop"][: len(theirs.get("hooks", {}).get("Stop", []))] == theirs.get("hooks", {}).get("Stop", [])


def test_a_taken_name_is_left_alone() -> None:
    """A server of that name that somebody has configured stays as it is, and is told of."""
    theirs = {"mcpServers": {"serena": {"command": "my-serena"}}}
    result, _, taken = merged(theirs, OURS)
    assert result["mcpServers"]["serena"] == {"command": "my-serena"}
    assert [entry.name for entry in taken] == ["mcpServers.serena"]


def test_an_edited_entry_is_left_alone() -> None:
    """What was edited after it was added is not taken out."""
    result, added, _ = merged({}, OURS)
    result["mcpServers"]["backwright"]["env"] = {"A": "b"}
    left, edited = without(result, added)
    assert list(left) == ["mcpServers"]
    assert list(left["mcpServers"]) == ["backwright"]
    assert [entry.name for entry in edited] == ["mcpServers.backwright"]


@pytest.mark.parametrize("text", ["[]", "{", '"x"', "// comment\n{}", "1"])
def test_what_is_no_object_is_refused(text: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(Unmergeable, match="not a JSON object"):
        read(text)


@pytest.mark.parametrize(
    ("values", "words"), [({"mcpServers": []}, "mcpServers is not an object"), ({"hooks": {"Stop": {}}}, "not a list")]
)
def test_another_shape_is_refused(values: dict[str, Any], words: str) -> None:
    """Where an entry belongs there is something else."""
    with pytest.raises(Unmergeable, match=words):
        merged(values, OURS)


def test_an_empty_file_is_an_empty_object() -> None:
    """So that it can be merged into."""
    assert merged(read(" \n"), [Entry(("a",), 1, key="b")])[0] == {"a": {"b": 1}}
