"""A rule's source is believed only while it is what runs."""

from typing import Any

import pytest

from backwright.domain.lowering import lower
from backwright.domain.mistakes import DeclarationError
from tests.support.twin_world import MODEL, Thing


def test_a_file_changed_since_it_was_loaded_is_a_mistake(tmp_path: Any) -> None:
    """Source that is not what runs is not believed."""
    file = tmp_path / "changed_rule.py"
    file.write_text("def rule(order):\n    return order.open\n")
    names: dict[str, Any] = {}
    exec(compile(file.read_text(), str(file), "exec"), names)
    file.write_text("def rule(order):\n    return not order.open\n")
    with pytest.raises(DeclarationError, match="is not what its file says now"):
        lower(names["rule"], rows=(Thing,), model=MODEL)
