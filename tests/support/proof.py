"""Projects and checks for the tests of the proof: a clean little shop, and checks that pass, fail, break, die and hang."""

import os
import time
from pathlib import Path

from backwright.worker.prove.faults import Plant, add
from backwright.worker.prove.standard import Standard
from backwright.worker.prove.target import Target
from backwright.worker.prove.verdict import Finding, failed, proved
from tests.support.trees import plant

ENTITIES = '''"""What the shop stores."""

from decimal import Decimal

from backwright.domain.entity import Account, Entity
from backwright.domain.fields import Id, Secret


class Customer(Account):
    """Who buys."""

    reset_token: Secret[str | None] = None


class Order(Entity):
    """A purchase."""

    customer: Id[Customer]
    total: Decimal = Decimal(0)
'''
PRICING = '''"""The rules of price."""

from decimal import Decimal


def discount(total: Decimal) -> Decimal:
    """A tenth off from a hundred on."""
    if total >= 100:
        return total * Decimal("0.9")
    return total
'''
TESTS = '''"""The rules of price hold."""

from decimal import Decimal

import entities
from pricing import discount


def test_discount() -> None:
    assert discount(Decimal(200)) == Decimal(180)
    assert discount(Decimal(2)) == Decimal(2)
    assert entities.Order
'''
SHOP = {
    "entities.py": ENTITIES,
    "pricing.py": PRICING,
    "tests/unit/test_pricing.py": TESTS,
    "pyproject.toml": '[project]\nname = "shop"\nversion = "1"\n',
}


def shop(folder: Path, more: dict[str, str] | None = None) -> Target:
    """The shop in a folder, with more files. Tests of one run share a cache beside the folder."""
    plant(folder / "shop", SHOP | (more or {}))
    return Target(folder / "shop", cache=folder.parent / "cache")


def _reads(target: Target) -> str:
    return (target.dir / "pricing.py").read_text()


def passes(target: Target) -> Finding:
    """Proved unless the word "broken" stands in the pricing."""
    return failed("it is broken", size=1) if "broken" in _reads(target) else proved("it is fine", "seen", size=1)


def reads(target: Target) -> Finding:
    """Proved by a file that is no code."""
    return proved((target.dir / "prices.yaml").read_text())


def blind(target: Target) -> Finding:
    """Proved whatever happens."""
    return proved("all is well")


def breaks(target: Target) -> Finding:
    """Raise."""
    raise ValueError("no such thing")


def dies(target: Target) -> Finding:
    """End the process."""
    os._exit(3)


def hangs(target: Target) -> Finding:
    """Never answer."""
    while True:
        time.sleep(60)


def writes(target: Target) -> Finding:
    """Change the project."""
    (target.dir / "pricing.py").write_text("broken")
    return proved("written")


def empty(target: Target) -> Finding:
    """Answer something that is no finding."""
    return None  # type: ignore[return-value]


_BREAK = Plant("break", "x.passes", "the word broken", add("pricing.py", "# broken\n"))
PASSES = Standard("x.passes", "It is fine.", "It must be.", passes, inputs=("pricing.py",), plants=(_BREAK,))
READS = Standard("x.reads", "Prices are fine.", "They must be.", reads, inputs=("pricing.py",))
ORDERS = Standard("x.orders", "Entities are fine.", "They must be.", blind, inputs=("entities.py",))
BLIND = Standard("x.blind", "All is well.", "It must be.", blind, plants=(_BREAK,))
BREAKS = Standard("x.breaks", "It raises.", "It must not.", breaks)
DIES = Standard("x.dies", "It ends.", "It must not.", dies)
HANGS = Standard("x.hangs", "It hangs.", "It must not.", hangs, timeout=0.5)
WRITES = Standard("x.writes", "It writes.", "It may in a copy.", writes, writes=True, inputs=("pricing.py",))
SPOILS = Standard("x.spoils", "It writes.", "It may not here.", writes, inputs=("pricing.py",))
EMPTY = Standard("x.empty", "It says nothing.", "It must.", empty)
