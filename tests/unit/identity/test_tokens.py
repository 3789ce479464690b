"""Access tokens: what is ours is accepted, and every known attack is refused."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import OKPKey

from backwright.domain.refusals import Unauthenticated
from backwright.identity.tokens import Tokens

KEY, OLD, NOW = b"k" * 31 + b"1", b"o" * 32, 1_795_298_100.0
TOKENS = Tokens([KEY, OLD])
GOOD = TOKENS.issue_access("42", "Customer", "s-1", NOW)


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def part(token: str, number: int) -> dict[str, Any]:
    text = token.split(".")[number]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return found


def forged(header: dict[str, Any] | str, claims: dict[str, Any], key: bytes = KEY) -> str:
    """A token rightly signed with HMAC-SHA-256, whatever its header says. A text is taken as the header's own segment."""
    head = header if isinstance(header, str) else b64(json.dumps(header, separators=(",", ":")).encode())
    body = f"{head}.{b64(json.dumps(claims).encode())}"
    return f"{body}.{b64(hmac.digest(key, body.encode(), 'sha256'))}"


def reason(token: str, tokens: Tokens = TOKENS, now: float = NOW) -> str:
    with pytest.raises(Unauthenticated) as refused:
        tokens.verify_access(token, now)
    return refused.value.reason


def changed(**claims: Any) -> dict[str, Any]:
    return {name: value for name, value in {**part(GOOD, 1), **claims}.items() if value is not None}


OUR_HEADER = GOOD.split(".")[0]


@given(st.text(min_size=1, max_size=40), st.text(max_size=40), st.uuids(), st.floats(1, 4e9))
def test_what_is_issued_is_understood(account: str, kind: str, session: Any, now: float) -> None:
    """A token says who, of which class, in which session, and until when."""
    claims = TOKENS.verify_access(TOKENS.issue_access(account, kind, session, now), now)

    assert (claims.sub, claims.kind, claims.sid) == (account, kind, str(session)) and claims.exp == int(now) + 900


def test_our_own_forgery_is_accepted() -> None:
    """The helper that signs forgeries signs rightly: else the tests below would prove nothing."""
    assert TOKENS.verify_access(forged(OUR_HEADER, changed()), NOW).sub == "42"


def test_an_expired_token() -> None:
    """From the second it expires a token is refused, and the reason says so."""
    assert reason(GOOD, now=NOW + 900) == "expired"
    assert TOKENS.verify_access(GOOD, NOW + 899).sub == "42"


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", "HS384", "HS512", "RS256", "ES256", "EdDSA", "Ed25519", ""])
def test_another_algorithm(alg: str) -> None:
    """No algorithm but ours is accepted, with a right signature or without one."""
    header = {"alg": alg, "kid": part(GOOD, 0)["kid"], "typ": "at+jwt"}
    token = forged(header, changed())

    assert reason(token) == "invalid" and reason(token.rpartition(".")[0] + ".") == "invalid"


@pytest.mark.parametrize(
    "extra",
    [
        {"crit": ["exp"]}, {"crit": ["b64"], "b64": False}, {"jku": "https://evil.example/keys"}, {"x5u": "https://evil.example"},
        {"jwk": {"kty": "oct", "k": b64(KEY)}}, {"kid": "../../dev/null"}, {"kid": "0' OR 1=1"}, {"typ": "JWT"}, {"typ": "refresh"},
    ],
)  # fmt: skip
def test_another_header(extra: dict[str, Any]) -> None:
    """A header that asks for anything else is refused although the signature is right."""
    assert reason(forged({**part(GOOD, 0), **extra}, changed())) == "invalid"


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": None}, {"exp": "9999999999"}, {"exp": 1e30}, {"exp": True}, {"sub": None}, {"sub": 42}, {"sid": None}, {"iss": "evil"},
        {"iss": None},
        {"aud": "other"}, {"aud": ["backwright"]}, {"aud": None}, {"typ": "refresh"}, {"typ": None}, {"nbf": NOW + 60}, {"iat": NOW + 60},
        {"iat": int(NOW) + 60}, {"nbf": int(NOW) + 60}, {"kind": None}, {"factor": ["password"]},
    ],
)  # fmt: skip
def test_other_claims(claims: dict[str, Any]) -> None:
    """Claims that are missing, of the wrong type, for others or from the future are refused although the signature is right."""
    assert reason(forged(OUR_HEADER, changed(**claims))) == "invalid"


@pytest.mark.parametrize("body", [b"[]", b"null", b"{", b"\xff", b'"x"', b"{}", b"[" * 1000])
def test_claims_that_are_no_object(body: bytes) -> None:
    """A rightly signed payload that is no object of ours is refused, not a fault."""
    signed = f"{OUR_HEADER}.{b64(body)}"

    assert reason(f"{signed}.{b64(hmac.digest(KEY, signed.encode(), 'sha256'))}") == "invalid"


def test_another_key() -> None:
    """A token signed with a key that is not ours, or with a hash of ours, is refused."""
    assert reason(forged(OUR_HEADER, changed(), b"x" * 32)) == "invalid"
    assert reason(forged(OUR_HEADER, changed(), hashlib.sha256(KEY).digest())) == "invalid"


def test_a_changed_payload() -> None:
    """A payload put under another's signature is refused."""
    head, _, signature = GOOD.split(".")

    assert reason(f"{head}.{b64(json.dumps(changed(sub='1')).encode())}.{signature}") == "invalid"


@given(st.text(max_size=300) | st.binary(max_size=200).map(lambda raw: f"{OUR_HEADER}.{b64(raw)}.{b64(raw)}"))
def test_anything_else_is_refused(text: str) -> None:
    """No text makes verification fail in another way."""
    assert reason(text) == "invalid"


@given(st.integers(0, len(GOOD) - 2), st.characters(codec="ascii"))
def test_one_changed_character_is_enough(position: int, character: str) -> None:
    """No letter can be changed. (The last one's lowest bits are no part of the signature.)"""
    if GOOD[position] != character:
        assert reason(GOOD[:position] + character + GOOD[position + 1 :]) == "invalid"


def test_an_oversized_token_is_refused_unread() -> None:
    """A token that is rightly signed but far too long is refused."""
    assert reason(forged(OUR_HEADER, changed(padding="x" * 3000))) == "invalid"


def test_key_rotation() -> None:
    """A new key signs at once; the old one's tokens are accepted until it is taken off the list."""
    before, after = Tokens([OLD]), Tokens([KEY])
    token = before.issue_access("42", "Customer", "s-1", NOW)

    assert TOKENS.verify_access(token, NOW).sub == "42"
    assert reason(token, after) == "invalid" and reason(TOKENS.issue_access("42", "Customer", "s", NOW), before) == "invalid"


def test_another_issuer_and_audience() -> None:
    """Two apps with one key do not accept each other's tokens if they have names of their own."""
    other = Tokens([KEY], issuer="shop", audience="shop")

    assert reason(GOOD, other) == "invalid" and reason(other.issue_access("42", "Customer", "s", NOW)) == "invalid"


@pytest.mark.parametrize("key", [b"", b"short", b"k" * 31, "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA"])
def test_unfit_keys_are_refused_at_start(key: bytes | str) -> None:
    """A short key, or a public key as an HMAC key, never comes into use."""
    with pytest.raises(ValueError, match="HS256"):
        Tokens([key])


def test_without_a_key_there_are_no_tokens() -> None:
    """An empty list of keys is refused."""
    with pytest.raises(ValueError, match="at least one"):
        Tokens([])


def test_two_tokens_of_one_second_differ() -> None:
    """Signing in twice in a second gives two tokens, so that revoking is not ambiguous."""
    assert TOKENS.issue_access("42", "Customer", "s-1", NOW) != GOOD


@pytest.fixture(scope="module")
def pems() -> tuple[str, str]:
    key = OKPKey.generate_key("Ed25519")
    return key.as_pem(private=True).decode(), key.as_pem(private=False).decode()


def test_ed25519(pems: tuple[str, str]) -> None:
    """With Ed25519 keys, whoever has the public one verifies but cannot sign."""
    signer = Tokens([pems[0]], algorithm="Ed25519")
    token = signer.issue_access("42", "Customer", "s-1", NOW)

    assert signer.verify_access(token, NOW).sub == "42" and part(token, 0)["alg"] == "Ed25519"
    with pytest.raises(ValueError, match="private"):
        Tokens([pems[1]], algorithm="Ed25519")


def test_key_confusion(pems: tuple[str, str]) -> None:
    """The public key, used as an HMAC key by an attacker, signs nothing that is accepted."""
    signer = Tokens([pems[0]], algorithm="Ed25519")
    header = part(signer.issue_access("42", "Customer", "s-1", NOW), 0)

    assert reason(forged({**header, "alg": "HS256"}, changed(), pems[1].encode()), signer) == "invalid"


def test_verifying_now_needs_no_sleep() -> None:
    """The clock is an argument: verification depends on nothing else."""
    assert TOKENS.verify_access(GOOD, NOW) == TOKENS.verify_access(GOOD, NOW) and time.time() != NOW
