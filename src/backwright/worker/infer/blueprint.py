"""From a design to its blueprint: the natural path of inference in one page. Pure; the same design always gives the same blueprint."""

from dataclasses import replace
from typing import Any, cast

from backwright.domain.model import Kind
from backwright.domain.naming import plural
from backwright.worker.blueprint import Blueprint, EntityPlan, EnumPlan, FieldPlan, Shape, StatesPlan
from backwright.worker.design import Design
from backwright.worker.infer import accounts, names, resources, resting
from backwright.worker.infer.access import Access
from backwright.worker.infer.agreement import Agreement
from backwright.worker.infer.contract import contract
from backwright.worker.infer.entities import Draft, Entities
from backwright.worker.infer.entries import Entries
from backwright.worker.infer.fields import Fields
from backwright.worker.infer.kinds import Kinds
from backwright.worker.infer.notes import Notes
from backwright.worker.infer.operations import Operations
from backwright.worker.infer.shapes import Shapes
from backwright.worker.infer.stored import Stored
from backwright.worker.infer.stored_entries import stored_entries
from backwright.worker.place import Place, Problem


def infer(design: Design) -> Blueprint:
    """What will be built for the design, with every assumption and an entry for each of its elements."""
    if design.tables and not design.operations:
        return _of_tables(design)
    notes = Notes()
    sign_in = accounts.find(design)
    entities = Entities(design, sign_in, resources.find(design, sign_in), notes)
    entities.run()
    _account_for_security(design, entities, notes)
    kinds = Kinds(design, notes)
    plans = _plans(design, entities, kinds, notes)
    agreement = Agreement(design, notes, kinds.enums)
    plans = agreement.run(plans) if design.tables else plans
    shapes, access = Shapes(design, entities, plans, kinds), Access(design, notes)
    operations = Operations(design, sign_in, entities, plans, shapes, kinds, access, notes).run()
    account = next((name for name, plan in plans.items() if plan.account), "")
    lines = access.lines(plans, operations, account)
    plans = _with_roles(plans, account, {line.role for line in lines if line.role}, notes)
    plans = _with_values(plans, shapes.found)
    shared = contract(design, operations, shapes.found, notes)
    entries = Entries(design, operations, tuple(plans.values()), shapes.found, shared.auth, agreement.told).run()
    return Blueprint(
        shared,
        tuple(kinds.enums.values()),
        tuple(plans.values()),
        tuple(shapes.found.values()),
        operations,
        lines,
        tuple(notes.found.values()),
        entries,
        design.context,
        design.origins,
    )


def contradictions(design: Design) -> list[Problem]:
    """What a contract and tables say against each other: errors, and warnings where one of the two holds."""
    notes, sign_in = Notes(), accounts.find(design)
    entities = Entities(design, sign_in, resources.find(design, sign_in), notes)
    entities.run()
    _account_for_security(design, entities, notes)
    kinds = Kinds(design, notes)
    agreement = Agreement(design, notes, kinds.enums)
    agreement.run(_plans(design, entities, kinds, notes))
    return agreement.problems


def _of_tables(design: Design) -> Blueprint:
    """Tables alone: they become entities, served by the kit's own conventions."""
    notes = Notes()
    enums: dict[str, EnumPlan] = {}
    stored = Stored(design.tables, notes, enums)
    plans = resting.with_account(stored.run(), design.info.place, notes, live=design.tables.live)
    shapes, operations = resting.operations(plans)
    return Blueprint(
        resting.contract(design), tuple(enums.values()), tuple(_in_order(plans).values()), tuple(shapes.values()), operations,
        resting.access(plans, notes), tuple(notes.found.values()), stored_entries(design, stored.told),
    )  # fmt: skip


def _account_for_security(design: Design, entities: Entities, notes: Notes) -> None:
    """A design that asks for credentials needs somebody who has them, even if it does not say who."""
    used = [r for o in design.operations for r in design.requirements(o) if r.schemes]
    if not used or any(draft.account for draft in entities.drafts.values()):
        return
    known = next((d for name, d in entities.drafts.items() if name in ("User", "Account", "Customer", "Member")), None)
    if known is not None:
        known.account = True
        notes.add(
            f"entity {known.name}",
            "is the account that signs in",
            "operations need sign-in, and its name is the likeliest",
            "guess",
            known.place,
        )
        return
    reason = "operations need sign-in, and nothing in the document says who signs in"
    entities.drafts["User"] = Draft("User", used[0].place, reason, "Somebody who can sign in.", account=True)
    notes.add("entity User", "is added as the account that signs in", reason, "likely", used[0].place)


def _plans(design: Design, entities: Entities, kinds: Kinds, notes: Notes) -> dict[str, EntityPlan]:
    """Fields may bring parts to light, which are entities too; so go on until nothing new appears."""
    maker = Fields(design, entities, kinds, notes)
    _declared_parts(entities)
    fields: dict[str, tuple[FieldPlan, ...]] = {}
    while len(fields) < len(entities.drafts):
        for name, draft in list(entities.drafts.items()):
            if name not in fields:
                fields[name] = maker.of(draft)
    for name, draft in entities.drafts.items():
        if draft.part_of and not any(f.part for f in fields[name]):
            fields[name] = maker.of(draft)
    plans = {name: _entity(draft, fields[name], entities, notes) for name, draft in entities.drafts.items()}
    return _in_order(plans)


def _in_order(plans: dict[str, EntityPlan]) -> dict[str, EntityPlan]:
    """The account first, then each entity after those that it refers to, otherwise as the document has them."""
    waiting = sorted(plans.values(), key=lambda plan: (not plan.account, plan.place))
    found: dict[str, EntityPlan] = {}
    while waiting:
        free = (p for p in waiting if all(f.target in found or f.target in ("", p.name) or f.target not in plans for f in p.fields))
        chosen = next(free, waiting[0])
        found[chosen.name] = chosen
        waiting.remove(chosen)
    return found


def _declared_parts(entities: Entities) -> None:
    for draft in entities.drafts.values():
        whole = draft.extensions.get("x-part-of")
        if isinstance(whole, str) and names.pascal(whole) in entities.drafts:
            draft.part_of = names.pascal(whole)


def _entity(draft: Draft, fields: tuple[FieldPlan, ...], entities: Entities, notes: Notes) -> EntityPlan:
    owner = _owner(draft, fields, entities, notes)
    rows = draft.extensions.get("x-rows")
    shared = draft.extensions.get("x-unique")
    uniques = tuple(tuple(names.python_name(str(n)).removesuffix("_id") for n in group) for group in _groups(shared))
    for group in uniques:
        notes.add(f"{draft.name}", f"is unique in {', '.join(group)} together", "x-unique says so", "certain", draft.place)
    shown = names.python_name(draft.embedded_as) if draft.embedded_as and not draft.resources else ""
    many, stamps = shown or plural(draft.word), {f.stamp for f in fields}
    return EntityPlan(
        name=draft.name, table=draft.word, plural=many, account=draft.account, id_kind=draft.id_kind, id_wire=draft.id_wire, key=draft.key,
        fields=fields,
        uniques=uniques, owner=owner, part_of=draft.part_of, embedded_as=draft.embedded_as, stamps=bool(stamps & {"created", "updated"}),
        versioned="version" in stamps,
        rows=rows if isinstance(rows, int) else None, states=_states(draft), doc=draft.doc, place=draft.place, because=draft.because,
    )  # fmt: skip


def _states(draft: Draft) -> StatesPlan | None:
    said = _mapping(draft.extensions.get("x-states"))
    if not said:
        return None
    moves = tuple((state, tuple(str(v) for v in _items(to) or [to])) for state, to in _mapping(said.get("moves")).items())
    return StatesPlan(names.python_name(str(said.get("field", "status"))), str(said.get("start", "")), moves)


def _groups(shared: object) -> list[list[Any]]:
    groups = [_items(group) for group in _items(shared) if _items(group)]
    return groups or ([_items(shared)] if _items(shared) else [])


def _mapping(value: Any) -> dict[str, Any]:
    return dict(cast(dict[str, Any], value)) if isinstance(value, dict) else {}


def _items(value: Any) -> list[Any]:
    return list(cast(list[Any], value)) if isinstance(value, list) else []  # type: ignore[redundant-cast]  # pyright needs it


def _owner(draft: Draft, fields: tuple[FieldPlan, ...], entities: Entities, notes: Notes) -> str:
    """The reference to the account that a row belongs to."""
    said = draft.extensions.get("x-owner")
    if isinstance(said, str):
        return names.python_name(said).removesuffix("_id")
    if draft.account or said is False:
        return ""
    account = next((d.name for d in entities.drafts.values() if d.account), "")
    people = [f for f in fields if f.kind is Kind.REFERENCE and f.target == account and f.name in names.OWNERS]
    if not people:
        return ""
    owner = people[0]
    how = "and no request carries it, so the server takes the caller" if owner.managed else "and clients give it"
    notes.add(
        f"{draft.name}.{owner.name}",
        f"owns the {draft.word.replace('_', ' ')}",
        f"it refers to the account {account}, {how}",
        "likely",
        owner.place,
    )
    return owner.name


def _with_roles(plans: dict[str, EntityPlan], account: str, roles: set[str], notes: Notes) -> dict[str, EntityPlan]:
    """A flag on the account for each role that the access table names."""
    plan = plans.get(account)
    missing = sorted(r for r in roles if plan is not None and plan.field(r) is None)
    if plan is None or not missing:
        return plans
    for role in missing:
        notes.add(f"{account}.{role}", "is a flag that only the server sets", "the access rules name that role", "likely", plan.place)
    place: Place = plan.place
    flags = tuple(FieldPlan(name=r, wire=r, kind=Kind.BOOL, managed=True, default=False, doc="", place=place) for r in missing)
    return {**plans, account: replace(plan, fields=(*plan.fields, *flags))}


def _with_values(plans: dict[str, EntityPlan], shapes: dict[str, Shape]) -> dict[str, EntityPlan]:
    """Objects with known keys that a row holds, alone or in a list, are values with a class of their own."""
    said = {(s.entity, m.field): m.shape for s in shapes.values() if s.entity for m in s.members if m.source == "field" and m.shape}
    found: dict[str, EntityPlan] = {}
    for name, plan in plans.items():
        fields = (
            replace(f, value=value)
            if (value := said.get((name, f.name), "")) and Kind.JSON in (f.kind, f.element) and _closed(shapes, value)
            else f
            for f in plan.fields
        )
        found[name] = replace(plan, fields=tuple(fields))
    return found


def _closed(shapes: dict[str, Shape], name: str, above: tuple[str, ...] = ()) -> bool:
    """Whether a shape and all inside it are plain values: no rows, and no circle."""
    shape = shapes[name]
    inside = [m.shape for m in shape.members if m.shape]
    return not shape.entity and name not in above and all(_closed(shapes, one, (*above, name)) for one in inside)
