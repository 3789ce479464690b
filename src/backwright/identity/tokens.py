"""Access tokens: signed, short-lived, ours. The one wrapper over joserfc, which by itself checks neither expiry nor key length.

Every token of one key begins with the same header, letter by letter. So the header of a token that comes in is not interpreted but looked
up: ``alg: none``, another algorithm, ``crit``, ``jku``, an embedded key or a foreign ``kid`` are refused before any of it is believed.
"""

import hashlib
import secrets
from collections.abc import Callable, Sequence
from typing import Any, Literal

import msgspec

from backwright.domain.refusals import Unauthenticated

Algorithm = Literal["HS256", "Ed25519"]
LONGEST = 2_048
"""A token of ours has about 400 characters; a longer one is refused unread."""
SHORTEST_KEY = 32
"""Bytes of an HS256 key, as many as the hash has (RFC 7518, 3.2)."""

SKEW = 30
"""Seconds by which the clock of another machine of ours may be ahead when it issues a token. Expiry has no such grace."""


class Claims(msgspec.Struct, frozen=True):
    """What a valid access token says."""

    sub: str
    """The account's id, as text."""
    kind: str
    """The name of the account's class."""
    sid: str
    """The sign-in session."""
    exp: int
    """Unix seconds after which it is no longer valid."""
    iat: int
    factor: str = "password"


class _Payload(Claims, frozen=True, kw_only=True, omit_defaults=True):
    iss: str
    aud: str
    typ: str
    jti: str
    nbf: int | None = None


class _Refused(Exception):
    """A token is not valid; the reason is for tests and the debugger, never for the client."""


class Tokens:
    """Issues and verifies access tokens.

    `keys` are bytes of at least 32 (HS256) or PEM texts (Ed25519, RFC 8037: private, or public for keys that only verify). The first one
    signs; tokens of the others are still accepted, so that a key can be changed without signing anybody out. `lifetime` is in seconds.
    """

    def __init__(
        self, keys: Sequence[bytes | str], *, algorithm: Algorithm = "HS256", issuer: str = "backwright", audience: str = "backwright",
        lifetime: int = 15 * 60,
    ) -> None:  # fmt: skip
        """Raises ``ValueError`` if a key does not fit the algorithm, or none is given."""
        if not keys:
            raise ValueError("no key to sign access tokens with: give at least one.")
        self.lifetime = lifetime
        self._issuer, self._audience, self._algorithm = issuer, audience, algorithm
        self._keys = [_key(key, algorithm) for key in keys]
        if algorithm == "Ed25519" and not self._keys[0].is_private:
            raise ValueError("the first key signs: give a private one first.")
        self._ids = [_key_id(key) for key in keys]
        self._by_header = {self._header(name): key for name, key in zip(self._ids, self._keys, strict=True)}
        self._sign, self._open = _library(algorithm)
        self._decode = msgspec.json.Decoder(_Payload).decode

    def issue_access(self, account_id: object, kind: str, session_id: object, now: float, *, factor: str = "password") -> str:
        """A token for one account and session, valid for `lifetime` seconds from `now` (Unix time)."""
        payload = _Payload(
            sub=str(account_id), kind=kind, sid=str(session_id), factor=factor, iat=int(now), exp=int(now) + self.lifetime,
            iss=self._issuer, aud=self._audience, typ="access", jti=secrets.token_urlsafe(9),
        )  # fmt: skip
        body = msgspec.json.encode(payload)
        return self._sign({"alg": self._algorithm, "kid": self._ids[0], "typ": "at+jwt"}, body, self._keys[0])

    def verify_access(self, token: str, now: float) -> Claims:
        """What a token says. Raises `Unauthenticated` with the reason ``expired`` or ``invalid``."""
        try:
            claims = self._verified(token, now)
        except _Refused:
            raise Unauthenticated(reason="invalid") from None
        if claims.exp <= now:
            raise Unauthenticated(reason="expired")
        return claims

    def _verified(self, token: str, now: float) -> _Payload:
        if len(token) > LONGEST or not token.isascii():
            raise _Refused("too long, or not ASCII")
        key = self._by_header.get(token.partition(".")[0])
        if key is None:
            raise _Refused("not a header of ours")
        try:
            claims = self._decode(self._open(token, key))
        except (msgspec.ValidationError, msgspec.DecodeError) as error:
            raise _Refused("claims missing or of the wrong type") from error
        if claims.iss != self._issuer or claims.aud != self._audience or claims.typ != "access":
            raise _Refused("not meant for us")
        if max(claims.iat, claims.nbf or 0) > now + SKEW:
            raise _Refused("from the future")
        return claims

    def _header(self, key_id: str) -> str:
        from joserfc.util import urlsafe_b64encode

        return urlsafe_b64encode(msgspec.json.encode({"alg": self._algorithm, "kid": key_id, "typ": "at+jwt"})).decode()


def _key(key: bytes | str, algorithm: Algorithm) -> Any:
    from joserfc.jwk import OctKey, OKPKey

    if algorithm == "HS256":
        raw = key.encode() if isinstance(key, str) else key
        if len(raw) < SHORTEST_KEY:
            raise ValueError(f"a key for HS256 has {SHORTEST_KEY} bytes or more; this one has {len(raw)}.")
        if raw.lstrip().startswith((b"-----BEGIN", b"ssh-")):
            raise ValueError("this is the text of an asymmetric key; HS256 takes random bytes (or choose algorithm='Ed25519').")
        return OctKey.import_key(raw)
    return OKPKey.import_key(key)


def _key_id(key: bytes | str) -> str:
    raw = key.encode() if isinstance(key, str) else key
    return hashlib.sha256(b"backwright key id\0" + raw).hexdigest()[:16]


def _library(algorithm: Algorithm) -> tuple[Callable[[dict[str, str], bytes, Any], str], Callable[[str, Any], bytes]]:
    """The two functions of joserfc that are used, with the algorithm fixed."""
    from joserfc import jws
    from joserfc.errors import JoseError

    registry = jws.JWSRegistry(algorithms=[algorithm])

    def sign(header: dict[str, str], payload: bytes, key: Any) -> str:
        return jws.serialize_compact(dict(header), payload, key, registry=registry)

    def open_(token: str, key: Any) -> bytes:
        try:
            return jws.deserialize_compact(token, key, registry=registry).payload
        except (JoseError, ValueError) as error:
            raise _Refused(repr(error)) from error

    return sign, open_
