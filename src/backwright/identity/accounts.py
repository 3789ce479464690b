"""What an account can do: sign up, sign in, refresh, change its password, sign out. How accounts are stored is the caller's affair."""

import unicodedata
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Generic, Literal, Protocol, TypeVar
from uuid import UUID

import msgspec

from backwright.domain.entity import Account
from backwright.domain.model import EntityModel, Field
from backwright.domain.refusals import AlreadyExists, Conflict, Invalid, Problem, TooManyRequests, Unauthenticated, Unavailable
from backwright.identity.passwords import PasswordPolicy, Passwords
from backwright.identity.sessions import Opened, Sessions
from backwright.identity.tokens import Tokens
from backwright.observe.events import Observer, SignedIn, SignedOut, SignInRefused, ignore
from backwright.operations.caller import Caller, pseudonym
from backwright.operations.formats import Wrong, email
from backwright.operations.guard import AddressGuard

A = TypeVar("A", bound=Account)


class AccountStore(Protocol[A]):
    """The accounts of one class, as far as signing in needs them."""

    async def by_email(self, email: str) -> A | None:
        """The account with this normal form of an address (see `normal_email`), its password hash included."""
        ...

    async def by_id(self, account_id: str) -> A | None:
        """The account with this id, given as text."""
        ...

    async def add(self, values: Mapping[str, Any]) -> A:
        """Store a new account. Raises `AlreadyExists` when a unique value is taken."""
        ...

    async def set_password_hash(self, account: A, password_hash: str) -> None:
        """Replace the password hash of an account that was read from here."""
        ...


class SignedInTokens(msgspec.Struct, frozen=True):
    """What a client gets for signing in (the names are those of RFC 6749, 5.1)."""

    access_token: str
    refresh_token: str
    expires_in: int
    """Seconds until the access token expires."""
    token_type: Literal["Bearer"] = "Bearer"


def normal_email(text: str, pointer: str = "/email") -> str:
    """The form of an address by which accounts are told apart: in lower case, Unicode NFC. Raises `Invalid` with a problem at `pointer`.

    RFC 5321 lets a mail server tell ``Ann@`` from ``ann@``; none is known to, and accounts that differ in nothing else are a trap.
    """
    try:
        return unicodedata.normalize("NFC", email(text.strip())).lower()
    except (Wrong, UnicodeError) as wrong:
        detail, code = (wrong.detail, wrong.code) if isinstance(wrong, Wrong) else ("must be an e-mail address", "format")
        raise Invalid(problems=(Problem(detail, pointer=pointer, code=code),)) from None


class Accounts(Generic[A]):
    """Signing up and in for the accounts of one class.

    With ``disclose=False`` a sign-up with an address that is taken says only "conflict", not which field. Times are Unix seconds, except
    `clock`, which counts for the guard and never goes back.
    """

    def __init__(
        self, kind: type[A], store: AccountStore[A], passwords: Passwords, sessions: Sessions, tokens: Tokens, *,
        clock: Callable[[], float], guard: AddressGuard | None = None, observer: Observer = ignore, disclose: bool = True,
    ) -> None:  # fmt: skip
        self.kind, self._store, self._passwords, self._sessions, self._tokens = kind, store, passwords, sessions, tokens
        self._guard, self._observer, self._clock, self._disclose = guard or AddressGuard(), observer, clock, disclose

    @property
    def policy(self) -> PasswordPolicy:
        """What a new password must be."""
        return self._passwords.policy

    async def sign_up(self, email: str, password: str, values: Mapping[str, Any] | None = None) -> A:
        """Make an account. `values` are its other fields, already decoded.

        Raises `Invalid` with every problem of address and password, and `AlreadyExists`. The password is hashed before the address is
        looked for, so that the time taken does not tell whether it is known.
        """
        address, password = self._acceptable(email, password)
        hashed = await self._passwords.hash(password)
        try:
            return await self._store.add({**(values or {}), "email": address, "password_hash": hashed})
        except AlreadyExists:
            if self._disclose:
                raise
            raise Conflict from None

    async def sign_in(self, email: str, password: str, now: float, *, address: str = "") -> tuple[A, SignedInTokens]:
        """Exchange address and password for tokens. `address` is the client's network address, for the guard against guessing.

        Raises `Unauthenticated` (``credentials``) alike for an unknown account and a wrong password, after the same time;
        `TooManyRequests` and `Unavailable`.
        """
        if refused := self._guard.admit_sign_in(address, self._clock()):
            self._observer(SignInRefused("too many attempts", address))
            raise TooManyRequests(retry_after=refused.retry_after)
        account = await self._find(email)
        try:
            verdict = await self._passwords.verify(password, account.password_hash if account else None)
        except Unavailable:
            self._guard.forgive(address)
            raise
        if account is None or not verdict.right:
            self._observer(SignInRefused(_why(account), address))
            raise Unauthenticated(reason="credentials")
        self._guard.forgive(address)
        if verdict.new_hash:
            await self._store.set_password_hash(account, verdict.new_hash)
        return account, await self.begin(account, now)

    async def begin(self, account: A, now: float, *, factor: str = "password") -> SignedInTokens:
        """Tokens for an account that has proved who it is, e.g. straight after the sign-up."""
        opened = await self._sessions.open(account.id, self.kind.__name__, now, factor=factor)
        self._observer(SignedIn(pseudonym(opened.kind, opened.account), factor))
        return self._pair(opened, now)

    async def refresh(self, refresh_token: str, now: float) -> SignedInTokens:
        """Exchange a refresh token for new tokens. Raises `Unauthenticated` (``invalid``); see `sessions` for tokens used twice."""
        opened = await self._sessions.refresh(refresh_token, now)
        if opened.kind != self.kind.__name__ or await self._store.by_id(opened.account) is None:
            await self._sessions.revoke(opened.id, now)
            raise Unauthenticated(reason="invalid")
        return self._pair(opened, now)

    async def sign_out(self, caller: Caller, now: float) -> None:
        """End the caller's session: its access and refresh tokens are refused from now on. Raises `Unauthenticated` for nobody."""
        if caller.session_id is None:
            raise Unauthenticated
        await self._sessions.revoke(_uuid(caller.session_id), now)
        self._observer(SignedOut(caller.pseudonym or ""))

    async def change_password(self, account: A, old: str, new: str, now: float) -> None:
        """Replace the password and end every session of the account.

        Raises `Invalid` for the new password, `Unauthenticated` (``credentials``) for a wrong old one.
        """
        _, accepted = self._acceptable(account.email, new)
        if not (await self._passwords.verify(old, account.password_hash)).right:
            raise Unauthenticated(reason="credentials")
        await self._store.set_password_hash(account, await self._passwords.hash(accepted))
        await self._sessions.revoke_all(account.id, self.kind.__name__, now)

    async def set_password(self, account: A, new: str) -> None:
        """Replace the password of an account that has proved who it is; its sessions go on. Raises `Invalid`."""
        _, accepted = self._acceptable(account.email, new)
        await self._store.set_password_hash(account, await self._passwords.hash(accepted))

    def _acceptable(self, email: str, password: str) -> tuple[str, str]:
        problems: list[Problem] = []
        address, accepted = email, password
        try:
            address = normal_email(email)
        except Invalid as invalid:
            problems += invalid.problems
        try:
            accepted = self._passwords.policy.check(password, address)
        except Invalid as invalid:
            problems += invalid.problems
        if problems:
            raise Invalid(problems=tuple(problems))
        return address, accepted

    async def _find(self, email: str) -> A | None:
        try:
            return await self._store.by_email(normal_email(email))
        except Invalid:
            return None

    def _pair(self, opened: Opened, now: float) -> SignedInTokens:
        access = self._tokens.issue_access(opened.account, opened.kind, opened.id, now, factor=opened.factor)
        return SignedInTokens(access, opened.refresh_token, self._tokens.lifetime)


def account_values(model: EntityModel, words: list[str]) -> dict[str, Any]:
    """The values in words like ``is_staff=true``, for ``backwright account create``: managed fields too, secret ones not.

    Raises ``ValueError`` that names every wrong word and what could be set.
    """
    settable = {f.name: f for f in model.fields if not f.secret and not f.stamp and f.name != "email"}
    found: dict[str, Any] = {}
    wrong: list[str] = []
    for word in words:
        name, equals, text = word.partition("=")
        if not equals or name not in settable:
            wrong.append(f"{word!r} sets nothing: write field=value with one of {', '.join(settable) or 'no field'}")
            continue
        try:
            found[name] = _converted(settable[name], text)
        except msgspec.ValidationError as error:
            wrong.append(f"{word!r} does not fit: {error}")
    missing = [f.name for f in settable.values() if f.required and f.name not in found]
    if missing:
        wrong.append(f"{model.name} also needs {', '.join(missing)}")
    if wrong:
        raise ValueError("; ".join(wrong))
    return found


async def create_account(accounts: Accounts[A], model: EntityModel, email: str, password: str, words: list[str]) -> A:
    """Make an account from the command line: the only way to the first administrator. Raises ``ValueError``, `Invalid`, `AlreadyExists`."""
    return await accounts.sign_up(email, password, account_values(model, words))


def session_and_account(store: Mapping[str, Any], sessions: Sessions) -> Callable[[Any, float], Awaitable[Account | None]]:
    """The `Load` of an `Authenticator`: the account of a token's class in `store` (by class name), if the session is still open."""

    async def load(claims: Any, now: float) -> Account | None:
        accounts: AccountStore[Account] | None = store.get(claims.kind)
        if accounts is None or not await sessions.is_open(_uuid(claims.sid), now):
            return None
        return await accounts.by_id(claims.sub)

    return load


def _converted(field: Field, text: str) -> Any:
    return None if field.optional and text == "" else msgspec.convert(text, field.type, strict=False)


def _why(account: Account | None) -> Any:
    if account is None:
        return "unknown account"
    return "wrong password" if account.password_hash else "no password"


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Unauthenticated(reason="invalid") from None
