"""Sign-in sessions and their refresh tokens: opaque, stored hashed, replaced at each use; one used twice ends its session.

A refresh token is 68 bytes in base64url: the session's id, a generation number, 256 random bits, and 128 bits of HMAC-SHA-256 over them.
The random bits make it unguessable, and only a SHA-256 is stored, so a stolen database signs nobody in. The HMAC tells an old token of
ours from an invented one, however old: an old one was copied, and ends the session for thief and owner alike (RFC 9700, 4.14); an
invented one ends nothing. There is no grace for an answer that got lost: the client signs in again. (A grace would have to hand out a
second successor, and with it the thief's.)
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from backwright.data.engines.engine import Engine
from backwright.data.ids import new_uuid
from backwright.data.sql.kinds import encoder, loader
from backwright.data.sql.text import numbered
from backwright.domain.entity import Entity, index
from backwright.domain.fields import Secret
from backwright.domain.model import build_model
from backwright.domain.refusals import Unauthenticated
from backwright.observe.events import Observer, TokenReused, ignore
from backwright.operations.caller import pseudonym

LENGTH: Final = 91
"""Characters of a refresh token."""


class SignInSession(Entity, table="backwright_session", stamps=False, versioned=False):
    """One sign-in, from the password to the sign-out: a family of refresh tokens of which one is valid at a time."""

    account: str
    """The account's id as text, whatever its type."""
    kind: str
    """The name of the account's class."""
    factor: str
    generation: int
    """How often it was refreshed."""
    token_hash: Secret[str]
    started_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None

    @index()
    def of_account(self) -> object:
        return self.account, self.kind

    @index()
    def by_expiry(self) -> object:
        return self.expires_at


class Opened(msgspec.Struct, frozen=True):
    """A session together with the one refresh token that is valid for it now."""

    id: UUID
    account: str
    kind: str
    factor: str
    refresh_token: str
    expires_at: datetime


_INSERT = """INSERT INTO "backwright_session"
("id", "account", "kind", "factor", "generation", "token_hash", "started_at", "expires_at") VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
RETURNING "id" """
_ROTATE = """UPDATE "backwright_session" SET "generation" = "generation" + 1, "token_hash" = $1
WHERE "id" = $2 AND "generation" = $3 AND "token_hash" = $4 AND "revoked_at" IS NULL AND "expires_at" > $5
RETURNING "account", "kind", "factor", "expires_at" """
_REVOKE = """UPDATE "backwright_session" SET "revoked_at" = $1 WHERE "id" = $2 AND "revoked_at" IS NULL RETURNING "account", "kind" """
_REVOKE_OLD = """UPDATE "backwright_session" SET "revoked_at" = $1 WHERE "id" = $2 AND "generation" > $3 AND "revoked_at" IS NULL
RETURNING "account", "kind" """
_REVOKE_ALL = """UPDATE "backwright_session" SET "revoked_at" = $1 WHERE "account" = $2 AND "kind" = $3 AND "revoked_at" IS NULL
RETURNING "id" """
_VALID = """SELECT "expires_at" FROM "backwright_session" WHERE "id" = $1 AND "revoked_at" IS NULL AND "expires_at" > $2"""
_CLEAN = """DELETE FROM "backwright_session" WHERE "expires_at" < $1 RETURNING "id" """


class Sessions:
    """The sessions in one database. Times are Unix seconds; `lifetime` is counted from the sign-in, however often it is refreshed.

    `keys` are bytes of at least 32; the first makes new tokens, the others are still accepted. `revoked` is called with the id of each
    session that ends here, so that what is cached about it can be dropped.
    """

    def __init__(
        self, engine: Engine, keys: Sequence[bytes], *, lifetime: timedelta = timedelta(days=30), observer: Observer = ignore,
        revoked: Callable[[UUID], None] = lambda session_id: None, new_id: Callable[[], UUID] = new_uuid,
    ) -> None:  # fmt: skip
        if not keys or any(len(key) < 32 for key in keys):
            raise ValueError("refresh tokens need a key of at least 32 bytes.")
        self.lifetime = lifetime
        self._engine, self._keys, self._observer, self._revoked, self._new_id = engine, tuple(keys), observer, revoked, new_id
        model = build_model([SignInSession])[SignInSession]
        self._id = encoder(model.id, engine.dialect) or _as_is
        self._time = encoder(model.by_name["expires_at"], engine.dialect) or _as_is
        self._read_id = loader(model.id, engine.dialect) or _as_is
        self._read_time = loader(model.by_name["expires_at"], engine.dialect) or _as_is

    async def open(self, account: object, kind: str, now: float, *, factor: str = "password") -> Opened:
        """Begin a session. Raises `DataError`."""
        session_id, ends = self._new_id(), _moment(now) + self.lifetime
        token, digest = self._make(session_id, 0)
        row = (self._id(session_id), str(account), kind, factor, 0, digest, self._time(_moment(now)), self._time(ends))
        await self._write(_INSERT, *row)
        return Opened(session_id, str(account), kind, factor, token, ends)

    async def refresh(self, token: str, now: float) -> Opened:
        """Exchange a refresh token for the next one. Raises `Unauthenticated` (``invalid``); a token used before ends the session, too."""
        session_id, generation, digest = self._read(token)
        successor, new_digest = self._make(session_id, generation + 1)
        moment = self._time(_moment(now))
        if rows := await self._write(_ROTATE, new_digest, self._id(session_id), generation, digest, moment):
            account, kind, factor, ends = rows[0]
            return Opened(session_id, account, kind, factor, successor, self._read_time(ends))
        if rows := await self._write(_REVOKE_OLD, moment, self._id(session_id), generation):
            self._revoked(session_id)
            self._observer(TokenReused(pseudonym(rows[0][1], rows[0][0]), str(session_id)))
        raise Unauthenticated(reason="invalid")

    async def is_open(self, session_id: UUID, now: float) -> bool:
        """Whether the session is neither revoked nor expired."""
        return bool(await self._engine.rows(self._sql(_VALID), (self._id(session_id), self._time(_moment(now)))))

    async def revoke(self, session_id: UUID, now: float) -> bool:
        """End one session (sign-out). False if it had ended before."""
        rows = await self._write(_REVOKE, self._time(_moment(now)), self._id(session_id))
        self._revoked(session_id)
        return bool(rows)

    async def revoke_token(self, token: str, now: float) -> bool:
        """End the session of a refresh token, whichever of its generations (RFC 7009). False if it had ended before or is none of ours."""
        try:
            session_id, _, _ = self._read(token)
        except Unauthenticated:
            return False
        return await self.revoke(session_id, now)

    async def revoke_all(self, account: object, kind: str, now: float) -> int:
        """End every session of an account, e.g. after its password was changed. Returns how many there were."""
        rows = await self._write(_REVOKE_ALL, self._time(_moment(now)), str(account), kind)
        for row in rows:
            self._revoked(self._read_id(row[0]))
        return len(rows)

    async def clean(self, now: float) -> int:
        """Delete the sessions that have expired. Returns how many."""
        return len(await self._write(_CLEAN, self._time(_moment(now))))

    def _make(self, session_id: UUID, generation: int) -> tuple[str, str]:
        body = session_id.bytes + generation.to_bytes(4) + secrets.token_bytes(32)
        token = base64.urlsafe_b64encode(body + _seal(self._keys[0], body)).rstrip(b"=").decode()
        return token, _digest(body)

    def _read(self, token: str) -> tuple[UUID, int, str]:
        try:
            raw = base64.b64decode(token + "=", altchars=b"-_", validate=True) if len(token) == LENGTH else b""
        except ValueError:
            raw = b""
        body, seal = raw[:52], raw[52:]
        if len(raw) != 68 or not any(hmac.compare_digest(_seal(key, body), seal) for key in self._keys):
            raise Unauthenticated(reason="invalid")
        return UUID(bytes=body[:16]), int.from_bytes(body[16:20]), _digest(body)

    async def _write(self, sql: str, *args: Any) -> Sequence[Sequence[Any]]:
        return await self._engine.write(self._sql(sql), args)

    def _sql(self, sql: str) -> str:
        return numbered(sql, self._engine.dialect)


def _as_is(value: Any) -> Any:
    return value


def _seal(key: bytes, body: bytes) -> bytes:
    return hmac.digest(key, body, "sha256")[:16]


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _moment(now: float) -> datetime:
    return datetime.fromtimestamp(now, UTC)
