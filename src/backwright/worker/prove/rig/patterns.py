"""Random texts that match a regular expression: for seeded rows whose fields declare a pattern. Pure but for the given source of chance."""

import re
from random import Random
from typing import Any

_DIGITS, _WORD = "0123456789", "abcdefghijklmnopqrstuvwxyz0123456789_"
_CATEGORIES = {
    "CATEGORY_DIGIT": _DIGITS, "CATEGORY_WORD": _WORD, "CATEGORY_SPACE": " ", "CATEGORY_NOT_SPACE": _WORD, "CATEGORY_NOT_DIGIT": "abcxyz",
    "CATEGORY_NOT_WORD": "-. ",
}  # fmt: skip
_ANY = "abcdefghijklmnopqrstuvwxyz0123456789"


class Unmatchable(Exception):
    """No text could be made for a pattern."""


def matching(pattern: str, chance: Random, *, shortest: int = 0, longest: int | None = None) -> str:
    """A text of an allowed length that the pattern finds a match in. Raises `Unmatchable`."""
    parse: Any = __import__("re._parser", fromlist=["parse"]).parse
    for most in (8, 3, 16, 1, 40):
        for _ in range(20):
            try:
                found = "".join(_piece(str(word), value, chance, most) for word, value in parse(pattern))
            except (NotImplementedError, re.error):
                raise Unmatchable(pattern) from None
            if re.search(pattern, found) and shortest <= len(found) <= (len(found) if longest is None else longest):
                return found
    raise Unmatchable(pattern)


def _piece(word: str, value: Any, chance: Random, most: int) -> str:
    match word:
        case "LITERAL":
            return chr(value)
        case "ANY":
            return chance.choice(_ANY)
        case "NOT_LITERAL":
            return chance.choice(_ANY.replace(chr(value), ""))
        case "AT":
            return ""
        case "IN":
            return chance.choice(_options(value))
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            low, high, inner = value
            times = chance.randint(low, max(low, min(int(high), low + most)))
            return "".join(_piece(str(w), v, chance, most) for _ in range(times) for w, v in inner)
        case "SUBPATTERN":
            return "".join(_piece(str(w), v, chance, most) for w, v in value[-1])
        case "BRANCH":
            return "".join(_piece(str(w), v, chance, most) for w, v in chance.choice(value[1]))
        case _:
            raise NotImplementedError(word)


def _options(parts: Any) -> str:
    """The characters that a class allows."""
    negated = str(parts[0][0]) == "NEGATE"
    named = "".join(_named(str(word), value) for word, value in parts if str(word) != "NEGATE")
    left = "".join(c for c in _ANY + "-_ A" if c not in named) if negated else named
    if not left:
        raise NotImplementedError("a class without a usable character")
    return left


def _named(word: str, value: Any) -> str:
    if word == "RANGE":
        return "".join(chr(c) for c in range(value[0], min(value[1], value[0] + 255) + 1))
    return chr(value) if word == "LITERAL" else _CATEGORIES.get(str(value), "")
