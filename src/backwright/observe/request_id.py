"""The id of a request: the client's own if it is harmless, else a new one. Pure."""

import re

_HARMLESS = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def accepted(header: bytes | None) -> str | None:
    """The value of X-Request-Id if it may be logged and sent back: 1 to 64 letters, digits, ``.``, ``_``, ``-``. Else None."""
    return header.decode("ascii") if header and _HARMLESS.fullmatch(header) else None


class RequestIds:
    """Makes ids that are unique over processes: 64 random bits given at start, and a counter."""

    def __init__(self, random_bits: int) -> None:
        self._prefix = f"{random_bits & (1 << 64) - 1:016x}-"
        self._count = 0

    def __call__(self, header: bytes | None = None) -> str:
        """The id of the next request, which sent `header` as its X-Request-Id."""
        if header and (given := accepted(header)):
            return given
        self._count += 1
        return f"{self._prefix}{self._count:x}"
