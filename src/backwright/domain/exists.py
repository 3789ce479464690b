"""The one word by which a rule looks at other rows."""

from collections.abc import Callable
from typing import TypeVar

from backwright.domain.entity import Entity

E = TypeVar("E", bound=Entity)


def exists(entity: type[E], condition: Callable[[E], bool], /) -> bool:
    """Whether some row of the entity satisfies the condition; only inside a rule.

    ``exists(Membership, lambda m: m.team == row.team and m.account == who.id)`` becomes an SQL EXISTS. The rule is never run as
    Python, so calling it raises ``RuntimeError``.
    """
    raise RuntimeError(
        f"exists({entity.__name__}, …) has no rows to look at here: a rule that uses it is asked of the database. "
        "Use it in a rule given to allow(...) or to a query; in an operation write: await tx.find(...)"
    )
