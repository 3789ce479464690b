"""One call of one operation, as the gate hands it on: who asks, what for, and under which conditions."""

from collections.abc import Callable
from typing import Any

from backwright.domain.access import Isolation
from backwright.domain.request import Request
from backwright.operations.caller import Caller


class Call:
    """What is known of a call besides its inputs."""

    __slots__ = (
        "anonymous_allowed",
        "body_digest",
        "caller",
        "credentials",
        "encode",
        "idempotency_key",
        "if_match",
        "isolation",
        "request",
        "shape",
    )

    def __init__(
        self,
        caller: Caller,
        request: Request,
        *,
        if_match: tuple[int, ...] | None = None,
        idempotency_key: str | None = None,
        body_digest: str = "",
        anonymous_allowed: bool = False,
        credentials: str | None = None,
    ) -> None:
        self.caller = caller
        self.request = request
        self.if_match = if_match
        """The versions that the caller is willing to change; ``None`` if it did not say."""
        self.idempotency_key = idempotency_key
        self.body_digest = body_digest
        """What makes a replay of the same request known: a digest of its operation and input."""
        self.anonymous_allowed = anonymous_allowed
        """Whether ``tx.caller`` may be None."""
        self.encode: Callable[[Any], bytes] | None = None
        """How the door writes a plain result; ``None`` leaves it as it is."""
        self.shape: Any = None
        """How the door shows the entity that a function returns; ``None``: whole, under the kit's own names."""
        self.isolation: Isolation | None = None
        """The level of the operation's transaction, where the database's own will not do."""
        self.credentials = credentials
        """The Authorization header as it came."""

    @property
    def token(self) -> str | None:
        """What stands behind the scheme in the Authorization header."""
        return self.credentials.partition(" ")[2].strip() if self.credentials else None
