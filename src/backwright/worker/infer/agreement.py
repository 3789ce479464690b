"""A contract and tables together: entities are matched by name, and each contradiction is named with both places. Pure.

The contract says what clients see: operations, names, what is required, what may be null. The tables say how it is stored: types, columns,
keys, limits, indexes. Where one says nothing, or asks for less, the other holds, as an assumption; where no value would suit both, it is
an error.
"""

from dataclasses import replace
from typing import Any

from backwright.domain.fields import Limits
from backwright.domain.model import Kind
from backwright.worker.blueprint import EntityPlan, EnumPlan, FieldPlan
from backwright.worker.design import ABSENT, Design
from backwright.worker.infer import names
from backwright.worker.infer.notes import Notes
from backwright.worker.infer.stored import Stored
from backwright.worker.infer.stored_draft import HASHES, Answer
from backwright.worker.place import Place, Problem, Severity

_CLOSER = {
    (Kind.TEXT, Kind.UUID), (Kind.TEXT, Kind.DATE), (Kind.TEXT, Kind.TIME), (Kind.TEXT, Kind.DATETIME), (Kind.TEXT, Kind.ENUM),
    (Kind.TEXT, Kind.DECIMAL), (Kind.TEXT, Kind.DURATION), (Kind.TEXT, Kind.BYTES), (Kind.FLOAT, Kind.DECIMAL), (Kind.JSON, Kind.LIST),
}  # fmt: skip
"""What a contract says loosely, and a table says closely. Clients would see the closer form; so it is said, and not done in silence."""
_WIDER = {
    (Kind.INT, Kind.DECIMAL), (Kind.INT, Kind.FLOAT), (Kind.UUID, Kind.TEXT), (Kind.DATE, Kind.TEXT), (Kind.DATETIME, Kind.TEXT),
    (Kind.ENUM, Kind.TEXT), (Kind.DECIMAL, Kind.TEXT), (Kind.LIST, Kind.JSON), (Kind.DECIMAL, Kind.FLOAT), (Kind.FLOAT, Kind.INT),
    (Kind.ENUM, Kind.INT),
}  # fmt: skip
"""The table would hold more than the contract lets in: the contract holds."""
_UPPER, _LOWER = ("le", "lt", "max_length", "digits", "scale"), ("ge", "gt", "min_length")


class Agreement:
    """Compares the entities of a contract with those of the tables, and makes one of both."""

    def __init__(self, design: Design, notes: Notes, enums: dict[str, EnumPlan]) -> None:
        self.design, self.notes, self.enums = design, notes, enums
        self.problems: list[Problem] = []
        self.told: dict[str, Answer] = {}

    def run(self, plans: dict[str, EntityPlan]) -> dict[str, EntityPlan]:
        """The entities of the contract as the tables keep them; tables that the contract does not show come behind."""
        own = dict(self.enums)
        stored = Stored(self.design.tables, Notes(), own)
        tabled = stored.run()
        self.told = stored.told
        by_word = {names.norm(p.name): p for p in tabled.values()}
        by_word |= {names.singular(names.norm(p.table)): p for p in tabled.values()}
        found: dict[str, EntityPlan] = {}
        self.names = {table.name: plan.name for plan in plans.values() if (table := by_word.get(names.norm(plan.name))) is not None}
        self.enums_of_tables = own
        for plan in plans.values():
            table = by_word.get(names.norm(plan.name))
            found[plan.name] = self._one(plan, table) if table is not None else self._without(plan)
        for table in tabled.values():
            if table.name not in self.names and table.name not in found:
                found[table.name] = self._unshown(table)
        used = {f.enum for p in found.values() for f in p.fields}
        self.enums |= {name: enum for name, enum in own.items() if name in used}
        return found

    def say(self, place: Place, what: str, mend: str, severity: Severity = "error") -> None:
        """Note a contradiction at a place of the contract."""
        self.problems.append(Problem(place.file, place.line, place.pointer, severity, what, mend))

    def assume(self, about: str, decision: str, reason: str, place: Place) -> None:
        """Note what was decided where one of the two clearly holds; a warning as well."""
        self.notes.add(about, decision, reason, "certain", place)
        self.say(place, f"{about} {decision}: {reason}.", "Say the same in both, if that is not meant.", "warning")

    # --- entities -----------------------------------------------------------------------------------------------------

    def _without(self, plan: EntityPlan) -> EntityPlan:
        if plan.account and not plan.place.pointer.startswith("/components/schemas"):
            self.assume(
                f"entity {plan.name}", "gets a table of the kit's own", "somebody has to sign in, and no table is called so", plan.place
            )
            return plan
        self.say(plan.place, f"The contract keeps {plan.name}, and no table does.", f"Add a table {plan.plural}, or take {plan.name} out.")
        return plan

    def _unshown(self, table: EntityPlan) -> EntityPlan:
        fields = tuple(replace(f, target=self.names.get(f.target, f.target)) for f in table.fields)
        self.assume(f"entity {table.name}", "is kept, and no operation shows it", "the tables have it, the contract does not", table.place)
        return replace(table, fields=fields, account=False)

    def _one(self, plan: EntityPlan, table: EntityPlan) -> EntityPlan:
        if plan.id_kind != table.id_kind and (plan.id_wire or self.design.tables.live):
            said = {"int": "a whole number", "uuid": "a UUID, or text"}
            what = (
                f"{plan.name}: the contract's id is {said[plan.id_kind]}, and that of the table is {said[table.id_kind]} ({table.place})."
            )
            self.say(plan.place, what, "Give both the same type.")
        fields: list[FieldPlan] = []
        left = {f.name: f for f in table.fields}
        for item in plan.fields:
            column = self._column(item, left, plan)
            if column is None:
                fields.append(self._no_column(plan, item, table))
            else:
                del left[column.name]
                fields.append(self._field(plan, item, column))
        skipped = {"email", "password_hash", *HASHES} if plan.account else set[str]()
        fields += [self._not_shown(plan, column, table) for column in left.values() if column.name not in skipped and not column.stamp]
        attributes = {self._key(f): f.name for f in fields}
        uniques = [u for group in table.uniques if (u := self._named(group, table, attributes))]
        indexes = [replace(i, fields=n) for i in table.indexes if (n := self._named(i.fields, table, attributes))]
        return replace(
            plan, table=table.table, id_kind=table.id_kind if not plan.id_wire else plan.id_kind, fields=tuple(fields), mapped=table.mapped,
            id_column=table.id_column,
            uniques=tuple(dict.fromkeys((*plan.uniques, *uniques))), indexes=tuple(indexes), doc=plan.doc or table.doc,
            stamps=plan.stamps or table.stamps, versioned=plan.versioned or table.versioned,
        )  # fmt: skip

    def _named(self, group: tuple[str, ...], table: EntityPlan, attributes: dict[str, str]) -> tuple[str, ...]:
        """The same fields under the contract's names; nothing if one has none."""
        keys = [self._key(f) if (f := table.field(name)) is not None else name for name in group]
        found = tuple(attributes.get(key, "") for key in keys)
        return found if all(found) else ()

    def _key(self, item: FieldPlan) -> str:
        return item.column or (f"{item.name}_id" if item.kind is Kind.REFERENCE else item.name)

    def _column(self, item: FieldPlan, left: dict[str, FieldPlan], plan: EntityPlan) -> FieldPlan | None:
        words = {names.norm(item.wire), names.norm(item.name), f"{names.norm(item.name)}_id"} - {""}
        same = [c for c in left.values() if {names.norm(self._key(c)), names.norm(c.name)} & words]
        if not same and item.kind in (Kind.REFERENCE, Kind.MANY):
            same = [c for c in left.values() if c.kind is item.kind and self.names.get(c.target, c.target) == item.target][:1]
        return same[0] if same else None

    def _no_column(self, plan: EntityPlan, item: FieldPlan, table: EntityPlan) -> FieldPlan:
        if item.stamp or (plan.account and item.name.startswith("is_") and item.managed):
            return item
        about = f"{plan.name}.{item.wire or item.name}"
        if item.managed:
            self.assume(about, "gets a column", f"answers show it, and the table {table.table} ({table.place}) has none", item.place)
        else:
            what = f"{about} is in the contract, and the table {table.table} ({table.place}) has no such column."
            self.say(item.place, what, "Add the column, or take the property out.")
        return item

    def _not_shown(self, plan: EntityPlan, column: FieldPlan, table: EntityPlan) -> FieldPlan:
        about, needed = f"{plan.name}.{column.name}", column.default is ABSENT and not column.optional
        made = plan.account or any(o.method == "POST" for o in self.design.operations if names.noun(o.path) == names.norm(plan.name))
        if needed and made and column.kind is not Kind.MANY:
            what = f"The table {table.table} asks for {self._key(column)} ({column.place}), and no request of {plan.name} carries it."
            self.say(plan.place, what, "Add the property, give the column a default, or let it be null.")
        else:
            self.assume(about, "is kept, and not shown", "the table has it, the contract does not", column.place)
        target = self.names.get(column.target, column.target)
        return replace(column, wire="", managed=column.kind is not Kind.MANY and not column.secret, target=target)

    # --- fields -------------------------------------------------------------------------------------------------------

    def _field(self, plan: EntityPlan, item: FieldPlan, column: FieldPlan) -> FieldPlan:
        about = f"{plan.name}.{item.wire or item.name}"
        usual = f"{item.name}_id" if item.kind is Kind.REFERENCE else item.name
        made = replace(item, column="" if self._key(column) == usual else self._key(column), unique=item.unique or column.unique)
        if item.stamp or column.stamp:
            return replace(made, column="")
        if item.part:  # deleted with its whole, just as CASCADE says
            table, _, name = column.place.pointer.partition("/columns/")
            self.told.pop(f"{table}/foreign keys/{name}/on delete", None)
        made = self._kind(about, made, column)
        made = self._null(about, made, column)
        limits = self._limits(about, made, column) if made.kind is column.kind else made.limits
        default = (
            column.default if made.default is ABSENT and column.default not in (ABSENT, None) and made.kind is column.kind else made.default
        )
        return replace(made, limits=limits, default=default, doc=made.doc or column.doc)

    def _kind(self, about: str, item: FieldPlan, column: FieldPlan) -> FieldPlan:
        there = f"the column {self._key(column)} ({column.place})"
        target = self.names.get(column.target, column.target)
        if item.kind in (Kind.REFERENCE, Kind.MANY) and column.kind is item.kind:
            if item.target != target:
                self.say(item.place, f"{about} refers to {item.target}, and {there} to {target}.", "Let both refer to the same.")
            return item
        if item.kind is column.kind:
            return self._values(about, item, column) if item.kind is Kind.ENUM else item
        if column.kind is Kind.REFERENCE and item.kind in (Kind.TEXT, Kind.UUID, Kind.INT):
            self.assume(about, f"refers to {target}", f"{there} does", item.place)
            return replace(item, kind=Kind.REFERENCE, target=target, limits=Limits(), column=self._key(column), unique=item.unique)
        if item.kind is Kind.REFERENCE and column.kind in (Kind.UUID, Kind.INT):
            self.assume(about, f"refers to {item.target}", f"the contract says so; {there} is no foreign key", item.place)
            return item
        pair = item.kind, column.kind
        if pair in _CLOSER and not (item.limits.pattern or item.limits.format):
            self.assume(about, f"is {column.kind.value}", f"{there} says so, and the contract says only {item.kind.value}", item.place)
            return replace(item, kind=column.kind, element=column.element, enum=column.enum, limits=column.limits)
        if pair in _WIDER:
            self.assume(about, f"is {item.kind.value}", f"the contract says so; {there} would hold any {column.kind.value}", item.place)
            return item
        self.say(item.place, f"{about} is {item.kind.value}, and {there} is {column.kind.value}.", "Give both the same type.")
        return item

    def _values(self, about: str, item: FieldPlan, column: FieldPlan) -> FieldPlan:
        mine, theirs = ({v for _, v in self.enums_of_tables[e].members} for e in (item.enum, column.enum))
        if more := sorted(map(str, mine - theirs)):
            what = f"{about} may be {', '.join(more)}, which the column {self._key(column)} ({column.place}) does not hold."
            self.say(item.place, what, "List the same values in both.")
        elif mine != theirs:
            less = ", ".join(sorted(map(str, theirs - mine)))
            self.assume(about, "takes the contract's values only", f"the column ({column.place}) would hold {less} too", item.place)
        return item

    def _null(self, about: str, item: FieldPlan, column: FieldPlan) -> FieldPlan:
        if item.kind is Kind.MANY or item.optional == column.optional:
            return item
        if not item.optional:
            self.assume(about, "is never null", f"the contract says so; the column ({column.place}) would hold null", item.place)
            return item
        if column.default is ABSENT and item.default in (ABSENT, None) and not item.managed:
            what = f"{about} may be null or left out, and the column {self._key(column)} ({column.place}) is NOT NULL without a default."
            self.say(item.place, what, "Require it in the contract, or let the column be null or have a default.")
            return item
        self.assume(about, "is never null", f"the column ({column.place}) is NOT NULL", item.place)
        return replace(item, optional=False, default=column.default if item.default in (ABSENT, None) else item.default)

    def _limits(self, about: str, item: FieldPlan, column: FieldPlan) -> Limits:
        limits = item.limits
        for word in (*_UPPER, *_LOWER, "pattern"):
            mine, theirs = getattr(limits, word), getattr(column.limits, word)
            if theirs is None or mine == theirs:
                continue
            if mine is None:
                limits = replace(limits, **{word: theirs})
                if word not in ("digits", "scale"):
                    self.notes.add(about, f"has {word} {theirs}", f"the table says so ({column.place})", "certain", item.place)
            elif _too_wide(word, mine, theirs):
                what = f"{about} has {word} {mine}, and the column {self._key(column)} ({column.place}) has {theirs}."
                self.say(item.place, what, "Let the contract ask for no more than the column holds.")
        return limits


def _too_wide(word: str, mine: Any, theirs: Any) -> bool:
    return bool(mine > theirs) if word in _UPPER else word in _LOWER and bool(mine < theirs)
