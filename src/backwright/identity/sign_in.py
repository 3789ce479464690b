"""The kind of operation that signs people up and in. It holds no transaction while a password is hashed, which takes long."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Generic, TypeVar, cast

from backwright.domain.entity import Account
from backwright.domain.refusals import Unauthenticated
from backwright.identity.accounts import Accounts, SignedInTokens, normal_email
from backwright.operations.call import Call
from backwright.operations.execution import Executor
from backwright.operations.operation import Operation
from backwright.operations.reply import Reply
from backwright.operations.transaction import Transaction

A = TypeVar("A", covariant=True)


class SignIn(Generic[A]):
    """Given to an operation whose first parameter is ``SignIn[Customer]`` (``SignIn[Customer | None]``: also for who is not signed in)."""

    def __init__(self, accounts: Accounts[Any], executor: Executor, call: Call) -> None:
        self._accounts = accounts
        self._executor = executor
        self._call = call

    @property
    def caller(self) -> A:
        """The account of whoever asks. Raises `Unauthenticated` where an account is needed and nobody is signed in."""
        if self._call.caller.account is None and not self._call.anonymous_allowed:
            raise Unauthenticated()
        return cast(A, self._call.caller.account)

    @property
    def token(self) -> str:
        """The access token that came with this request. Raises `Unauthenticated` if there was none."""
        if self._call.token is None:
            raise Unauthenticated()
        return self._call.token

    def address(self, email: str) -> str:
        """The form in which an e-mail address is stored and compared. Raises `Invalid`."""
        return normal_email(email)

    @property
    def _now(self) -> float:
        return self._call.request.time.timestamp()

    async def sign_up(self, email: str, password: str, **values: Any) -> A:
        """Make an account. Raises `Invalid` with every problem of address and password, and `AlreadyExists`."""
        return cast(A, await self._accounts.sign_up(email, password, values))

    async def sign_in(self, email: str, password: str) -> tuple[A, SignedInTokens]:
        """Exchange address and password for tokens. Raises `Unauthenticated` and `TooManyRequests`."""
        account, tokens = await self._accounts.sign_in(email, password, self._now, address=self._call.request.address)
        return cast(A, account), tokens

    async def begin(self, account: Account) -> SignedInTokens:
        """Tokens for an account that has proved who it is, e.g. straight after `sign_up`."""
        return await self._accounts.begin(account, self._now)

    async def refresh(self, refresh_token: str) -> SignedInTokens:
        """Exchange a refresh token for new tokens. A token that is used twice ends its session. Raises `Unauthenticated`."""
        return await self._accounts.refresh(refresh_token, self._now)

    async def sign_out(self) -> None:
        """End the caller's session. Raises `Unauthenticated` for nobody."""
        await self._accounts.sign_out(self._call.caller, self._now)

    async def set_password(self, password: str) -> None:
        """Give the caller's account a new password; its sessions go on. Raises `Invalid`."""
        await self._accounts.set_password(cast(Account, self.caller), password)

    async def change_password(self, old: str, new: str) -> None:
        """Replace the caller's password and end all its sessions. Raises `Invalid`, and `Unauthenticated` for a wrong old one."""
        await self._accounts.change_password(cast(Account, self.caller), old, new, self._now)

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Transaction[A]]:
        """A transaction of its own, with the caller's eyes; it commits when the block ends."""
        async with self._executor.opened(self._call) as transaction:
            yield cast("Transaction[A]", transaction)


class SignInRunner:
    """Runs operations of this kind."""

    def __init__(self, executor: Executor, accounts: dict[type[Account], Accounts[Any]]) -> None:
        self._executor = executor
        self._accounts = accounts

    async def __call__(self, operation: Operation, inputs: dict[str, Any], call: Call) -> Reply:
        """Call the function and represent what it returns."""
        assert operation.function is not None
        call.anonymous_allowed = operation.anonymous
        account: Any = operation.rule.caller_type
        accounts = self._accounts.get(account) or next(iter(self._accounts.values()))
        result = await operation.function(SignIn(accounts, self._executor, call), **inputs)
        return await self._executor.represented(call, result)
