"""What the detectors of escalations look at: one value, made from facts, design, plan and claims. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Measured:
    """A claim, in short."""

    good: bool
    finding: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Everything that may call for somebody who knows more."""

    task: str = ""
    instructions: Mapping[str, str] = field(default_factory=dict[str, str])
    """Where it stands → the sentence that binds."""
    files: tuple[str, ...] = ()
    """The project's files as they were before."""
    words: Mapping[str, str] = field(default_factory=dict[str, str])
    """Where it stands → what the design says there in prose."""
    fields: tuple[str, ...] = ()
    """``Customer.email``."""
    operations: int = 0
    entities: int = 0
    written: int = 0
    """Files that the plan writes."""
    rules: Mapping[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict[str, tuple[str, tuple[str, ...]]])
    """Business rule → its words, and the entities that they name."""
    queries: Mapping[str, int] = field(default_factory=dict[str, int])
    """List → by how many fields clients may filter and sort it."""
    refused_security: tuple[str, ...] = ()
    """Ways to sign in that the design wants and that are not built as it says."""
    migrations: tuple[str, ...] = ()
    """Steps of the migrations that were made."""
    existing_tables: bool = False
    """There was a schema before."""
    rate: float = 0
    rows: int = 0
    """The declared load: requests a second, rows of the largest table."""
    claims: Mapping[str, Measured] = field(default_factory=dict[str, Measured])
    tried: int = 0
    """How often the delivery has planned again with what failed."""
    widened: tuple[str, ...] = ()
    """What the security review found wider than before."""

    def failing(self, *starts: str) -> dict[str, str]:
        """The standards of these areas that do not hold, with what was found."""
        return {name: claim.finding for name, claim in self.claims.items() if not claim.good and name.startswith(starts)}


@dataclass(frozen=True, slots=True)
class Raised:
    """A condition that holds: the question, and what raised it."""

    to: str
    condition: str
    reason: str
    evidence: Mapping[str, Any]
    blocks: bool = False
    about: str = ""
    """What makes it the same question when it is asked again; from the evidence where it is empty."""
