"""Does a text call for the backend worker? Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from re import Pattern

from backwright.worker.triggers.words import AGAINST, CLEAR, PLAIN, SITUATIONS, TECHNICAL, UNTOUCHED, VAGUE

LONGEST = 20_000
"""Characters of a text that are looked at."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """The answer, and what it rests on."""

    yes: bool
    words: tuple[str, ...]
    situations: tuple[str, ...]
    reason: str


def classify(text: str) -> Trigger:
    """Whether the text asks for work on a backend.

    One clear word is enough, unless the backend is named only to be left alone. A vague word needs a second one, or a word of the trade,
    and nothing that tells of another subject. A sentence without any of them counts where it describes a backend's work in plain words.
    """
    text = text[:LONGEST]
    if match := UNTOUCHED.search(text):
        return Trigger(False, (), (), f"the backend is to be left alone: {match.group()!r}")
    clear, vague, plain, against = (_found(text, patterns.items()) for patterns in (CLEAR, VAGUE, PLAIN, AGAINST))
    words = tuple(dict.fromkeys([*clear, *vague]))
    trade = TECHNICAL.search(text) is not None
    if clear and not (against and len(clear) == 1 and _weak(clear)):
        return _yes(text, words, f"it names {', '.join(clear)}")
    if against:
        return Trigger(False, words, (), f"it is about something else: {', '.join(against)}")
    if len(vague) >= 2 or (vague and (trade or plain)):
        return _yes(text, words, f"{', '.join(vague)} in a technical sentence")
    if plain and trade:
        return _yes(text, tuple(plain), f"it describes {', '.join(plain)}")
    return Trigger(False, words, (), f"{', '.join(words)} alone may mean anything" if words else "nothing in it speaks of a backend")


def _yes(text: str, words: tuple[str, ...], reason: str) -> Trigger:
    return Trigger(True, words, _found(text, SITUATIONS.items()), reason)


def _weak(clear: tuple[str, ...]) -> bool:
    """A clear word that another subject can still overrule."""
    return clear[0] in ("server", "processing", "database", "background job", "integration")


def _found(text: str, patterns: Iterable[tuple[str, Pattern[str]]]) -> tuple[str, ...]:
    return tuple(name for name, pattern in patterns if pattern.search(text))
