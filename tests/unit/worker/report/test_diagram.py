"""The entity diagram: every table and every reference is drawn, whatever they are called and however they refer to each other."""

from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from backwright.worker.report.diagram import diagram, ranks
from backwright.worker.report.input import Column, Relationship, Table


def _table(name: str, *targets: str) -> Table:
    columns = (Column("id", "uuid", "primary key"), *(Column(f"{target}_id", "uuid") for target in targets))
    return Table(name=name, purpose="", columns=columns, relationships=tuple(Relationship(f"{t}_id", t) for t in targets))


def test_who_is_referred_to_stands_further_left() -> None:
    """A table's rank is one more than that of what it refers to."""
    assert ranks([_table("line", "order", "book"), _table("order", "customer"), _table("customer"), _table("book")]) == {
        "customer": 0, "order": 1, "book": 0, "line": 2,
    }  # fmt: skip


@given(st.dictionaries(st.text(min_size=1, max_size=8), st.lists(st.integers(0, 5), max_size=3, unique=True), max_size=6))
def test_every_table_and_reference_is_drawn(drawn: dict[str, list[int]]) -> None:
    """Circles, references to itself, hostile names: one box a table, one line a reference, and the text is XML."""
    names = [name for name in drawn if name.isprintable()]
    tables = [_table(name, *(names[n] for n in drawn[name] if n < len(names))) for name in names]
    text = diagram(tables)
    if not tables:
        assert text == ""
        return
    groups = [group.get("class") for group in ElementTree.fromstring(text).iter("g")]
    assert groups.count("box") == len(tables)
    assert groups.count("reference") == sum(len(table.relationships) for table in tables)


def test_a_long_table_says_how_much_is_left_out() -> None:
    """A box has fourteen rows at most; the keys come first."""
    table = Table(name="wide", purpose="", columns=tuple(Column(f"c{n}", "text", "primary key" if n == 29 else "") for n in range(30)))
    text = diagram([table])
    assert "and 16 more" in text and text.index("c29") < text.index("c0")
