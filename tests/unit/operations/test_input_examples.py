"""Examples: what the documentation shows is what the decoder takes."""

import json
import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwright.domain.fields import Limits
from backwright.domain.model import Kind
from backwright.operations.examples import NoExample, example, matching
from backwright.operations.explaining import explainer
from backwright.operations.inputs import Decoder, create_type, patch_type
from backwright.operations.shapes import Leaf
from tests.support.shelf import MODEL, Book, Chapter


@pytest.mark.parametrize("kind", [create_type(MODEL, Book, parts={Chapter}), patch_type(MODEL, Book)])
def test_the_example_of_an_input_is_decoded(kind: Any) -> None:
    """An example with a value for every field is accepted by the decoder of the same type."""
    assert Decoder(kind).decode(json.dumps(example(kind.shape)).encode()) is not None


@given(
    st.sampled_from([Kind.INT, Kind.FLOAT, Kind.DECIMAL]),
    st.integers(-5000, 5000),
    st.integers(0, 3000),
    st.sampled_from(["ge", "gt"]),
    st.sampled_from(["le", "lt"]),
)
def test_examples_of_numbers_keep_their_bounds(kind: Kind, low: int, width: int, lower: str, upper: str) -> None:
    """Whatever the bounds, an example satisfies them, or there is none."""
    limits: dict[str, Any] = {lower: low, upper: low + width, "scale": 1}
    leaf = Leaf(kind=kind, limits=Limits(**limits))
    try:
        found = example(leaf)
    except NoExample:
        return
    problems: list[Any] = []
    explainer(leaf)(Decimal(str(found)) if isinstance(found, float) else found, "", problems)
    assert not problems or low + width - low <= 1


@pytest.mark.parametrize(
    "pattern", [r"^97[89]-\d{10}$", "^[a-z]+(-[a-z]+)*$", "^(red|blue)$", "^[^#]{3}$", r"^\S+@\w+$", "^a?b*c{2,}$", "[A-Z]{2}[0-9]"]
)
def test_simple_patterns_have_an_example(pattern: str) -> None:
    """A text is found for the patterns that identifiers usually have."""
    assert re.search(pattern, matching(pattern))


def test_where_no_example_can_be_made_the_field_is_named() -> None:
    """A pattern that looks around is given up with a sentence, not guessed."""
    with pytest.raises(NoExample):
        matching(r"^(?=a)b")
