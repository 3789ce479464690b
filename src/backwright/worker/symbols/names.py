"""Name paths: ``Class/method``, ``/Class/method``, ``method[0]``. Pure."""

import re
from dataclasses import dataclass

from backwright.worker.symbols.symbol import Refused

_INDEX = re.compile(r"^(?P<name>.+)\[(?P<index>\d+)\]$")


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a symbol's name path is compared with."""

    parts: tuple[str, ...]
    index: int | None
    """Which of several with that name; None is all of them."""
    exact: bool
    """The path begins at the top of the file; otherwise it is the end of a longer one."""
    substring: bool
    """The last part need only occur in the name."""

    @property
    def last(self) -> str:
        """The name that is looked for."""
        return self.parts[-1]

    def fits(self, parts: tuple[str, ...], index: int | None) -> bool:
        """Whether the symbol with these names, outermost first, is meant. The index is None for a name that occurs once."""
        if self.index is not None and self.index != (index or 0):
            return False
        if not (self.last in parts[-1] if self.substring else self.last == parts[-1]):
            return False
        above = self.parts[:-1]
        if self.exact:
            return parts[:-1] == above
        return not above or parts[:-1][-len(above) :] == above


def pattern(text: str, *, substring: bool = False) -> Pattern:
    """Read a name path. Raises ``Refused`` for one without names."""
    exact, parts = text.startswith("/"), text.strip().strip("/").split("/")
    index = None
    if found := _INDEX.match(parts[-1]):
        parts[-1], index = found["name"], int(found["index"])
    if not all(parts):
        raise Refused(f"{text!r} is no name path: write Class/method, /Class/method from the top of the file, or method[0]")
    return Pattern(tuple(parts), index, exact, substring)


def joined(parts: tuple[str, ...], index: int | None) -> str:
    """The name path as written."""
    return "/".join(parts) + (f"[{index}]" if index is not None else "")
