"""Opaque cursors for keyset pages: the last row's key values, sealed to the order they belong to."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from hashlib import blake2s
from typing import Any

import msgspec

from backwright.domain.refusals import Malformed, Problem

_SEAL = 8
_LONGEST = 4096


class CursorCodec:
    """Encodes and decodes the cursors of one order. ``context`` names the list and its order; a cursor of another one is refused."""

    def __init__(self, secret: bytes, context: str, types: Sequence[Any]) -> None:
        self._seal = blake2s(context.encode(), key=blake2s(secret).digest(), digest_size=_SEAL)
        values: Any = tuple.__class_getitem__(tuple(kind | None for kind in types))
        self._read = msgspec.msgpack.Decoder(values).decode
        self._write = msgspec.msgpack.Encoder(enc_hook=_refuse).encode

    def _sealed(self, payload: bytes) -> bytes:
        seal = self._seal.copy()
        seal.update(payload)
        return seal.digest()

    def encode(self, values: Sequence[Any]) -> str:
        """The cursor that continues after these key values; URL-safe."""
        payload = self._write(tuple(values))
        return urlsafe_b64encode(self._sealed(payload) + payload).rstrip(b"=").decode()

    def decode(self, cursor: str) -> tuple[Any, ...]:
        """The key values. Raises `Malformed` for anything that `encode` of this order has not made."""
        try:
            if len(cursor) > _LONGEST:
                raise ValueError
            text = cursor.encode("ascii")
            raw = urlsafe_b64decode(text + b"=" * (-len(text) % 4))
            seal, payload = raw[:_SEAL], raw[_SEAL:]
            if not hmac.compare_digest(seal, self._sealed(payload)) or urlsafe_b64encode(raw).rstrip(b"=") != text:
                raise ValueError
            found: tuple[Any, ...] = self._read(payload)
        except (ValueError, msgspec.DecodeError):
            detail = "is not a cursor of this list and order; start again without it"
            raise Malformed(problems=(Problem(detail, parameter="cursor", code="cursor"),)) from None
        return found


def _refuse(value: Any) -> Any:
    raise TypeError(f"{type(value).__name__} cannot be a cursor's key")
