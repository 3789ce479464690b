"""W3C trace context, request ids, and events to listeners."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwright.observe.events import Event, FaultRaised
from backwright.observe.observer import Observers
from backwright.observe.request_id import RequestIds, accepted
from backwright.observe.traces import Sampler, parse

bits = st.integers(0, (1 << 192) - 1)
VALID = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@given(bits, st.floats(0, 1))
def test_what_is_sent_can_be_read(random_bits: int, ratio: float) -> None:
    """The header of a trace, parsed, names the trace, our span and the decision."""
    trace = Sampler(ratio).begin(None, random_bits)
    read = parse(trace.header().encode())

    assert read is not None and (read.trace_id, read.span_id, read.sampled) == (trace.trace_id, trace.span_id, trace.sampled)


@given(bits)
def test_a_trace_goes_on(random_bits: int) -> None:
    """A valid header keeps the trace and becomes the parent; the span is ours."""
    trace = Sampler().begin(VALID, random_bits)

    assert (trace.trace_id, trace.parent_span_id) == ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331")
    assert len(trace.span_id) == 16 and int(trace.span_id, 16) != 0


@pytest.mark.parametrize(
    "header",
    [
        b"", b"x", b"ff" + VALID[2:], VALID.upper(), VALID[:-1], VALID + b"-x", VALID + b"1", b"00-" + b"0" * 32 + VALID[35:],
        VALID[:36] + b"0" * 16 + b"-01", VALID.replace(b"-", b"_"), VALID[:-2] + b"zz", b"00-" + VALID,
    ],
)  # fmt: skip
def test_an_invalid_header_is_as_none(header: bytes) -> None:
    """The trace begins here, as the standard says."""
    assert parse(header) is None and Sampler().begin(header, 1 << 64).parent_span_id == ""


def test_a_later_version_is_read_as_far_as_it_is_known() -> None:
    """Version 01 may have more behind the flags."""
    assert parse(b"01" + VALID[2:] + b"-more") is not None


@given(bits, st.floats(0, 1), st.floats(0, 1))
def test_sampling_is_consistent(random_bits: int, one: float, other: float) -> None:
    """What a smaller ratio records, a larger one records too, in every process."""
    low, high = sorted((one, other))

    assert Sampler(low).begin(None, random_bits).sampled <= Sampler(high).begin(None, random_bits).sampled


def test_nothing_and_everything() -> None:
    """Ratio 0 records nothing, 1 everything."""
    for random_bits in (0, 1, (1 << 192) - 1):
        assert not Sampler(0).begin(None, random_bits).sampled and Sampler(1).begin(None, random_bits).sampled


def test_a_stranger_does_not_decide_what_is_recorded() -> None:
    """The caller's flag counts only where callers are trusted."""
    assert not Sampler(0).begin(VALID, 5).sampled and Sampler(0, trust_parent=True).begin(VALID, 5).sampled


def test_a_harmless_request_id_is_kept() -> None:
    """Letters, digits, dots, dashes and underscores, up to 64."""
    assert RequestIds(7)(b"ab_C-1.2") == "ab_C-1.2"


@pytest.mark.parametrize("header", [b"", None, b"a b", b"a\n", b"<x>", b"x" * 65, b"-x", b"\xc3\xa9", b'"'])
def test_a_harmful_request_id_is_replaced(header: bytes | None) -> None:
    """What could break a line, a page or a budget is not taken over."""
    assert accepted(header) is None and RequestIds(7)(header).startswith("0000000000000007-")


def test_made_request_ids_differ() -> None:
    """No two requests of a process, and no two processes, share one."""
    one, other = RequestIds(1), RequestIds(2)

    assert len({one(), one(), other(), other()}) == 4 and accepted(one().encode())


def test_every_listener_hears_every_event(capsys: pytest.CaptureFixture[str]) -> None:
    """One that fails is named once and stops neither the others nor the request."""
    heard: list[Event] = []

    def broken(event: Event, /) -> None:
        raise RuntimeError("disk full")

    observers = Observers(broken)
    observers.add(heard.append)
    for _ in range(3):
        observers(FaultRaised("x"))

    assert len(heard) == 3 and capsys.readouterr().err.count("disk full") == 1
