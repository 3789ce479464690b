"""The histogram of latencies: what is counted is what is drawn."""

from hypothesis import given
from hypothesis import strategies as st

from backwright.worker.prove.rig.load import histogram as counted
from backwright.worker.report.chart import histogram
from backwright.worker.report.page import buckets


@given(st.lists(st.floats(0, 10), max_size=50))
def test_every_answer_is_in_one_bucket(times: list[float]) -> None:
    """The figure reads back to as many answers as there were, each under the bound that it kept."""
    read = buckets(counted(times))
    assert sum(count for _, count in read) == len(times)
    within = sum(count for bound, count in read if bound != "more" and int(bound) <= 20)
    assert within == sum(took * 1000 <= 20 for took in times)


def test_buckets_are_drawn_with_their_counts() -> None:
    """A bar for each bucket up to the slowest, the empty ones between included; nothing for nothing."""
    text = histogram(buckets(counted([0.0005, 0.004, 0.004])), "ms")
    assert text.count("<rect") == 4 and ">2</text>" in text and histogram([], "ms") == ""
