"""Files of Python in the making."""

import ast

from hypothesis import given
from hypothesis import strategies as st

from backwright.worker.write.source import Source, docstring, literal, sentence


@given(st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), min_size=1))
def test_docstring_is_one_string(text: str) -> None:
    """Whatever a design says, its docstring is one string and nothing else."""
    made = docstring(text)
    if made:
        tree = ast.parse(f"def f():\n{made}\n")
        assert ast.get_docstring(tree.body[0]) is not None  # type: ignore[arg-type]
        assert len(tree.body) == 1


@given(st.one_of(st.text(), st.integers(), st.booleans(), st.none(), st.lists(st.text())))
def test_literal_reads_back(value: object) -> None:
    """A literal is the value itself."""
    assert ast.literal_eval(literal(value)) == value


def test_imports_are_collected() -> None:
    """Names are imported once, from where they were asked for."""
    source = Source("About.")
    assert source.kit("Entity") == source.kit("Entity") == "Entity"
    assert source.text().count("from backwright import Entity") == 1


def test_names_of_the_project_win() -> None:
    """A project with an entity called Event imports the kit's Event under another name."""
    source = Source("About.", frozenset({"Event"}))
    assert source.kit("Event") == "KitEvent"
    assert "from backwright import Event as KitEvent" in source.text()


def test_restored() -> None:
    """What was added since a snapshot is forgotten."""
    source = Source("About.")
    held = source.snapshot()
    source.add(f"x: {source.kit('Id')}")
    source.restore(held)
    assert "Id" not in source.text()


def test_sentences_end() -> None:
    """A sentence stands on one line and ends with a full stop."""
    assert sentence("Order  books\nnow") == "Order books now."
    assert sentence("", "otherwise") == "otherwise."
