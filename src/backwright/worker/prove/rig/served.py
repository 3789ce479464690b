"""What is served at the REST door, one line an operation: method, path, inputs and what success looks like."""

from dataclasses import dataclass, replace
from typing import Any, Literal

from backwright.api.rest.documented import JSON, Documented
from backwright.api.rest.resources import ResourceRoutes
from backwright.domain.entity import Entity
from backwright.operations.operation import Operation
from backwright.operations.shapes import Member, ObjectOf

Verb = Literal["read", "list", "create", "update", "replace", "delete", "call", "account"]


@dataclass(frozen=True, slots=True)
class Served:
    """One operation at the door, as it was compiled."""

    verb: Verb
    documented: Documented
    routes: ResourceRoutes | None = None
    """Of a derived operation: its resource."""

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def method(self) -> str:
        return self.documented.method

    @property
    def path(self) -> str:
        """With ``{key}`` where parameters stand."""
        return self.documented.path

    @property
    def operation(self) -> Operation:
        return self.documented.operation

    @property
    def status(self) -> int:
        """That of success."""
        return self.documented.gives.status

    @property
    def entity(self) -> type[Entity] | None:
        """The entity of a derived operation."""
        return self.routes.resource.entity if self.routes else None

    @property
    def whole_body(self) -> ObjectOf | None:
        """The shape of a JSON body, its envelope included."""
        taken = self.documented.takes
        return taken.shape if taken is not None and isinstance(taken.shape, ObjectOf) and self._json else None

    @property
    def envelope(self) -> str | None:
        """The key under which the body's values stand, if there is one."""
        whole = self.whole_body
        return whole.members[0].wire if whole is not None and [m.name for m in whole.members] == ["enveloped"] else None

    @property
    def body(self) -> ObjectOf | None:
        """The shape of the values of a JSON body, without what is only read back."""
        whole = self.whole_body
        inner = whole if whole is None or self.envelope is None else whole.members[0].shape
        return replace(inner, members=tuple(m for m in inner.members if not m.read_only)) if isinstance(inner, ObjectOf) else None

    @property
    def in_path(self) -> tuple[Member, ...]:
        return self.documented.path_members

    @property
    def in_query(self) -> tuple[Member, ...]:
        return self.documented.query_members

    @property
    def _json(self) -> bool:
        return self.documented.takes is not None and any(
            media in (JSON, "application/merge-patch+json") for media in self.documented.takes.media
        )


def served(door: Any) -> list[Served]:
    """Everything that a compiled REST door serves."""
    by_path = {(routes.path, verb): routes for routes in door.resources for verb in ("list", "create")}
    by_path |= {(routes.item_path, verb): routes for routes in door.resources for verb in ("read", "update", "replace", "delete")}
    found: list[Served] = []
    for one in door.documented:
        verb: Any = "replace" if one.method == "PUT" and one.operation.verb == "update" else one.operation.verb
        if verb == "call" and one.operation.function is None:
            verb = "account"
        found.append(Served(verb, one, by_path.get((one.path, verb))))
    return found
