"""What an app says about signing in: ``sign_in=[Password(Customer)]``. A value; nothing is opened."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from backwright.domain.entity import Account
from backwright.identity.passwords import PasswordPolicy

A = TypeVar("A", bound=Account)


@dataclass(frozen=True, slots=True)
class Password(Generic[A]):
    """Accounts of this class sign up and in with an e-mail address and a password (argon2id)."""

    account: type[A]
    sign_up: bool = True
    """Whether anybody may make an account."""
    access_minutes: int = 15
    """How long an access token is valid."""
    policy: PasswordPolicy = PasswordPolicy()  # noqa: RUF009  it is frozen
    """What a new password must be."""
    session_days: int = 30
    """How long a session can be refreshed, counted from the sign-in."""
