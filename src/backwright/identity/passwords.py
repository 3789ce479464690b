"""Passwords: hashed with argon2id (RFC 9106) on threads of their own, refused in constant time, checked against a short policy."""

import asyncio
import contextlib
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from backwright.domain.refusals import Invalid, Problem, Unavailable
from backwright.identity.common_passwords import COMMON

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Work:
    """What one hash costs: KiB of memory, passes over it, lanes."""

    memory: int = 47_104
    passes: int = 1
    lanes: int = 1


STANDARD = Work()
"""The first of the equally strong settings that OWASP names: 46 MiB, one pass, one lane; about 50 ms of one core."""
FOR_TESTS = Work(memory=8)
"""0.1 ms, and worth as much. Refused in production."""


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """What a new password must be. Length is what counts (NIST SP 800-63B): no rules about digits and signs."""

    min_length: int = 8
    max_bytes: int = 1_024
    refuse_common: bool = True

    def check(self, password: str, email: str = "", pointer: str = "/password") -> str:
        """The password in the form that is hashed (Unicode NFC). Raises `Invalid` with a problem at `pointer`."""
        normal = unicodedata.normalize("NFC", password)
        if problem := self._problem(normal, email.strip().casefold()):
            raise Invalid(problems=(Problem(problem[1], pointer=pointer, code=problem[0]),))
        return normal

    def _problem(self, password: str, email: str) -> tuple[str, str] | None:
        folded, size = password.casefold(), _size(password)
        if size is None:
            return "not_text", "must be text"
        if len(password) < self.min_length:
            return "too_short", f"must have at least {self.min_length} characters"
        if size > self.max_bytes:
            return "too_long", f"must have at most {self.max_bytes} bytes"
        if email and folded in (email, email.partition("@")[0]):
            return "guessable", "must not be your e-mail address"
        if self.refuse_common and (folded in COMMON or len(set(folded)) == 1):
            return "guessable", "is one of the passwords that everybody tries first"
        return None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a password was right, and the new hash to store if the old one was made with other parameters."""

    right: bool
    new_hash: str | None = None


class Passwords:
    """Hashes and verifies on `threads` threads; at most `waiting` more may queue, then it is `Unavailable`.

    One hash takes `work.memory` KiB while it runs, so `threads` bounds the memory too.
    """

    def __init__(
        self, work: Work = STANDARD, *, threads: int = 2, waiting: int = 32, policy: PasswordPolicy | None = None, production: bool = False
    ) -> None:
        """Raises ``ValueError`` in production if the work is less than OWASP's least (argon2id at 7 MiB and 5 passes, or as much)."""
        if production and work.memory * work.passes < 7_168 * 5:
            raise ValueError(f"{work} is too cheap for production: use backwright.identity.passwords.STANDARD.")
        self.policy = policy or PasswordPolicy()
        self._hasher: Any = _argon2id(work)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="backwright-passwords")
        self._most = threads + waiting
        self._busy = 0
        self._dummy: str | None = None

    async def hash(self, password: str) -> str:
        """The hash of a password that the policy has passed. Raises `Unavailable` when too many wait."""
        return await self._run(lambda: str(self._hasher.hash(password)))

    async def verify(self, password: str, stored: str | None) -> Verdict:
        """Compare with the stored hash. With None (no such account, or it has no password) a dummy is compared, to take as long.

        Raises `Unavailable` when too many wait.
        """
        normal = unicodedata.normalize("NFC", password)
        size = _size(normal)
        usable = size is not None and size <= self.policy.max_bytes
        return await self._run(lambda: self._compare(normal if usable else "", stored if usable else None))

    def close(self) -> None:
        """End the threads once they are idle."""
        self._pool.shutdown(wait=True)

    def _compare(self, password: str, stored: str | None) -> Verdict:
        from pwdlib.exceptions import PwdlibError

        if self._dummy is None:
            self._dummy = self._hasher.hash("nobody's password")
        if stored:
            with contextlib.suppress(PwdlibError):  # a stored text that is no hash of ours is nobody's password
                return Verdict(*self._hasher.verify_and_update(password, stored))
        self._hasher.verify_and_update(password, self._dummy)
        return Verdict(False)

    async def _run(self, work: Callable[[], T]) -> T:
        if self._busy >= self._most:
            raise Unavailable(retry_after=1)
        self._busy += 1
        running = asyncio.wrap_future(self._pool.submit(work))
        running.add_done_callback(self._done)
        return await asyncio.shield(running)  # a caller who goes away does not end the hashing, so it goes on being counted

    def _done(self, ended: "asyncio.Future[T]") -> None:
        self._busy -= 1
        if not ended.cancelled():
            ended.exception()  # seen, even if the caller is gone


def _size(password: str) -> int | None:
    """Its length in bytes; None if it is no Unicode text (a lone surrogate)."""
    try:
        return len(password.encode())
    except UnicodeEncodeError:
        return None


def _argon2id(work: Work) -> Any:
    from pwdlib import PasswordHash
    from pwdlib.hashers.argon2 import Argon2Hasher

    return PasswordHash((Argon2Hasher(time_cost=work.passes, memory_cost=work.memory, parallelism=work.lanes),))
