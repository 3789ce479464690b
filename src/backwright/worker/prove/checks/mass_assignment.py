"""access.mass-assignment: what only the server sets is refused wherever a client sends it, and stays as it was."""

from typing import Any


from backwright.domain.model import EntityModel, Field
from backwright.operations.shapes import field_shape
from backwright.worker.prove.checks.appended import behind_the_app
from backwright.worker.prove.checks.breaches import Breaches
from backwright.worker.prove.faults import Plant
from backwright.worker.prove.rig.able import Able, able
from backwright.worker.prove.rig.patterns import Unmatchable
from backwright.worker.prove.rig.rig import Rig, brief, on_each
from backwright.worker.prove.rig.seeds import NoRow, is_account
from backwright.worker.prove.rig.served import Served
from backwright.worker.prove.standard import Standard
from backwright.worker.prove.target import Target
from backwright.worker.prove.verdict import Finding


def mass_assignment(target: Target) -> Finding:
    """Send every managed, secret and kept field with every creation, change and sign-up."""
    seen = Breaches()

    async def check(rig: Rig, dialect: str) -> None:
        for one in rig.served:
            if one.whole_body is not None and (model := _about(rig, one)) is not None:
                await _try(rig, seen, one, model, dialect)

    where = on_each(target, check, rows=5)
    return seen.finding(
        "attempts", "what only the server sets is refused and unchanged", nothing="no client writes to an entity", where=where
    )


def _about(rig: Rig, one: Served) -> EntityModel | None:
    """The entity that an operation writes: of a function, the one whose fields it takes."""
    if one.entity is not None:
        return rig.declared[one.entity]
    names = {m.name for m in one.body.members} if one.body else set[str]()
    if {"email", "password"} <= names:
        return next(
            (m for m in rig.declared.entities.values() if is_account(m.entity) and not m.entity.__module__.startswith("backwright.")), None
        )
    return None


def kept_from_clients(model: EntityModel) -> list[Field]:
    """The fields that no client may set."""
    return [model.id, *(f for f in model.fields if not f.writable)]


async def _try(rig: Rig, seen: Breaches, one: Served, model: EntityModel, dialect: str) -> None:
    found = able(rig, one)
    if found is None or one.body is None:
        return
    taken = {m.wire for m in one.body.members}
    for item in kept_from_clients(model):
        wire = item.wire if one.routes is None else one.routes.served.naming(item.wire)
        for key in {wire, item.name}:
            if key in taken and one.verb == "call":
                continue
            try:
                await _attempt(rig, seen, one, found, item, key, dialect)
            except (NoRow, Unmatchable) as reason:
                seen.note(f"{one}: {item.name} not tried ({reason})")
                seen.count("fields_not_tried")


async def _attempt(rig: Rig, seen: Breaches, one: Served, found: Able, item: Field, key: str, dialect: str) -> None:
    """One field: alone in a change, with everything that is needed in a creation."""
    value = rig.seeds.samples.of(field_shape(item, rig.declared), 77)
    body = rig.body(one, 950)
    inner: dict[str, Any] = body if one.envelope is None else body[one.envelope]
    if "password" in inner:
        inner["password"] = "correct horse battery staple"
    inner[key] = value
    path = rig.inputs(one, found.who, 1)[0] if found.row is None else rig.item_path(one, found.row)
    before = await rig.dump()
    answer = await rig.ask(one.method, path, who=found.who, json=body, headers={"if-match": "*"})
    what = f"{one} with {key} on {dialect}"
    if answer.status < 300 and one.routes is not None and one.routes.resource.echo:  # the contract calls it read-only
        shown: Any = answer.json() if one.envelope is None else answer.json()[one.envelope]
        seen.expect(shown.get(key) != value, f"{what} is taken although it is read-only: {brief(answer)}")
        return
    seen.expect(400 <= answer.status < 500, f"{what} is not refused: {brief(answer)}")
    seen.expect(await rig.dump() == before, f"{what} changed what is stored")


_OPEN = """
# planted: a managed field is taken from clients
_fields = [(m, f) for m in APP.model.entities.values() if not m.entity.__module__.startswith("backwright.")
           for f in m.fields if f.managed and not f.owner and not f.stamp]
for _model, _field in _fields:
    object.__setattr__(_field, "managed", False)
"""
_IGNORED = """
# planted: unknown keys are dropped in silence
import msgspec as _msgspec
_defstruct = _msgspec.defstruct
_msgspec.defstruct = lambda *given, **words: _defstruct(*given, **{**words, "forbid_unknown_fields": False})
"""

PLANTS = (
    Plant("managed-field-open", "access.mass-assignment", "managed fields are taken from clients", behind_the_app(_OPEN)),
    Plant("ignored-in-silence", "access.mass-assignment", "what may not be set is ignored instead of refused", behind_the_app(_IGNORED)),
)

MASS_ASSIGNMENT = Standard(
    id="access.mass-assignment",
    sentence="Managed, secret and kept fields are refused in every creation, change and sign-up, and stay as they were.",
    why="One forgotten field makes everybody an administrator.",
    check=mass_assignment,
    plants=PLANTS,
)
