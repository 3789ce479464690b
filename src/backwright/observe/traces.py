"""Where a request stands in a distributed trace (W3C Trace Context), and whether it is recorded. Pure: randomness is an argument.

The decision comes before anything is made for a span, so that a request that is not recorded costs two numbers and one string.
"""

import re

import msgspec

_TRACEPARENT = re.compile(rb"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")


class Parent(msgspec.Struct, frozen=True, gc=False):
    """What a ``traceparent`` header says."""

    trace_id: str
    span_id: str
    sampled: bool


class Trace(msgspec.Struct, frozen=True, gc=False):
    """This request's place: the trace, our span in it, the caller's span (or ""), and whether it is recorded."""

    trace_id: str
    span_id: str
    parent_span_id: str
    sampled: bool

    def header(self) -> str:
        """The ``traceparent`` for calls that this request makes."""
        return f"00-{self.trace_id}-{self.span_id}-{'01' if self.sampled else '00'}"


UNTRACED = Trace("", "", "", False)
"""The place of a request that is in no trace."""


def parse(header: bytes | None) -> Parent | None:
    """Read a ``traceparent``. None if it is missing or invalid: then the trace begins here, as the standard says."""
    found = _TRACEPARENT.fullmatch(header.strip()) if header else None
    if found is None or (found[1] == b"00" and found[5]):
        return None
    return Parent(found[2].decode(), found[3].decode(), bool(int(found[4], 16) & 1))


class Sampler:
    """Decides which traces are recorded.

    `ratio` of the traces that begin here (0 to 1), by their id, so that every process with the same ratio decides alike. A caller's own
    decision is taken over only with `trust_parent`: else any client could have all of its requests recorded.
    """

    def __init__(self, ratio: float = 0.0, *, trust_parent: bool = False) -> None:
        if not 0 <= ratio <= 1:
            raise ValueError(f"a sampling ratio lies between 0 and 1, not {ratio}")
        self.begins = ratio > 0
        """Whether any trace that begins here is recorded."""
        self._below = int(ratio * (1 << 56))
        self._trust_parent = trust_parent

    def begin(self, header: bytes | None, random_bits: int) -> Trace:
        """The place of a request that sent `header` as its ``traceparent``; `random_bits` are 192 of them."""
        span_id = f"{(random_bits & (1 << 64) - 1) or 1:016x}"
        parent = parse(header) if header else None
        if parent is None:
            trace = (random_bits >> 64 & (1 << 128) - 1) or 1
            return Trace(f"{trace:032x}", span_id, "", trace & (1 << 56) - 1 < self._below)
        sampled = parent.sampled if self._trust_parent else int(parent.trace_id[-14:], 16) < self._below
        return Trace(parent.trace_id, span_id, parent.span_id, sampled)
