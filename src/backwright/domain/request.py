"""What a rule may know of the request: the optional third parameter of a rule."""

from datetime import datetime

import msgspec


class Request(msgspec.Struct, frozen=True, gc=False):
    """The request as a rule sees it: ``def office_hours(row: Order, who: Customer, request: Request) -> bool``."""

    time: datetime
    """When the request came in (UTC, aware)."""
    address: str
    """The client's address, e.g. ``203.0.113.7``."""
    factor: str | None = None
    """How the caller proved who it is, e.g. ``password`` or ``totp``."""
