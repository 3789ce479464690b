"""Signing in, put together: passwords, sessions, tokens, and the accounts of each class."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from backwright.api.rest.accounts import account_routes
from backwright.api.rest.door import RestDoor
from backwright.domain.entity import Account
from backwright.identity.accounts import Accounts, session_and_account
from backwright.identity.authenticate import Authenticator, authenticated
from backwright.identity.passwords import STANDARD, Passwords, Work
from backwright.identity.sessions import Sessions
from backwright.identity.sign_in import SignInRunner
from backwright.identity.store import AccountTable
from backwright.identity.tokens import Tokens
from backwright.observe.events import Observer
from backwright.operations.execution import Executor
from backwright.operations.guard import AddressGuard
from backwright.settings.kit import KitSettings


class Signing:
    """Everything that knows who somebody is."""

    def __init__(
        self, app: Any, settings: KitSettings, executor: Executor, guard: AddressGuard, observer: Observer, *, clock: Callable[[], float],
        ticks: Callable[[], float], work: Work | None = None,
    ) -> None:  # fmt: skip
        self.app = app
        self.passwords = Passwords(work or app.password_work or STANDARD, policy=app.sign_in[0].policy, production=settings.production)
        self.tokens = Tokens(settings.keys("access tokens", app.folder), lifetime=app.sign_in[0].access_minutes * 60)
        self.sessions = Sessions(
            executor.engine, settings.keys("refresh tokens", app.folder), lifetime=timedelta(days=app.sign_in[0].session_days),
            observer=observer, revoked=lambda session: self.authenticator.forget_session(session),
        )  # fmt: skip
        stores: dict[type[Account], AccountTable[Any]] = {
            way.account: AccountTable(way.account, executor.engine, executor.library, executor, clock) for way in app.sign_in
        }
        self.accounts: Mapping[type[Account], Accounts[Any]] = {
            kind: Accounts(kind, store, self.passwords, self.sessions, self.tokens, clock=ticks, guard=guard, observer=observer)
            for kind, store in stores.items()
        }
        self.authenticator = Authenticator(
            self.tokens, session_and_account({kind.__name__: store for kind, store in stores.items()}, self.sessions),
            schemes=(app.rest.authorization,), freshness=settings.caller_freshness, tier_of=app.tier_of or authenticated,
        )  # fmt: skip
        executor.kinds["SignIn"] = SignInRunner(executor, dict(self.accounts))
        executor.changed = self._changed

    def _changed(self, entity: type[Any], key: Any) -> None:
        if entity in self.accounts:
            self.authenticator.forget_account(entity.__name__, key)

    def route(self, door: RestDoor) -> None:
        """Serve the default contract's sign-up, sign-in, refresh, sign-out and me."""
        for way in self.app.sign_in:
            account_routes(door, way.account, self.accounts[way.account], sign_up=way.sign_up)
