"""Who may do what: one list of grants. What is not named in it cannot be reached. Rules are plain functions."""

import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, cast, overload

from backwright.domain.entity import Entity

Action = Literal["read", "create", "update", "delete", "call"]
Isolation = Literal["read committed", "repeatable read", "serializable"]
E = TypeVar("E", bound=Entity)


@dataclass(frozen=True, slots=True)
class Everyone:
    """The rule that asks for nothing (`anyone`) or only for a signed-in caller (`signed_in`)."""

    signed_in: bool


anyone = Everyone(signed_in=False)
"""Allowed for everybody, signed in or not."""
signed_in = Everyone(signed_in=True)
"""Allowed for every caller who has signed in."""


@dataclass(frozen=True, slots=True)
class Grant:
    """One line of the access table: for an entity or a function, the rule of each action that is allowed."""

    target: Any
    rules: tuple[tuple[Action, Any], ...]
    cost: int = 1
    isolation: Isolation | None = None
    file: str = "?"
    line: int = 0


RowRule = Callable[[E, Any], bool] | Callable[[Any], bool] | Callable[[E, Any, Any], bool] | Everyone
CallRule = Callable[[Any], bool] | Callable[[Any, Any], bool] | Everyone


@overload
def allow(
    target: type[E], /, *, read: RowRule[E] | None = None, write: RowRule[E] | None = None, create: RowRule[E] | None = None,
    update: RowRule[E] | None = None, delete: RowRule[E] | None = None, cost: int = 1,
) -> Grant: ...  # fmt: skip
@overload
def allow(target: Callable[..., Awaitable[Any]], /, *, call: CallRule, cost: int = 1, isolation: Isolation | None = None) -> Grant: ...
def allow(target: Any, /, *, write: Any = None, cost: int = 1, isolation: Isolation | None = None, **rules: Any) -> Grant:
    """Allow actions on an entity (``read``, ``create``, ``update``, ``delete``; ``write`` is the last three) or calls of a function.

    A rule is ``(row, who) -> bool``, ``(who) -> bool``, or takes a `Request` as well; see docs/rules.md for the language it may use.
    ``cost`` is what one request takes from the caller's rate limit. ``isolation`` is the level of a function's transaction, where the
    database's own (read committed on PostgreSQL; SQLite is always serializable) will not do; serialization failures are run again.
    """
    if write is not None:
        rules = {"create": write, "update": write, "delete": write} | {k: v for k, v in rules.items() if v is not None}
    frame = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]  # the only cheap way to say where a mistake stands
    given: tuple[tuple[Action, Any], ...] = tuple((cast(Action, action), rule) for action, rule in rules.items() if rule is not None)
    return Grant(target, given, cost, isolation, frame.f_code.co_filename, frame.f_lineno)
