"""What the benchmark makes of its figures, and the requests it sends."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.generator import content_length, read_requests
from benchmarks.measure import Figure, medians
from benchmarks.messages import HOW_MANY, MODES, write_requests
from benchmarks.peers import PEERS, Ratio, ratios
from benchmarks.report import ratio_lines, table

RATIO = Ratio("rest-one", "rate", ("shop", "one"), ("fastapi", "one"))


def figure(peer: str, rate: float, failed: int = 0) -> Figure:
    return Figure(peer, "one", rate=rate, cpu=1e6 / rate, database_cpu=0, p50=1, p99=2, memory=50, others=0, failed=failed)


def test_a_ratio_is_ours_over_theirs() -> None:
    """Requests per second of the first over those of the second, medians of all rounds."""
    middle = medians([figure("shop", rate) for rate in (900, 1000, 5000)] + [figure("fastapi", 100)])

    assert ratio_lines([RATIO], middle) == ["ratio rest-one 10"]


@pytest.mark.parametrize("figures", [[figure("shop", 1000)], [figure("shop", 1000, failed=1), figure("fastapi", 100)]])
def test_no_ratio_without_two_good_figures(figures: list[Figure]) -> None:
    """A side that was not measured, or answered with errors, yields no ratio: never a flattering one."""
    assert ratio_lines([RATIO], medians(figures)) == []


def test_a_failure_in_one_round_is_not_averaged_away() -> None:
    """Failed answers are summed over the rounds."""
    assert medians([figure("shop", 1), figure("shop", 2, failed=3), figure("shop", 3)])["shop", "one"].failed == 3


def test_every_ratio_names_servers_that_are_run() -> None:
    """Names are unique, and both sides are peers in a mode that has requests."""
    cells = [cell for ratio in ratios() for cell in (ratio.ours, ratio.theirs)]

    assert len({ratio.name for ratio in ratios()}) == len(ratios())
    assert all(peer in PEERS and mode in MODES for peer, mode in cells)


def test_the_table_has_a_row_for_each_figure() -> None:
    """Peers come in the order of their list."""
    rows = table(medians([figure("fastapi", 100), figure("shop", 1000)])).splitlines()[2:]

    assert [row.split(" | ")[2] for row in rows] == ["1,000", "100"]


@pytest.mark.parametrize("mode", MODES)
def test_prepared_requests_read_back(mode: str, tmp_path: Path) -> None:
    """Every prepared request is one whole HTTP message, with its token, and a body as long as it says."""
    write_requests(mode, 8000, tmp_path / "requests", token="secret")
    found = read_requests(tmp_path / "requests")

    assert len(found) == HOW_MANY
    for message in found:
        head, _, body = message.partition(b"\r\n\r\n")
        assert b"\r\nAuthorization: Bearer secret" in head
        assert len(body) == (content_length(head) if mode == "create" else 0)


@given(st.integers(min_value=0, max_value=10**9), st.sampled_from(["Content-Length", "content-length"]))
def test_the_length_of_an_answer_is_read_from_its_head(length: int, name: str) -> None:
    """Whatever the case of the name and the headers around it."""
    assert content_length(f"HTTP/1.1 200 OK\r\nServer: x\r\n{name}: {length}\r\nDate: y".encode()) == length


def test_an_answer_without_a_length_is_an_error() -> None:
    """The bundled generator does not guess."""
    with pytest.raises(ValueError, match="without Content-Length"):
        content_length(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked")
