"""Adding entries to a JSON file that belongs to somebody else, and taking out exactly those again. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from backwright.worker import journal

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to add: at ``path`` a value under a key that must be free, or an element of a list."""

    path: tuple[str, ...]
    value: Any
    key: str = ""
    """Empty for an element of a list."""

    @property
    def name(self) -> str:
        """How it is spoken of."""
        return ".".join((*self.path, self.key)) if self.key else ".".join(self.path)


class Unmergeable(ValueError):
    """The file is no JSON object, or holds something else where an entry belongs."""


def read(text: str) -> Values:
    """The object in a file; an empty one for an empty file. Raises `Unmergeable`."""
    found = journal.mapping(text) if text.strip() else {}
    if found is None:
        raise Unmergeable("it is not a JSON object")
    return found


def write(values: Mapping[str, Any]) -> str:
    """The object as text."""
    return json.dumps(values, indent=2, ensure_ascii=False) + "\n"


def merged(values: Values, entries: Sequence[Entry]) -> tuple[Values, list[Entry], list[Entry]]:
    """A copy with the entries in it; those that were added; those whose place was taken by another value. Raises `Unmergeable`."""
    result: Values = _copy(values)
    added: list[Entry] = []
    taken: list[Entry] = []
    for entry in entries:
        place = _place(result, entry, make=True)
        if isinstance(place, list):
            if entry.value not in place:
                place.append(_copy(entry.value))
                added.append(entry)
        elif entry.key not in place:
            place[entry.key] = _copy(entry.value)
            added.append(entry)
        elif place[entry.key] != entry.value:
            taken.append(entry)
    return result, added, taken


def without(values: Values, entries: Sequence[Entry]) -> tuple[Values, list[Entry]]:
    """A copy without the entries that still stand as they were added, and without what became empty by that; those that were edited."""
    result: Values = _copy(values)
    edited: list[Entry] = []
    for entry in entries:
        place = _place(result, entry, make=False)
        if isinstance(place, list) and entry.value in place:
            place.remove(entry.value)
        elif isinstance(place, dict) and place.get(entry.key) == entry.value:
            del place[entry.key]
        elif isinstance(place, dict) and entry.key in place:
            edited.append(entry)
        _prune(result, entry.path)
    return result, edited


def _place(values: Values, entry: Entry, *, make: bool) -> Values | list[Any]:
    here: Any = values  # any level of a file that somebody else wrote
    nothing: Values | list[Any] = {} if entry.key else []
    for number, name in enumerate(entry.path):
        last = number == len(entry.path) - 1
        empty: Any = [] if last and not entry.key else {}
        if name not in here:
            if not make:
                return nothing
            here[name] = empty
        here = here[name]
        if not isinstance(here, type(empty)):
            if not make:
                return nothing
            raise Unmergeable(f"{'.'.join(entry.path[: number + 1])} is not {'a list' if empty == [] else 'an object'}")
    found: Values | list[Any] = here
    return found


def _prune(values: Values, path: tuple[str, ...]) -> None:
    """Take out the containers on the way that are empty now."""
    for length in range(len(path), 0, -1):
        here: Any = values
        for name in path[: length - 1]:
            here = cast(Values, here).get(name) if isinstance(here, dict) else None
        if isinstance(here, dict) and cast(Values, here).get(path[length - 1]) in ({}, []):
            del cast(Values, here)[path[length - 1]]


def _copy(value: Any) -> Any:
    return json.loads(json.dumps(value))
