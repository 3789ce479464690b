"""Finds the resources: which paths are about the same stored thing, and which operation plays which part there. Pure."""

import re
from dataclasses import dataclass, field
from typing import Literal

from backwright.worker.design import Design, Operation, Schema
from backwright.worker.infer import names, wrapping
from backwright.worker.infer.accounts import SignIn

Role = Literal["list", "create", "read", "update", "replace", "delete"]
_ON_ITEMS: dict[str, Role] = {"GET": "read", "PATCH": "update", "PUT": "replace", "DELETE": "delete"}
_ON_COLLECTION: dict[str, Role] = {"GET": "list", "POST": "create"}


@dataclass(slots=True)
class Resource:
    """One collection path with the path of its items."""

    base: str
    param: str = ""
    """The name of the path parameter that names one item."""
    roles: dict[Role, Operation] = field(default_factory=lambda: {})
    schema: Schema | None = None
    """The schema that shows one item best."""
    because: str = ""
    entity: str = ""

    @property
    def parent(self) -> str:
        """For ``/articles/{slug}/comments``: ``/articles``; else nothing."""
        found = re.match(r"(.*)/\{[^/]+\}(/[^/{}]+)*$", self.base)
        return found[1] if found is not None else ""


def find(design: Design, sign_in: SignIn) -> dict[str, Resource]:
    """The resources by their collection path, each with evidence that its items are stored."""
    found: dict[str, Resource] = {}
    for operation in design.operations:
        if sign_in.of(operation) in (None, "sign_up"):
            _sort(found, operation)
    for resource in found.values():
        _evidence(design, resource)
    _foreign(design, found)
    return {base: r for base, r in found.items() if r.schema is not None}


def _sort(found: dict[str, Resource], operation: Operation) -> None:
    head, _, last = operation.path.rstrip("/").rpartition("/")
    on_item = last.startswith("{") and last.endswith("}") and last.count("{") == 1
    base = head if on_item else operation.path.rstrip("/")
    role = (_ON_ITEMS if on_item else _ON_COLLECTION).get(operation.method)
    if role is None or "}" in base.rpartition("/")[2] or not base:
        return
    resource = found.setdefault(base, Resource(base))
    resource.roles.setdefault(role, operation)
    if on_item:
        resource.param = last[1:-1]


def _evidence(design: Design, resource: Resource) -> None:
    """What shows that the items are stored, the strongest sign first."""
    shown = {role: wrapping.answer(design, operation) for role, operation in resource.roles.items()}
    carried = {role: wrapping.request(design, operation) for role, operation in resource.roles.items()}
    objects = {role: w for role, w in shown.items() if w is not None and wrapping.is_object(design.whole(w.schema))}
    read, listed, created = objects.get("read"), objects.get("list"), objects.get("create")
    if read is not None and not read.many:
        resource.schema, resource.because = read.schema, f"GET {resource.base}/{{{resource.param}}} shows one by its key"
    elif listed is not None and listed.many:
        resource.schema, resource.because = listed.schema, f"GET {resource.base} lists them"
    elif created is not None and not created.many and (resource.param or _has_id(design, created.schema, resource)):
        resource.schema, resource.because = created.schema, f"POST {resource.base} makes one and answers its id"
    elif resource.param and (changed := objects.get("update") or objects.get("replace")) is not None and not changed.many:
        resource.schema, resource.because = changed.schema, f"one is changed at {resource.base}/{{{resource.param}}}"
    elif resource.param and "create" in resource.roles and "delete" in resource.roles and (body := carried.get("create")) is not None:
        resource.schema, resource.because = body.schema, f"one is made at {resource.base} and deleted by its key"


def _has_id(design: Design, schema: Schema, resource: Resource) -> bool:
    word = names.noun(resource.base)
    ids = {"id", "uuid", f"{word}_id", f"{word.rpartition('_')[2]}_id"}
    return any(names.norm(p.name) in ids for p in design.whole(schema).properties)


def _foreign(design: Design, found: dict[str, Resource]) -> None:
    """``POST /articles/{slug}/favorite`` answers an article: an action on it, not a resource of its own."""
    strong = {place_of(design, r.schema) for r in found.values() if r.schema is not None and "read" in r.roles}
    for resource in found.values():
        weak = "read" not in resource.roles and not resource.param and "list" not in resource.roles
        if weak and resource.schema is not None and place_of(design, resource.schema) in strong:
            resource.schema = None


def place_of(design: Design, schema: Schema) -> str:
    """What tells two schemas apart: the place of what they refer to in the end."""
    place = design.target(schema).place
    return f"{place.file}#{place.pointer}"
