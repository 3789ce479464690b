"""Tiers over a sliding hour: never over, perhaps early."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwright.operations.limits import DEFAULT_TIERS, HOUR, Tier, Window, tiers_from, windows

# Around the edges of a group (36 s) and of the hour, several requests at one moment, and anything between.
gaps = st.lists(
    st.sampled_from([0.0, 0.0, 1.0, 30.0, 35.5, 36.0, 36.5, 300.0, 3565.0, 3569.5, 3570.0, 3599.5, 3600.0])
    | st.floats(min_value=0, max_value=HOUR * 1.2)
    | st.floats(min_value=0, max_value=40),
    max_size=120,
)


def admitted(window: Window, times: list[float], cost: int = 1) -> list[float]:
    return [at for at in times if window.check("k", at, cost).allowed]


def running(steps: list[float]) -> list[float]:
    times, now = [], 1_000_000.0
    for step in steps:
        now += step
        times.append(now)
    return times


def test_a_whole_tier_may_be_spent_at_once() -> None:
    """Anonymous callers may send 100 requests in one moment; the 101st is refused."""
    window = windows(DEFAULT_TIERS)["anonymous"]

    assert len(admitted(window, [5.0] * 101)) == 100


def test_the_default_tiers() -> None:
    """Anonymous 100, authenticated 1,000, premium 10,000 an hour."""
    assert {tier.name: tier.per_hour for tier in DEFAULT_TIERS} == {"anonymous": 100, "authenticated": 1_000, "premium": 10_000}


def test_an_hour_later_all_of_it_is_back() -> None:
    """What was spent at once comes back at once, an hour after its last request."""
    window = Window("t", 3)
    admitted(window, [0.0, 1.0, 2.0])

    assert not window.check("k", HOUR + 1.9).allowed
    assert admitted(window, [HOUR + 2.0] * 4) == [HOUR + 2.0] * 3


@given(gaps, st.integers(1, 12), st.integers(1, 3))
def test_no_window_of_an_hour_admits_more_than_the_limit(steps: list[float], limit: int, cost: int) -> None:
    """Wherever an hour begins, what was admitted in it stays within the limit, whatever the times and the cost."""
    went = admitted(Window("t", limit), running(steps), cost)

    for begin in went:
        assert sum(cost for at in went if begin <= at and at - begin < HOUR) <= limit


def test_a_group_is_given_back_after_its_last_request() -> None:
    """Requests half a minute apart share a group; none of them comes back before its own hour is over."""
    window = Window("t", 3)
    admitted(window, [0.0, 40.0, 70.0])

    assert admitted(window, [HOUR + 69.0] * 3) == [HOUR + 69.0]


def test_requests_a_minute_apart_come_back_a_minute_apart() -> None:
    """What was spread over the hour is given back spread over the hour, to within 36 seconds."""
    window = Window("t", 3)
    admitted(window, [0.0, 60.0, 120.0])

    assert admitted(window, [HOUR, HOUR + 59.0, HOUR + 60.0, HOUR + 119.0, HOUR + 120.0]) == [HOUR, HOUR + 60.0, HOUR + 120.0]


@given(gaps, st.integers(1, 12))
def test_nothing_is_refused_that_a_slightly_longer_hour_would_admit(steps: list[float], limit: int) -> None:
    """A refusal means that the limit was used within the last hour and 1 %: early by no more than that."""
    window, went = Window("t", limit), list[float]()
    for at in running(steps):
        recent = sum(at - before <= HOUR * 1.01 + 1e-6 for before in went)
        if window.check("k", at).allowed:
            went.append(at)
        else:
            assert recent >= limit


@given(gaps, st.integers(1, 6), st.integers(1, 8))
def test_retry_after_is_enough_and_true(steps: list[float], limit: int, cost: int) -> None:
    """Whoever waits as long as a refusal says is admitted, if the request fits the limit at all."""
    window = Window("t", limit)
    for at in running(steps):
        decision = window.check("k", at, cost)
        if not decision.allowed:
            assert decision.retry_after >= 1
            assert window.check("k", at + decision.retry_after, cost).allowed == (cost <= limit)
            return


@given(gaps, st.integers(1, 12))
def test_remaining_is_what_may_still_be_sent_now(steps: list[float], limit: int) -> None:
    """After an admitted request, exactly `remaining` more are admitted in the same moment."""
    window, now = Window("t", limit), 0.0
    decision = window.check("k", now)
    for now in running(steps):
        decision = window.check("k", now)

    assert len(admitted(window, [now] * (limit + 1))) == decision.remaining


def test_memory_for_a_key_is_bounded() -> None:
    """However the requests are spread over the hour, a key keeps at most 101 groups."""
    window = Window("t", 10_000)
    admitted(window, [n * 0.37 for n in range(20_000)])
    use = window._uses["k"]

    assert use.older is not None and len(use.older) <= 101


def test_keys_do_not_share() -> None:
    """One caller's requests are not another's."""
    window = Window("t", 1)

    assert window.check("ann", 0.0).allowed and window.check("bob", 0.0).allowed


def test_a_refusal_uses_nothing_up() -> None:
    """Whoever is refused a dear operation may still send a cheap one."""
    window = Window("t", 3)

    assert not window.check("k", 0.0, cost=4).allowed
    assert window.check("k", 0.0, cost=3).allowed


def test_a_refund_gives_back() -> None:
    """What is refunded may be used again."""
    window = Window("t", 1)
    window.check("k", 0.0)
    window.refund("k")

    assert window.check("k", 0.0).allowed


def test_full_of_keys_the_one_idle_longest_is_forgotten() -> None:
    """Beyond its capacity the limiter forgets the key that was quiet longest, and counts it."""
    window = Window("t", 1, capacity=2)
    for at, key in enumerate(["ann", "bob", "cyd"]):
        window.check(key, float(at))

    assert len(window) == 2 and window.forgotten == 1
    assert not window.check("cyd", 3.0).allowed and window.check("ann", 3.0).allowed


def test_dead_keys_are_swept() -> None:
    """Keys that were quiet for an hour make room without being counted as forgotten."""
    window = Window("t", 1)
    for n in range(50):
        window.check(f"old {n}", 0.0)
    for n in range(50):
        window.check(f"new {n}", HOUR)

    assert len(window) <= 51 and window.forgotten == 0


@given(st.integers(1, 200), st.integers(1, 16))
def test_the_shares_of_all_workers_add_up_to_the_limit(limit: int, workers: int) -> None:
    """N workers together admit exactly the limit: each its part."""
    parts = [windows((Tier("t", limit),), workers=workers, worker=n)["t"] for n in range(workers)]

    assert sum(len(admitted(window, [0.0] * limit)) for window in parts) == limit


def test_a_worker_promises_the_tier_and_admits_its_part() -> None:
    """One of two workers names the whole limit in its headers and refuses after half of it."""
    window = windows((Tier("t", 10),), workers=2, worker=0)["t"]

    assert len(admitted(window, [0.0] * 10)) == 5
    assert (b"x-ratelimit-limit", b"10") in window.check("promised", 0.0).headers(0.0)


def test_headers_of_an_admitted_request() -> None:
    """The draft's structured fields and the older X-RateLimit headers, the reset as a Unix time."""
    headers = dict(Window("anonymous", 100).check("k", 7.0).headers(1_700_000_000.5))

    assert headers == {
        b"ratelimit-policy": b'"anonymous";q=100;w=3600', b"ratelimit": b'"anonymous";r=99;t=3600', b"x-ratelimit-limit": b"100",
        b"x-ratelimit-remaining": b"99", b"x-ratelimit-reset": b"1700003600",
    }  # fmt: skip


def test_headers_of_a_refusal() -> None:
    """A refusal says in Retry-After when to come again, in agreement with the other headers."""
    window = Window("t", 1)
    window.check("k", 0.0)
    headers = dict(window.check("k", 100.5).headers(1_700_000_000.0))

    assert headers[b"retry-after"] == b"3500"
    assert headers[b"ratelimit"] == b'"t";r=0;t=3500'


@given(gaps, st.integers(1, 10), st.integers(1, 10))
def test_a_burst_keeps_requests_apart(steps: list[float], limit: int, burst: int) -> None:
    """With a burst, at most burst + 1 + rate x seconds are admitted in any stretch of time."""
    went = admitted(Window("t", limit, burst=burst), running(steps))

    for first, begin in enumerate(went):
        for last in range(first, len(went)):
            assert last - first + 1 <= burst + math.floor((went[last] - begin) * limit / HOUR + 1e-6) + 1


def test_a_burst_is_refused_beyond_its_size() -> None:
    """Three at once are three, although the hour has room; the fourth is told when it may come."""
    window = Window("t", 3600, burst=3)

    assert len(admitted(window, [0.0] * 5)) == 3
    assert window.check("k", 0.0).retry_after == 1 and window.check("k", 1.0).allowed


def test_tiers_from_words() -> None:
    """The environment changes named tiers, adds new ones and leaves the others."""
    tiers = {tier.name: tier for tier in tiers_from("anonymous=5/h, partner=70/h burst 9")}

    assert (tiers["anonymous"].per_hour, tiers["partner"].burst, tiers["premium"].per_hour) == (5, 9, 10_000)


@pytest.mark.parametrize("text", ["anonymous", "anonymous=5", "anonymous=-5/h", "a b=5/h", "x=0/h", "x=5/h burst no", "x=1e3/h"])
def test_wrong_words_for_tiers_are_refused(text: str) -> None:
    """What is no tier is refused with a sentence."""
    with pytest.raises(ValueError, match=r"tier|Tier"):
        tiers_from(text)
