"""The contract of a design that has none: for each entity the kit's own REST operations, and who may use them. Pure."""

from dataclasses import replace
from typing import Literal

from backwright.domain.model import Kind
from backwright.worker.blueprint import (
    AccessLine,
    AnswerPlan,
    BodyPlan,
    ContractPlan,
    EntityPlan,
    ErrorPlan,
    FieldPlan,
    Member,
    OperationPlan,
    PagePlan,
    PathKey,
    Shape,
    Who,
)
from backwright.worker.design import ABSENT, Design
from backwright.worker.infer import names
from backwright.worker.infer.notes import Notes
from backwright.worker.place import Place

Verb = Literal["list", "create", "read", "update", "replace", "delete"]
_METHODS: dict[Verb, str] = {"list": "GET", "create": "POST", "read": "GET", "update": "PATCH", "replace": "PUT", "delete": "DELETE"}
_STATUS: dict[Verb, int] = {"list": 200, "create": 201, "read": 200, "update": 200, "replace": 200, "delete": 204}
_STAFF = ("is_staff", "is_admin", "is_superuser", "staff", "admin", "superuser")
_PAGE = PagePlan("cursor", "cursor", "limit", 20, 100, 1)


def contract(design: Design) -> ContractPlan:
    """The kit's own conventions, under ``/v1``."""
    errors = ErrorPlan("unsaid", "application/problem+json", "", 422, design.info.place)
    return ContractPlan(design.info.title, design.info.version, "/v1", "snake", errors, (), ())


def with_account(plans: dict[str, EntityPlan], place: Place, notes: Notes, *, live: bool) -> dict[str, EntityPlan]:
    """The entities with somebody who signs in, and with a flag for those who look after the data."""
    account = next((p for p in plans.values() if p.account), None)
    if account is None:
        name = next(n for n in ("User", "Account", "SignedInUser") if n not in plans and f"{names.norm(n)}s" not in _tables(plans))
        reason = "no table keeps an e-mail address and a password, and somebody has to look after the data"
        notes.add(f"entity {name}", "is added as the account that signs in", reason, "certain", place)
        account = EntityPlan(
            name=name, table=f"{names.norm(name)}s", plural=f"{names.norm(name)}s", account=True, id_kind="uuid", id_wire="id", key="id",
            fields=(), uniques=(), owner="", part_of="", embedded_as="", stamps=True, versioned=True, rows=None, states=None,
            doc="Somebody who can sign in.", place=place, because=reason,
        )  # fmt: skip
    if not role(account) and not account.mapped:
        notes.add(f"{account.name}.is_staff", "is a flag that only the server sets", "writing asks for it", "certain", account.place)
        flag = FieldPlan(name="is_staff", wire="is_staff", kind=Kind.BOOL, managed=True, default=False, place=account.place)
        account = replace(account, fields=(*account.fields, flag))
    account = replace(account, fields=tuple(replace(f, managed=f.managed or f.name == role(account)) for f in account.fields))
    owned = {name: _owned(plan, account.name, notes) for name, plan in plans.items() if name != account.name}
    return {account.name: account, **owned}


def role(account: EntityPlan) -> str:
    """The account's flag that says who looks after the data."""
    return next((f.name for word in _STAFF for f in account.fields if f.name == word and f.kind is Kind.BOOL), "")


def _tables(plans: dict[str, EntityPlan]) -> set[str]:
    return {p.table for p in plans.values()}


def _owned(plan: EntityPlan, account: str, notes: Notes) -> EntityPlan:
    """The entity with its owner, where a reference to the account is called like one."""
    people = [f for f in plan.fields if f.kind is Kind.REFERENCE and f.target == account and f.name in names.OWNERS and not f.optional]
    if not people:
        return plan
    owner = people[0]
    notes.add(f"{plan.name}.{owner.name}", "owns the row, and is whoever creates it", f"it refers to {account}", "likely", owner.place)
    return replace(plan, owner=owner.name, fields=tuple(replace(f, managed=f.managed or f is owner) for f in plan.fields))


# --- operations -------------------------------------------------------------------------------------------------------


def operations(plans: dict[str, EntityPlan]) -> tuple[dict[str, Shape], tuple[OperationPlan, ...]]:
    """Six operations for each entity but the account, with the objects they carry."""
    shapes: dict[str, Shape] = {}
    found: list[OperationPlan] = []
    for plan in plans.values():
        if plan.account:
            continue
        shown, given = _shown(plan), _given(plan)
        shapes |= {shown.name: shown, given.name: given}
        found += [_operation(plan, verb, shown, given) for verb in _METHODS]
    return shapes, tuple(found)


def _shown(plan: EntityPlan) -> Shape:
    kind = Kind.INT if plan.id_kind == "int" else Kind.UUID
    key = Member(wire="id", source="id", field="id", name="id", kind=kind, required=True, place=plan.place)
    members = [_member(f, answer=True) for f in plan.fields if not f.secret]
    return Shape(name=plan.name, entity=plan.name, members=(key, *members), closed=False, doc=plan.doc, place=plan.place)


def _given(plan: EntityPlan) -> Shape:
    members = tuple(_member(f, answer=False) for f in plan.fields if not (f.secret or f.managed or f.stamp))
    return Shape(name=f"{plan.name}Fields", entity=plan.name, members=members, closed=True, doc=plan.doc, place=plan.place)


def _member(item: FieldPlan, *, answer: bool) -> Member:
    needed = item.default is ABSENT and not item.optional and item.kind is not Kind.MANY
    return Member(
        wire=item.wire, source="reference" if item.kind in (Kind.REFERENCE, Kind.MANY) else "field", field=item.name, name=item.name,
        kind=item.kind, element=item.element, required=answer or needed,
        nullable=item.optional, default=ABSENT if answer else item.default, limits=item.limits, enum=item.enum, doc=item.doc,
        place=item.place,
    )  # fmt: skip


def _operation(plan: EntityPlan, verb: Verb, shown: Shape, given: Shape) -> OperationPlan:
    base = "/" + plan.plural.replace("_", "-")
    single, one = verb not in ("list", "create"), names.norm(plan.name).replace("_", " ")
    kind = Kind.INT if plan.id_kind == "int" else Kind.UUID
    key = PathKey("id", plan.name, "id", kind, plan.place)
    carries = verb in ("create", "update", "replace")
    body = BodyPlan("application/json", (), True, "", given.name, False, plan.place) if carries else None
    answer = AnswerPlan(
        _STATUS[verb], "" if verb == "delete" else "application/json", "items" if verb == "list" else "",
        "" if verb == "delete" else shown.name, verb == "list", "", "next" if verb == "list" else "", (), None, None, (), "", plan.place,
    )  # fmt: skip
    return OperationPlan(
        name=f"{verb}_{plan.plural if verb == 'list' else names.norm(plan.name)}", operation_id="", kind=verb, entity=plan.name,
        method=_METHODS[verb], path=f"{base}/{{id}}" if single else base, summary=f"{verb.capitalize()} {one}", doc="", tags=(plan.name,),
        deprecated=False, keys=(key,) if single else (), page=_PAGE if verb == "list" else None, filters=(), sort=None, arguments=(),
        body=body, answer=answer, refusals=(), sets=(), who="signed_in", role="", schemes=(), optional_sign_in=False, rule="", cost=1,
        needs=(), because=f"the table {plan.table} has rows", place=plan.place,
    )  # fmt: skip


# --- access -----------------------------------------------------------------------------------------------------------


def access(plans: dict[str, EntityPlan], notes: Notes) -> tuple[AccessLine, ...]:
    """Safe by default: rows that belong to somebody are his own; others are read by who signed in, and written by staff."""
    account = next(p for p in plans.values() if p.account)
    flag = role(account)
    lines: list[AccessLine] = []
    for plan in plans.values():
        if plan.account:
            continue
        for action, who in _rights(plan, bool(flag)).items():
            reason = f"{plan.owner} owns a row" if "owner" in who else "tables do not say who may"
            owner = plan.owner if "owner" in who else ""
            lines.append(AccessLine(plan.name, action, who, owner, flag if "staff" in who else "", reason, plan.place))
        decision = (
            "own rows only, staff all" if plan.owner else "read by who signed in, written by staff" if flag else "read by who signed in"
        )
        notes.add(
            f"access {plan.name}", decision, "tables do not say who may; this is the narrowest that is still of use", "guess", plan.place
        )
    return tuple(lines)


def _rights(plan: EntityPlan, staff: bool) -> dict[Literal["read", "create", "update", "delete"], tuple[Who, ...]]:
    wide: tuple[Who, ...] = ("staff",) if staff else ("nobody",)
    own: tuple[Who, ...] = ("owner", "staff") if staff else ("owner",)
    if plan.owner:
        return {"read": own, "create": own, "update": own, "delete": own}
    return {"read": ("signed_in",), "create": wide, "update": wide, "delete": wide}
