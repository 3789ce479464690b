"""The constraints and indexes of a table in the kit's words: uniqueness, limits, enums, indexes; and what has no word there. Pure."""

import re
from dataclasses import replace
from typing import Any

from backwright.domain.entity import IndexKind
from backwright.domain.fields import Limits
from backwright.domain.model import Kind
from backwright.worker.blueprint import FieldPlan, IndexPlan
from backwright.worker.design import ABSENT
from backwright.worker.infer import columns, names
from backwright.worker.infer.conditions import Condition, conditions
from backwright.worker.infer.stored_draft import DO, Bench, Draft
from backwright.worker.tables import Check, ForeignKey, Index


class Constraints:
    """Works on drafts whose fields are known."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench

    def run(self, draft: Draft) -> None:
        """Everything that the draft's table says."""
        table = draft.table
        if draft.key == "other" and table.primary is not None:
            self._unique(draft, table.primary.columns, f"{table.place.pointer}/primary key")
        for key in table.uniques:
            self._unique(draft, key.columns, f"{table.place.pointer}/uniques/{','.join(key.columns)}")
        for index in table.indexes:
            self._index(draft, index)
        for check in table.checks:
            self._check(draft, check)
        for foreign in table.foreign_keys:
            self._unkept(draft, foreign)
        if table.primary is not None and draft.key == "other":
            for name in table.primary.columns:
                if (plan := draft.fields.get(name)) is not None and plan.optional and not plan.secret:
                    draft.fields[name] = replace(plan, optional=False, default=ABSENT)

    def _unkept(self, draft: Draft, foreign: ForeignKey) -> None:
        """Say so of a foreign key that did not become a reference."""
        plan = draft.fields.get(foreign.columns[0]) if len(foreign.columns) == 1 else None
        if plan is not None and plan.kind is Kind.REFERENCE:
            return
        why = "the kit's references hold one key" if len(foreign.columns) > 1 else "what it refers to is not kept with an id"
        for part in ("", "/on delete", "/on update", "/deferrable"):
            pointer = f"{draft.table.place.pointer}/foreign keys/{','.join(foreign.columns)}{part}"
            self.bench.tell(pointer, "refused", self.bench.stays(f"{why}; the columns are kept as values"))

    def _unique(self, draft: Draft, names_: tuple[str, ...], pointer: str) -> None:
        if draft.account and [n.lower() for n in names_] == ["email"]:
            return
        if draft.key == "id" and names_ == (draft.primary,):
            return
        kept = [draft.attribute(name) for name in names_]
        if not all(kept):
            self.bench.tell(pointer, "refused", self.bench.stays("it covers what is not kept as a column of its own"))
        elif len(kept) > 1:
            if sorted(kept) not in [sorted(u) for u in draft.uniques]:
                draft.uniques.append(tuple(kept))
        elif names_[0] not in draft.fields or draft.fields[names_[0]].secret:
            self.bench.tell(pointer, "refused", f"what only the server sets is not unique by itself; {DO}")
        else:
            draft.fields[names_[0]] = replace(draft.fields[names_[0]], unique=True)

    def _index(self, draft: Draft, index: Index) -> None:
        pointer = f"{draft.table.place.pointer}/indexes/{index.name}"
        plain = not index.where and not any(p.startswith("(") for p in index.parts)
        if index.unique and plain and index.method == "btree":
            self._unique(draft, index.parts, pointer)
            return
        if reason := self._undeclarable(draft, index):
            self.bench.tell(pointer, "refused", self.bench.stays(reason))
            return
        if index.include:
            self.bench.tell(pointer, "changed", f"without the included columns {', '.join(index.include)}")
        if draft.key == "id" and index.parts == (draft.primary,):
            return
        if index.descending and not self.bench.tables.live:
            self.bench.tell(pointer, "changed", "kept in ascending order, which is read both ways")
        fields = tuple(draft.attribute(p) for p in index.parts)
        method: Any = index.method
        only = draft.fields.get(index.parts[0]) if len(fields) == 1 and method == "btree" else None
        single = only is not None and only.kind is Kind.REFERENCE
        made = IndexPlan(fields, method)
        if not single and made not in draft.indexes and fields not in draft.uniques:
            draft.indexes.append(made)

    def _undeclarable(self, draft: Draft, index: Index) -> str:
        """Why the kit cannot declare an index; nothing if it can."""
        if index.where:
            return "the kit declares no partial indexes"
        if any(p.startswith("(") for p in index.parts):
            return "the kit declares no indexes over expressions"
        kinds: tuple[IndexKind, ...] = ("btree", "hash", "gin", "gist")
        if index.method not in kinds:
            return f"the kit declares no {index.method} indexes"
        if not all(map(draft.attribute, index.parts)) and index.parts != (draft.primary,):
            return "it covers what is not kept as a column of its own"
        held = [draft.fields[p].kind for p in index.parts if p in draft.fields]
        if index.method == "gin" and not all(k in (Kind.JSON, Kind.LIST) for k in held):
            return "gin is kept for JSON and lists only"
        if index.method == "gist" and not (len(held) == 1 and self._geometric(draft.fields[index.parts[0]])):
            return "gist is kept for points and for ranges of numbers only"
        return ""

    def _geometric(self, item: FieldPlan) -> bool:
        return item.kind is Kind.POINT or (item.kind is Kind.RANGE and item.element in (Kind.INT, Kind.DECIMAL))

    def _check(self, draft: Draft, check: Check) -> None:
        pointer = f"{draft.table.place.pointer}/checks/{check.text}"
        found = conditions(check.text, self.bench.tables.dialect)
        by_column: dict[str, list[Condition]] = {}
        for one in found or []:
            column = next((c.name for c in draft.table.columns if c.name.lower() == one.column.lower()), one.column)
            by_column.setdefault(column, []).append(one)
        plans = {column: self._checked(draft, column, asked) for column, asked in by_column.items()}
        if not plans or any(plan is None for plan in plans.values()):
            self.bench.tell(
                pointer, "refused", self.bench.stays("the kit has no word for this condition: a rule or the database must keep it")
            )
            return
        draft.fields |= {column: plan for column, plan in plans.items() if plan is not None}

    def _checked(self, draft: Draft, column: str, asked: list[Condition]) -> FieldPlan | None:
        """The field with what a check asks of it; None if it cannot be said."""
        plan = draft.fields.get(column)
        if plan is None:
            return None
        for one in asked:
            if one.word == "not_null":
                plan = replace(plan, optional=False, default=ABSENT if plan.default is None else plan.default)
            elif one.word == "values":
                if (plan := self._valued(draft, plan, one.value)) is None:
                    return None
            elif not _applies(plan.kind, one):
                return None
        return replace(plan, limits=columns.limited(plan.limits, asked))

    def _valued(self, draft: Draft, plan: FieldPlan, values: tuple[Any, ...]) -> FieldPlan | None:
        if plan.kind is Kind.BOOL:
            return plan if set(values) in ({0, 1}, {True, False}) else None
        words = plan.kind is Kind.TEXT and all(isinstance(v, str) for v in values)
        numbers = plan.kind is Kind.INT and all(isinstance(v, int) for v in values)
        if not (words or numbers) or plan.secret or (isinstance(plan.default, str | int) and plan.default not in values):
            return None
        name = self.bench.enum(names.pascal(f"{draft.name}_{plan.name}"), tuple(dict.fromkeys(values)), "", plan.place)
        return replace(plan, kind=Kind.ENUM, enum=name, limits=Limits())


def _applies(kind: Kind, asked: Condition) -> bool:
    if asked.word in ("ge", "gt", "le", "lt"):
        return kind in (Kind.INT, Kind.FLOAT, Kind.DECIMAL)
    if asked.word in ("min_length", "max_length"):
        return kind in (Kind.TEXT, Kind.BYTES)
    if asked.word != "pattern" or kind is not Kind.TEXT:
        return False
    try:
        re.compile(str(asked.value))
    except re.error:
        return False
    return True
