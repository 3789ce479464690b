"""access.tokens: what is not a valid access token of ours, of an open session, for now, signs nobody in; a refresh token is good once."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from backwright.domain.refusals import Unauthenticated
from backwright.identity.tokens import Tokens
from backwright.worker.prove.checks.appended import behind_the_app
from backwright.worker.prove.checks.breaches import Breaches
from backwright.worker.prove.faults import Plant
from backwright.worker.prove.rig.able import able
from backwright.worker.prove.rig.patterns import Unmatchable
from backwright.worker.prove.rig.people import Person
from backwright.worker.prove.rig.rig import Rig, brief, on_each
from backwright.worker.prove.rig.seeds import NoRow
from backwright.worker.prove.rig.served import Served
from backwright.worker.prove.standard import Standard
from backwright.worker.prove.target import Target
from backwright.worker.prove.verdict import Finding, not_applicable

PUBLIC_KEY = b"-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n"


def tokens(target: Target) -> Finding:
    """Try every forgery, and tokens that were good once."""
    if not target.load().sign_in:
        return not_applicable("nobody can sign in")
    seen = Breaches()

    async def check(rig: Rig, dialect: str) -> None:
        closed = _closed(rig)
        for one in closed[:6]:
            await _Forgery(rig, seen, one).all()
        if closed:
            await _once_good(rig, seen, closed[0])
        for kind in rig.running.signing.accounts if rig.running.signing else ():
            await _refreshed(rig, seen, kind)

    where = on_each(target, check, rows=3)
    return seen.finding(
        "attempts", "only a valid token of an open session signs anybody in", nothing="no operation asks who is there", where=where
    )


def _closed(rig: Rig) -> list[Served]:
    """The operations that want to know who is there, reading ones first."""
    found = [
        one for one in rig.served if one.operation.rule.needs_caller and able(rig, one) is not None and one.operation.name != "sign_out"
    ]
    return sorted(found, key=lambda one: (one.method != "GET", str(one)))


async def _status(rig: Rig, one: Served, header: str | None) -> int:
    """What an operation answers to an Authorization header; nothing is kept."""
    found = able(rig, one)
    assert found is not None
    try:
        path, query, body = rig.inputs(one, found.who, 60)
    except (NoRow, Unmatchable):
        path, query, body = one.path, [], {}
    path = path if found.row is None else rig.item_path(one, found.row)
    headers = {"if-match": "*"} | ({} if header is None else {"authorization": header})
    with rig.trying(one):
        answer = await rig.ask(one.method, path, json=body, query=query, headers=headers)
    return answer.status


class _Forgery:
    """Forged tokens at one operation."""

    def __init__(self, rig: Rig, seen: Breaches, one: Served) -> None:
        self.rig, self.seen, self.one = rig, seen, one
        self.scheme = rig.app.rest.authorization

    async def all(self) -> None:
        """The good token first: without it nothing would be shown."""
        who = able(self.rig, self.one).who  # type: ignore[union-attr]
        good = who.token or ""
        status = await _status(self.rig, self.one, f"{self.scheme} {good}")
        if not self.seen.expect(status != 401, f"{self.one} does not take a good token"):
            return
        for what, header in (*self.headers(good, who), (None, None)):
            status = await _status(self.rig, self.one, header)
            self.seen.expect(status == 401, f"{self.one} with {what or 'no credentials'} is answered {status}, not 401")

    def headers(self, good: str, who: Person) -> Iterator[tuple[str, str]]:
        """Every Authorization header that must be refused, with its name."""
        for what, token in (*_edited(good), *self.signed_otherwise(who)):
            yield what, f"{self.scheme} {token}"
        yield "an empty token", f"{self.scheme} "
        yield "another scheme", f"Basic {base64.b64encode(b'reader:secret').decode()}"
        yield "no scheme", good
        yield "two tokens", f"{self.scheme} {good} {good}"
        yield "the refresh token", f"{self.scheme} {who.refresh_token}"

    def signed_otherwise(self, who: Person) -> Iterator[tuple[str, str]]:
        """Tokens that were signed properly: for somebody else's audience, by another issuer, by another key, and out of their time."""
        running, now = self.rig.running, self.rig.clock()
        keys = running.settings.keys("access tokens", self.rig.app.folder)
        claims = running.signing.tokens.verify_access(who.token, now)  # type: ignore[union-attr, arg-type]

        def made(maker: Tokens, at: float = now) -> str:
            return maker.issue_access(claims.sub, claims.kind, claims.sid, at)

        yield "another audience", made(Tokens(keys, audience="somebody-else"))
        yield "another issuer", made(Tokens(keys, issuer="somebody-else"))
        yield "another key", made(Tokens([b"k" * 32]))
        yield "an expired token", made(Tokens(keys, lifetime=60), now - 3600)
        yield "a token that expires this second", made(Tokens(keys, lifetime=60), now - 60)
        yield "a token from the future", made(Tokens(keys), now + 3600)
        yield (
            "a token of a session that never was",
            Tokens(keys).issue_access(claims.sub, claims.kind, "0197c0de-0000-7000-8000-0000000000ff", now),
        )
        yield "a token of another class of accounts", Tokens(keys).issue_access(claims.sub, "NoSuchAccount", claims.sid, now)


def _part(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _edited(good: str) -> Iterator[tuple[str, str]]:
    """The good token with its parts changed by somebody who has no key."""
    head, payload, signature = good.split(".")
    header = json.loads(base64.urlsafe_b64decode(head + "=="))
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    for none in ("none", "None", "NONE", "nOnE"):
        yield f"alg {none}", f"{_part({**header, 'alg': none})}.{payload}."
        yield f"alg {none} and the old signature", f"{_part({**header, 'alg': none})}.{payload}.{signature}"
    yield "no algorithm", f"{_part({k: v for k, v in header.items() if k != 'alg'})}.{payload}.{signature}"
    for alg in ("RS256", "ES256", "Ed25519", "HS384"):
        yield f"alg {alg}", f"{_part({**header, 'alg': alg})}.{payload}.{signature}"
    for what, key in (
        ("a public key", PUBLIC_KEY),
        ("an empty key", b""),
        ("the key's id", str(header.get("kid", "")).encode()),
        ("a guessed key", b"secret"),
    ):
        yield f"signed with {what}", _signed(header, claims, key)
    octets = {"kty": "oct", "k": _part(b"x" * 32)}
    yield "a key it brings itself", _signed({**header, "jwk": octets}, claims, b"x" * 32)
    yield "a key's address", _signed({**header, "jku": "https://keys.example/1"}, claims, b"x" * 32)
    yield "a critical extension", f"{_part({**header, 'crit': ['exp']})}.{payload}.{signature}"
    yield "another subject", f"{head}.{_part({**claims, 'sub': '0197c0de-0000-7000-8000-0000000000ff'})}.{signature}"
    yield "a later expiry", f"{head}.{_part({**claims, 'exp': claims['exp'] + 10**6})}.{signature}"
    middle = len(signature) // 2
    yield "a changed signature", f"{head}.{payload}.{signature[:middle]}{'A' if signature[middle] != 'A' else 'B'}{signature[middle + 1 :]}"
    yield "half a signature", f"{head}.{payload}.{signature[:middle]}"
    yield "no signature", f"{head}.{payload}."
    yield "two parts", f"{head}.{payload}"
    yield "something else", "0" * 40


def _signed(header: dict[str, Any], claims: dict[str, Any], key: bytes) -> str:
    text = f"{_part({**header, 'alg': 'HS256'})}.{_part(claims)}"
    return f"{text}.{_part(hmac.new(key, text.encode(), hashlib.sha256).digest())}"


async def _once_good(rig: Rig, seen: Breaches, one: Served) -> None:
    """Tokens that were good: after sign-out, after their time, and when sent where no credentials belong."""
    scheme, signing = rig.app.rest.authorization, rig.running.signing
    assert signing is not None
    account = able(rig, one).who.account  # type: ignore[union-attr]
    kind: type[Any] = type(account)  # pyright: ignore[reportUnknownVariableType]
    away, late = await rig.sign_in(account, "away"), await rig.sign_in(account, "late")
    seen.expect(await _status(rig, one, f"{scheme} {away.token}") != 401, f"{one} does not take a fresh token")
    out = next((o for o in rig.served if o.operation.name == "sign_out"), None)
    if out is not None:
        answer = await rig.ask(out.method, out.path, who=away)
        seen.expect(answer.status == out.status, f"{out} is answered {brief(answer)}")
    else:
        claims = signing.tokens.verify_access(away.token or "", rig.clock())
        await signing.sessions.revoke(UUID(claims.sid), rig.clock())
    seen.expect(await _status(rig, one, f"{scheme} {away.token}") == 401, f"{one} takes a token after its session was ended")
    await _refused(rig, seen, kind, away.refresh_token or "", "a refresh token after sign-out")
    beside = await rig.ask(
        one.method, one.path, query=[("access_token", late.token or "")], headers={"cookie": f"access_token={late.token}"}
    )
    seen.expect(beside.status in (400, 401), f"{one} with the token in the address is answered {beside.status}")
    rig.clock.advance(seconds=signing.tokens.lifetime + 1)
    seen.expect(await _status(rig, one, f"{scheme} {late.token}") == 401, f"{one} takes a token after its time")


async def _refreshed(rig: Rig, seen: Breaches, kind: type[Any]) -> None:
    """A refresh token is exchanged once; used again, it ends the session for whoever has its successor, too."""
    who = next((p for p in rig.signed_in if type(p.account) is kind), None)
    if who is None or rig.running.signing is None:
        return
    person = await rig.sign_in(who.account, "refreshing")
    accounts = rig.running.signing.accounts[kind]
    second = await accounts.refresh(person.refresh_token or "", rig.clock())
    seen.expect(second.refresh_token != person.refresh_token, "refreshing gives the same refresh token again")
    await _refused(rig, seen, kind, person.refresh_token or "", "a refresh token used twice")
    await _refused(rig, seen, kind, second.refresh_token, "the successor of a refresh token that was used twice")
    await _refused(rig, seen, kind, (person.refresh_token or "")[:-4] + "AAAA", "a changed refresh token")
    await _refused(rig, seen, kind, second.access_token, "an access token as refresh token")
    later = await rig.sign_in(who.account, "later")
    rig.clock.advance(days=400)
    await _refused(rig, seen, kind, later.refresh_token or "", "a refresh token of a session that is over")


async def _refused(rig: Rig, seen: Breaches, kind: type[Any], token: str, what: str) -> None:
    assert rig.running.signing is not None
    try:
        await rig.running.signing.accounts[kind].refresh(token, rig.clock())
    except Unauthenticated:
        seen.expect(True, what)
    else:
        seen.expect(False, f"{what} is exchanged for new tokens")


_NO_EXPIRY = """
# planted: expiry is not looked at
from backwright.domain.refusals import Unauthenticated as _Unauthenticated
from backwright.identity.tokens import Tokens as _Tokens
_verify = _Tokens.verify_access
def _late(self, token, now):
    try:
        return _verify(self, token, now)
    except _Unauthenticated as refused:
        if refused.reason == "expired":
            return self._verified(token, now)
        raise
_Tokens.verify_access = _late
"""
_UNSIGNED = """
# planted: the signature is not looked at
import base64 as _base64
from backwright.identity.tokens import Tokens as _Tokens
_Tokens._verified = lambda self, token, now: self._decode(_base64.urlsafe_b64decode(token.split(".")[1] + "=="))
"""
_UNREVOKED = """
# planted: an ended session stays open
from backwright.identity.sessions import Sessions as _Sessions
async def _open(self, session_id, now):
    return True
_Sessions.is_open = _open
"""

PLANTS = (
    Plant("expiry-ignored", "access.tokens", "expired tokens are taken", behind_the_app(_NO_EXPIRY)),
    Plant("signature-ignored", "access.tokens", "unsigned tokens are taken", behind_the_app(_UNSIGNED)),
    Plant("sign-out-ignored", "access.tokens", "tokens outlive the sign-out", behind_the_app(_UNREVOKED)),
)

TOKENS = Standard(
    id="access.tokens",
    sentence="Only a valid token of an open session signs anybody in, and a refresh token is good once.",
    why="Whoever can make or keep a token is whoever he says he is.",
    check=tokens,
    plants=PLANTS,
)
