"""What a tool is: a name, a sentence for the model that chooses it, a strict input, and a function that answers.

A tool's function is plain and synchronous. Those that are marked ``apart`` run in a process of their own, which is ended when the call is
cancelled, its client has gone, or its deadline has passed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import msgspec

from backwright.worker.mcp.refused import Refused

LONGEST_TEXT = 2_000_000
"""How many characters one argument may have."""

Text = Annotated[str, msgspec.Meta(max_length=LONGEST_TEXT)]
Word = Annotated[str, msgspec.Meta(min_length=1, max_length=4_000)]


class Input(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The arguments of a tool; anything that is not named is refused."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a tool found: one sentence or page for people and models, and the same as values."""

    text: str
    data: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a tool works: the project, where its sessions are kept, which standards a promotion needs, and who hears how far it is."""

    project: Path
    sessions: Path | None = None
    standards: tuple[str, ...] = ()
    """Ids or groups; all for none."""
    say: Callable[[str], None] = lambda _: None

    def heard(self, files: int) -> None:
        """Say every few thousand files how many were looked at."""
        if files and files % 2_000 == 0:
            self.say(f"{files} files")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One tool that a server offers."""

    name: str
    description: str
    input: type[Input]
    run: Callable[[Any, Desk], Answer]
    reads: bool = False
    """It changes nothing at all."""
    apart: bool = False
    deadline: float = 60.0

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of its input."""
        (_, defined) = msgspec.json.schema_components((self.input,), ref_template="#/$defs/{name}")
        body = dict(defined.pop(self.input.__name__))
        body.pop("title", None)
        body.pop("description", None)
        return body | ({"$defs": defined} if defined else {}) | {"additionalProperties": False}

    def arguments(self, given: Mapping[str, Any]) -> Input:
        """The arguments, checked. Raises `Refused` with what is wrong and where."""
        try:
            return msgspec.convert(given, type=self.input)
        except msgspec.ValidationError as error:
            known = ", ".join(field.encode_name for field in msgspec.structs.fields(self.input)) or "none"
            raise Refused(f"{self.name} cannot take these arguments: {error}. Its arguments are: {known}.") from None
