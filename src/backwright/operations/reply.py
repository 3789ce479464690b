"""What an operation gives back to its door: a representation written by the database, a page of them, or a plain value. Pure."""

from collections.abc import Sequence
from typing import Any


class Reply:
    """One result. Exactly one of `text`, `items` and `value` is used; ``None`` in all means that there is nothing to show."""

    __slots__ = ("id", "items", "keys", "more", "text", "total", "value", "version")

    def __init__(
        self,
        *,
        text: str | None = None,
        version: int | None = None,
        id: Any = None,
        items: Sequence[str] | None = None,
        keys: Sequence[Any] | None = None,
        more: bool = False,
        total: int | None = None,
        value: Any = None,
    ) -> None:
        self.text = text
        """One representation, as JSON text."""
        self.version = version
        """Its version, for the ETag."""
        self.id = id
        """Its id, for the Location."""
        self.items = items
        """A page of representations."""
        self.keys = keys
        """The sort keys of the page's last row, for the cursor."""
        self.more = more
        """Whether there are rows behind this page."""
        self.total = total
        """How many rows the whole list has, if it was asked for."""
        self.value = value
        """What a user's function returned, if it is no entity."""


NOTHING = Reply()
