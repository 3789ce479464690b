"""Idempotency keys (draft-ietf-httpapi-idempotency-key-header): a repeated request gets the stored answer and has no second effect.

The claim is a row of the operation's own transaction, so there is an answer exactly if there was an effect.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import msgspec

from backwright.data.engines.engine import Session
from backwright.data.plans import Plans
from backwright.data.sql.kinds import encoder, loader
from backwright.data.sql.shapes import quoted
from backwright.domain.entity import Entity, index
from backwright.domain.fields import Limits, Unique
from backwright.domain.refusals import KeyReused
from backwright.operations.answers import Html, Json, Redirect, Text
from backwright.operations.call import Call
from backwright.operations.reply import Reply
from backwright.operations.results import loose


class IdempotencyClaim(Entity, table="backwright_idempotency", stamps=False, versioned=False):
    """One key that was used, and the answer it got."""

    scope: Unique[Annotated[str, Limits(max_length=64)]]
    digest: str
    claimed_at: datetime
    answer: str | None = None

    @index()
    def age(self) -> object:
        return self.claimed_at


def scope(call: Call, operation: str) -> str:
    """One caller's key for one operation; callers cannot meet in it, and the key itself is not stored."""
    who = call.caller.key or f"address:{call.request.address}"
    return hashlib.sha256(f"{who}\n{operation}\n{call.idempotency_key}".encode()).hexdigest()


ANSWERS: dict[str, Any] = {"Json": Json, "Text": Text, "Redirect": Redirect, "Html": Html}


def pack(reply: Reply) -> str:
    """A reply as text. Files, streams and templates cannot be kept; their routes take no key."""
    kind = type(reply.value).__name__
    packed = {
        "text": reply.text, "version": reply.version, "id": None if reply.id is None else str(reply.id), "value": reply.value,
        "items": reply.items, "answer": kind if kind in ANSWERS else None,
    }  # fmt: skip
    return msgspec.json.encode({name: value for name, value in packed.items() if value is not None}, enc_hook=loose).decode()


def unpack(text: str) -> Reply:
    """The reply of `pack`."""
    stored: dict[str, Any] = msgspec.json.decode(text)
    value = stored.get("value")
    if (answer := ANSWERS.get(stored.get("answer", ""))) is not None:
        value = msgspec.convert(value, answer)
    return Reply(text=stored.get("text"), version=stored.get("version"), id=stored.get("id"), value=value, items=stored.get("items"))


def _same(value: Any) -> Any:
    return value


class Claims:
    """Claims keys inside transactions."""

    def __init__(self, plans: Plans) -> None:
        entity = plans[IdempotencyClaim]
        sign = "$" if plans.dialect == "postgresql" else "?"
        table = quoted(entity.model.table)
        claimed_at = entity.model.by_name["claimed_at"]
        self._moment: Callable[[Any], Any] = encoder(claimed_at, plans.dialect) or _same
        self._id: Callable[[Any], Any] = encoder(entity.model.id, plans.dialect) or _same
        self._load = loader(claimed_at, plans.dialect)
        self._insert = (
            f'INSERT INTO {table} ("id", "scope", "digest", "claimed_at") VALUES ({sign}1, {sign}2, {sign}3, {sign}4) '
            'ON CONFLICT ("scope") DO NOTHING'
        )
        self._select = f'SELECT "digest", "answer" FROM {table} WHERE "scope" = {sign}1'
        self._answer = f'UPDATE {table} SET "answer" = {sign}2 WHERE "scope" = {sign}1'
        self.forget = f'DELETE FROM {table} WHERE "claimed_at" < {sign}1'

    async def claim(self, session: Session, key: str, digest: str, id: Any, now: datetime) -> Reply | None:
        """None if the key is new; else the stored reply. Waits for a claim under way. Raises `KeyReused` for another request's key."""
        if await session.run(self._insert, (self._id(id), key, digest, self._moment(now))) == 1:
            return None
        rows = await session.rows(self._select, (key,))
        if not rows or rows[0][0] != digest or rows[0][1] is None:
            raise KeyReused()
        return unpack(rows[0][1])

    async def answer(self, session: Session, key: str, reply: Reply) -> None:
        """Store the answer with the claim."""
        await session.run(self._answer, (key, pack(reply)))

    def cutoff(self, before: datetime) -> Any:
        """The parameter of `forget`."""
        return self._moment(before)
