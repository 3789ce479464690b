"""Keeps secrets out of what is written: by the key they stand under, by their look, and by value if they were handed in. Pure."""

import re
from typing import Any

HIDDEN = "***"
_WORDS = r"pass(?:word|wd|phrase)?|secret|token|authorization|cookie|credential|api[-_]?key|private[-_]?key|jwt"
_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")
_KEY = re.compile(rf"(?:^|_)(?:{_WORDS})s?(?:_|$)|(?:password|secret|token|cookie)s?$")
_PAIR = re.compile(
    rf"""(?P<key>["']?[\w-]*(?:{_WORDS})[\w-]*["']?\s*[=:]\s*)(?:(?:Bearer|Basic|Token)\s+)?(?:"[^"]*"|'[^']*'|[^\s,;)&}}\]]+)""",
    re.IGNORECASE,
)
_LOOKS = (
    (re.compile(r"(?<=://)([^/\s:@]*):([^/\s@]+)(?=@)"), rf"\1:{HIDDEN}"),  # postgresql://user:password@host
    (re.compile(r"\b(Bearer|Basic)\s+[\w.~+/=-]+", re.IGNORECASE), rf"\1 {HIDDEN}"),
    (re.compile(r"\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*"), HIDDEN),  # a signed token
    (re.compile(r"\$argon2\w*\$[^\s'\"]+"), HIDDEN),
)
SHORTEST = 6
"""Shorter values are not looked for: hiding every "abc" would hide the log."""


class Mask:
    """Hides secrets in text and in nested values. `values` are secrets known beforehand, such as the server's key."""

    def __init__(self, *values: str) -> None:
        self._values: tuple[str, ...] = ()
        self.hide(*values)

    def hide(self, *values: str) -> None:
        """Hide these values wherever they occur, from now on."""
        known = {*self._values, *(value for value in values if len(value) >= SHORTEST)}
        self._values = tuple(sorted(known, key=len, reverse=True))

    def text(self, text: str) -> str:
        """`text` without secrets."""
        for value in self._values:
            text = text.replace(value, HIDDEN)
        for look, instead in _LOOKS:
            text = look.sub(instead, text)
        return _PAIR.sub(rf"\g<key>{HIDDEN}", text)

    def value(self, value: Any) -> Any:
        """`value` without secrets: what stands under a telling key is hidden whole, text is searched."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            named: dict[Any, Any] = value  # pyright: ignore[reportUnknownVariableType]  # narrowed from Any
            return {key: HIDDEN if is_secret(str(key)) else self.value(held) for key, held in named.items()}
        if isinstance(value, list | tuple | set | frozenset):
            items: list[Any] = [*value]
            return [self.value(item) for item in items]
        return value


def is_secret(key: str) -> bool:
    """Whether a value under this key must not be shown: ``password``, ``accessToken``, ``Set-Cookie``, ``API_KEY`` …"""
    return _KEY.search(_HUMPS.sub("_", key).lower()) is not None
