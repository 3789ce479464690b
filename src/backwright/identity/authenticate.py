"""From an Authorization header to a caller. A token is verified once; who stands behind it is read again every second.

What that weakens, and by how much: a sign-out, a revocation or a change of the account made by *this* process holds at once
(`forget_session`, `forget_account`); one made by another process, or by hand in the database, holds after `freshness` seconds at the
latest. A token never outlives its expiry.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence

from backwright.domain.entity import Entity
from backwright.domain.refusals import Unauthenticated
from backwright.identity.tokens import Claims, Tokens
from backwright.operations.caller import Caller, pseudonym

Load = Callable[[Claims, float], Awaitable[Entity | None]]
"""The account that claims stand for, or None if the account is gone or its session has ended; the time is Unix seconds."""


def authenticated(account: Entity) -> str:
    """The tier of every account, unless the app says otherwise."""
    return "authenticated"


class _Entry:
    """What is known about one header."""

    __slots__ = ("caller", "claims", "read_at", "until")

    def __init__(self, claims: Claims, caller: Caller, read_at: float, until: float) -> None:
        self.claims, self.caller, self.read_at, self.until = claims, caller, read_at, until


class Authenticator:
    """Turns the value of an Authorization header into a `Caller`.

    `freshness` is in seconds; at most `capacity` headers are remembered, about 2 kB each. `schemes` are the words accepted before the
    token; the first is named in challenges.
    """

    def __init__(
        self, tokens: Tokens, load: Load, *, schemes: Sequence[str] = ("Bearer",), freshness: float = 1.0, capacity: int = 10_000,
        tier_of: Callable[[Entity], str] = authenticated, realm: str = "backwright",
    ) -> None:  # fmt: skip
        self._tokens, self._load, self._freshness, self._capacity, self._tier_of = tokens, load, freshness, capacity, tier_of
        self._schemes = tuple(scheme.lower() for scheme in schemes)
        self._challenge = f'{schemes[0]} realm="{realm}"'
        self._known: OrderedDict[str, _Entry] = OrderedDict()
        self._headers: dict[str, set[str]] = {}
        self._running: dict[str, asyncio.Task[Caller]] = {}
        self._changes = 0

    def known(self, header: str, now: float, /) -> Caller | None:
        """The caller, if this very header was authenticated within the last `freshness` seconds; None: ask `authenticate`. The hot path."""
        entry = self._known.get(header)
        return entry.caller if entry is not None and entry.read_at <= now < entry.until else None

    async def authenticate(self, header: str, now: float, /) -> Caller:
        """The caller behind a header (`now` in Unix seconds). Requests side by side with one header share one look at the database.

        Raises `Unauthenticated` with the reason ``malformed``, ``invalid``, ``expired`` or ``revoked``.
        """
        task = self._running.get(header)
        if task is None:
            claims = self._claims(header, now)
            task = self._running[header] = asyncio.ensure_future(self._look(header, claims, now))
            task.add_done_callback(lambda ended: self._ended(header, ended))
        return await asyncio.shield(task)  # one caller who goes away does not fail the others

    def challenge(self, reason: str) -> str:
        """The WWW-Authenticate value for a refusal with this reason (RFC 6750, 3)."""
        if reason in ("missing", "credentials"):
            return self._challenge
        if reason == "malformed":
            return f'{self._challenge}, error="invalid_request", error_description="The Authorization header cannot be read"'
        told = "expired" if reason == "expired" else "not valid"
        return f'{self._challenge}, error="invalid_token", error_description="The access token is {told}"'

    def forget_session(self, session_id: object) -> None:
        """A session has ended: its tokens are looked up anew, and refused."""
        self._forget(f"session:{session_id}")

    def forget_account(self, kind: str, account_id: object) -> None:
        """An account was changed or deleted: it is read again before it is believed."""
        self._forget(f"{kind}:{account_id}")

    def _claims(self, header: str, now: float, /) -> Claims:
        entry = self._known.get(header)
        if entry is None:
            return self._tokens.verify_access(self._token(header), now)
        if entry.claims.exp <= now:
            self._drop(header)
            raise Unauthenticated(reason="expired")
        return entry.claims

    def _token(self, header: str) -> str:
        scheme, _, token = header.strip().partition(" ")
        token = token.strip()
        if scheme.lower() not in self._schemes or not token or not token.isascii() or " " in token:
            raise Unauthenticated(reason="malformed")
        return token

    async def _look(self, header: str, claims: Claims, now: float) -> Caller:
        changes = self._changes
        account = await self._load(claims, now)
        if account is None:
            self._drop(header)
            raise Unauthenticated(reason="revoked")
        tier, hidden = self._tier_of(account), pseudonym(claims.kind, claims.sub)
        caller = Caller.of(account, tier=tier, session_id=claims.sid, factor=claims.factor, pseudonym=hidden)
        if changes == self._changes:  # else what was read may be older than the change
            self._remember(header, _Entry(claims, caller, now, min(now + self._freshness, claims.exp)))
        return caller

    def _ended(self, header: str, task: "asyncio.Task[Caller]") -> None:
        if self._running.get(header) is task:
            del self._running[header]
        if not task.cancelled():
            task.exception()  # seen, even if nobody waits any more

    def _remember(self, header: str, entry: _Entry) -> None:
        if header not in self._known:
            for group in _groups(entry.claims):
                self._headers.setdefault(group, set()).add(header)
            if len(self._known) >= self._capacity:
                self._drop(next(iter(self._known)))
        self._known[header] = entry
        self._known.move_to_end(header)

    def _drop(self, header: str) -> None:
        entry = self._known.pop(header, None)
        for group in _groups(entry.claims) if entry else ():
            headers = self._headers.get(group)
            if headers is not None:
                headers.discard(header)
                if not headers:
                    del self._headers[group]

    def _forget(self, group: str) -> None:
        self._changes += 1
        self._running.clear()  # whoever asks from now on does not join a look that began before
        for header in tuple(self._headers.get(group, ())):
            self._drop(header)


def _groups(claims: Claims) -> tuple[str, str]:
    return f"session:{claims.sid}", f"{claims.kind}:{claims.sub}"
