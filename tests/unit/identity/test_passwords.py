"""Passwords: policy, hashing off the loop, constant work, bounded queue."""

import asyncio
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backwright.domain.refusals import Invalid, Unavailable
from backwright.identity.passwords import FOR_TESTS, PasswordPolicy, Passwords, Verdict, Work


@pytest.fixture(scope="module")
def passwords() -> Iterator[Passwords]:
    made = Passwords(FOR_TESTS)
    yield made
    made.close()


@settings(max_examples=30)
@given(st.text(min_size=8, max_size=60).filter(lambda text: len(set(text.casefold())) > 1), st.text(max_size=20))
def test_the_right_password_and_no_other(passwords: Passwords, password: str, other: str) -> None:
    """What was hashed is right, anything else is wrong; surrogates never get so far."""
    try:
        normal = PasswordPolicy(refuse_common=False).check(password)
    except Invalid:
        return

    async def main() -> tuple[Verdict, Verdict]:
        stored = await passwords.hash(normal)
        assert stored.startswith("$argon2id$") and password not in stored
        return await passwords.verify(password, stored), await passwords.verify(other, stored)

    right, wrong = asyncio.run(main())
    assert right.right and wrong.right == (other == password)


def test_two_hashes_of_one_password_differ(passwords: Passwords) -> None:
    """Every hash has a salt of its own."""

    async def main() -> set[str]:
        return {await passwords.hash("correct horse"), await passwords.hash("correct horse")}

    assert len(asyncio.run(main())) == 2


def test_composed_and_decomposed_letters_are_the_same(passwords: Passwords) -> None:
    """A password typed on another keyboard is the same password (Unicode NFC)."""
    policy = PasswordPolicy()
    assert policy.check("cafe\u0301 au lait") == policy.check("caf\u00e9 au lait")

    async def main() -> bool:
        return (await passwords.verify("cafe\u0301 au lait", await passwords.hash("caf\u00e9 au lait"))).right

    assert asyncio.run(main())


@pytest.mark.parametrize("stored", [None, "", "x", "$argon2id$broken", "$2b$12$abcdefghijklmnopqrstuv"])
def test_no_hash_is_nobodys_password(passwords: Passwords, stored: str | None) -> None:
    """No account, no password and a broken hash refuse every password, the dummy's too."""
    assert not asyncio.run(passwords.verify("nobody's password", stored)).right


def test_an_unknown_account_costs_one_comparison(passwords: Passwords, monkeypatch: pytest.MonkeyPatch) -> None:
    """With no stored hash, a dummy made with the same parameters is compared: the time taken tells nothing."""
    compared: list[str] = []
    hasher = passwords._hasher
    whole = hasher.verify_and_update
    monkeypatch.setattr(hasher, "verify_and_update", lambda password, stored: compared.append(stored) or whole(password, stored))

    async def main() -> str:
        stored = await passwords.hash("correct horse")
        await passwords.verify("wrong", stored)
        await passwords.verify("wrong", None)
        return stored

    stored = asyncio.run(main())
    assert compared[0] == stored and compared[1].rpartition("$")[0].rpartition("$")[0] == stored.rpartition("$")[0].rpartition("$")[0]


def test_old_parameters_are_replaced(passwords: Passwords) -> None:
    """A right password whose hash was made with other parameters comes back with a new hash."""
    dearer = Passwords(Work(memory=16))

    async def main() -> Verdict:
        verdict = await dearer.verify("correct horse", await passwords.hash("correct horse"))
        assert not (await dearer.verify("correct horse", verdict.new_hash)).new_hash
        return verdict

    verdict = asyncio.run(main())
    dearer.close()
    assert verdict.right and verdict.new_hash is not None and "m=16" in verdict.new_hash


def test_a_full_queue_is_unavailable() -> None:
    """When every thread is busy and the line is full, the next one is told to come back; the line empties again."""
    passwords, go = Passwords(FOR_TESTS, threads=1, waiting=1), threading.Event()

    async def main() -> None:
        running = [asyncio.ensure_future(passwords._run(go.wait)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(Unavailable):
            await passwords.hash("correct horse")
        go.set()
        await asyncio.gather(*running)
        assert await passwords.hash("correct horse")

    asyncio.run(main())
    passwords.close()


def test_a_caller_who_leaves_still_counts() -> None:
    """A hash that goes on although nobody waits for it keeps its place in the line until it ends."""
    passwords, go = Passwords(FOR_TESTS, threads=1, waiting=0), threading.Event()

    async def main() -> None:
        running = asyncio.ensure_future(passwords._run(go.wait))
        await asyncio.sleep(0)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        with pytest.raises(Unavailable):
            await passwords.hash("correct horse")
        go.set()

    asyncio.run(main())
    passwords.close()


def test_hashing_leaves_the_loop_free() -> None:
    """Hashes run on threads of their own."""
    passwords = Passwords(FOR_TESTS)

    async def main() -> str:
        return await passwords._run(lambda: threading.current_thread().name)

    assert asyncio.run(main()).startswith("backwright-passwords")
    passwords.close()


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("", "too_short"), ("1234567", "too_short"), ("x" * 1025, "too_long"), ("\u00e4" * 513, "too_long"), ("password1", "guessable"),
        ("PASSWORD1", "guessable"), ("aaaaaaaaaaaa", "guessable"), ("ann@example.org", "guessable"), ("Ann@Example.ORG", "guessable"),
        ("bad \ud800 surrogate", "not_text"),
    ],
)  # fmt: skip
def test_what_the_policy_refuses(password: str, code: str) -> None:
    """Too short, too long, too common, the address itself, and what is no text; at the field's pointer."""
    with pytest.raises(Invalid) as refused:
        PasswordPolicy().check(password, "ann@example.org", "/user/password")

    assert [(p.code, p.pointer) for p in refused.value.problems] == [(code, "/user/password")]


@pytest.mark.parametrize("password", ["correct horse", "12345679a", "\u5bc6\u7801\u5bc6\u7801\u5f88\u5b89\u5168\u7684", "x" * 1023 + "y"])
def test_what_the_policy_takes(password: str) -> None:
    """Length is what counts: no rules about signs and digits."""
    assert PasswordPolicy().check(password, "ann@example.org") == password


@pytest.mark.parametrize("text", ["\ud800", "x" * 5000])
def test_impossible_passwords_are_simply_wrong(passwords: Passwords, text: str) -> None:
    """At sign-in, what no password can be is refused like any wrong one."""

    async def main() -> bool:
        return (await passwords.verify(text, await passwords.hash("correct horse"))).right

    assert not asyncio.run(main())


def test_the_cheap_setting_is_refused_in_production() -> None:
    """What makes tests fast cannot reach production."""
    with pytest.raises(ValueError, match="too cheap for production"):
        Passwords(FOR_TESTS, production=True)
    Passwords(production=True).close()
