"""Domain events: what happened, as typed values. They are written to the outbox in the transaction that made them happen."""

from typing import dataclass_transform

import msgspec


@dataclass_transform(kw_only_default=True, frozen_default=True)
class _EventMeta(msgspec.StructMeta):
    def __new__(mcls, name: str, bases: tuple[type, ...], namespace: dict[str, object]) -> type:
        return super().__new__(mcls, name, bases, namespace, kw_only=True, frozen=True)


class Event(msgspec.Struct, metaclass=_EventMeta):
    """Something that happened, e.g. ``class OrderPlaced(Event): order: Id[Order]``. Emit it with ``tx.emit(OrderPlaced(order=order.id))``.

    It becomes a message exactly if the transaction commits.
    """
