"""db.normal-form: no repeated groups of columns, no lists in text, no copies of what another row says, counters only where declared.

What is looked at, in the catalog of a migrated database: (1) columns numbered through (``phone1``, ``phone2``); (2) text columns named
as a list of something (``tag_ids``, ``names_list``, the plural of an entity); (3) lists that hold keys of rows, which no foreign key
can guard; (4) columns named after a referenced row's column (``author_name`` beside ``author_id``): they depend on that row, not on the
key; (5) columns that count the rows of another table without being a declared counter; (6) tables of two keys that hold more than those.
Dependencies that no name betrays are not found.
"""

import re
from collections import defaultdict

from backwright.data.layout import Layout
from backwright.domain.model import EntityModel, Field, Kind, Model, build_model
from backwright.domain.naming import plural
from backwright.worker.prove.checks.breaches import Breaches
from backwright.worker.prove.faults import Plant, rewrite
from backwright.worker.prove.rig.schema import HeldTable, on_each_catalog
from backwright.worker.prove.rig.seeds import own
from backwright.worker.prove.standard import Standard
from backwright.worker.prove.target import Target
from backwright.worker.prove.verdict import Finding

_NUMBERED = re.compile(r"^(.*?[a-z])_?(\d{1,2})$")
_LISTED = re.compile(r"_(ids|list|csv)$")
_COUNT = re.compile(r"^(?:num(?:ber)?_(?:of_)?(\w+)|(\w+?)_?(?:count|total_count))$")
_KEPT = {"id", "created_at", "updated_at", "version"}


def normal_form(target: Target) -> Finding:
    """Look at every column of every own table."""
    seen = Breaches()
    model = build_model(target.load().model.entities)

    def check(held: dict[str, HeldTable], declared: Layout, dialect: str) -> None:
        for entity in own(model):
            if not entity.mapped and entity.table in held:
                _Table(seen, model, entity, held[entity.table], dialect).look()
        for table in held.values():
            if len(table.primary) > 1:
                extra = set(table.columns) - set(table.primary)
                seen.expect(not extra, f"{table.name} joins two tables and holds {', '.join(sorted(extra))} as well")

    where = on_each_catalog(target, check)
    return seen.finding(
        "columns",
        "no repeated groups, no lists in text, no copies, counters only where declared",
        nothing="the project stores nothing",
        where=where,
    )


class _Table:
    """The columns of one table."""

    def __init__(self, seen: Breaches, model: Model, entity: EntityModel, held: HeldTable, dialect: str) -> None:
        self.seen, self.model, self.entity, self.held, self.dialect = seen, model, entity, held, dialect
        self.by_column = {f.column: f for f in entity.fields}

    def look(self) -> None:
        """Every column by itself, then as part of a group."""
        groups: dict[str, list[str]] = defaultdict(list)
        for column in self.held.columns:
            self.listed(column)
            self.copied(column)
            self.counted(column)
            if found := _NUMBERED.match(column):
                groups[found[1]].append(column)
        for names in groups.values():
            self.seen.expect(len(names) < 2, f"{self.held.name} repeats a column: {', '.join(names)}")

    def listed(self, column: str) -> None:
        """No list in a text, and no list of keys."""
        item = self.by_column.get(column)
        several = bool(_LISTED.search(column)) or column in {plural(m.table) for m in self.model.entities.values()}
        in_text = several and (item is None or item.kind is Kind.TEXT)
        self.seen.expect(not in_text, f"{self.held.name}.{column} holds a list in a text: make it a table (Many[...])")
        self.seen.expect(not self._keys_listed(item), f"{self.held.name}.{column} lists keys that no foreign key guards: use Many[...]")
        if item is not None and item.kind in (Kind.LIST, Kind.JSON):
            self.seen.count("structured_columns")

    def _keys_listed(self, item: Field | None) -> bool:
        return item is not None and item.kind is Kind.LIST and "Id[" in str(item.element)

    def copied(self, column: str) -> None:
        """No column that says what a referenced row says."""
        for reference in self.entity.references():
            aim = self.model.entities.get(reference.target) if reference.target else None
            head = reference.column.removesuffix("_id") + "_"
            said = column.removeprefix(head)
            copy = aim is not None and column.startswith(head) and said not in _KEPT and said in {f.column for f in aim.fields}
            if column != reference.column:
                self.seen.expect(
                    not copy, f"{self.held.name}.{column} repeats {aim.table if aim else ''}.{said}, which {reference.column} leads to"
                )

    def counted(self, column: str) -> None:
        """A number of rows is kept only by a declared counter."""
        found = _COUNT.match(column)
        if found is None:
            return
        what = found[1] or found[2]
        aims = {m.table: m for m in self.model.entities.values() if any(f.target is self.entity.entity for f in m.fields)}
        counts = next((name for name in aims if what in (name, plural(name))), None)
        item = self.by_column.get(column)
        declared = item is not None and any(
            f.counter is not None and f.counter.entity is self.entity.entity and f.counter.field == item.name
            for m in self.model.entities.values()
            for f in m.fields
        )
        self.seen.expect(
            counts is None or declared,
            f"{self.held.name}.{column} counts the rows of {counts} without being a declared counter (CountedIn)",
        )


NORMAL_FORM = Standard(
    id="db.normal-form",
    sentence="No repeated groups of columns, no lists in text, no copies of another row's values; counters only where declared.",
    why="What is stored twice is true once.",
    check=normal_form,
    plants=(
        Plant(
            "numbered-columns", "db.normal-form", "a table gets phone1 and phone2",
            rewrite(r'bw\.Column\("id", bw\.(UUID|INT[^)]*)\),', r'\g<0> bw.Column("phone1", bw.TEXT, nullable=True), bw.Column("phone2", bw.TEXT, nullable=True),', files="migrations/versions/*.py"),
        ),
        Plant(
            "list-in-text", "db.normal-form", "a table gets tag_ids as a text",
            rewrite(r'bw\.Column\("id", bw\.(UUID|INT[^)]*)\),', r'\g<0> bw.Column("tag_ids", bw.TEXT, nullable=True),', files="migrations/versions/*.py"),
        ),
    ),
)  # fmt: skip
