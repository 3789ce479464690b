"""What a run prints: a Markdown table of medians, and the ratios, one a line."""

from benchmarks.measure import Figure
from benchmarks.peers import PEERS, Ratio

HEAD = """| server | mode | requests/s | CPU µs | database CPU µs | p50 ms | p99 ms | MiB | others | failed |
|---|---|--:|--:|--:|--:|--:|--:|--:|--:|"""

Medians = dict[tuple[str, str], Figure]


def table(middle: Medians) -> str:
    """The medians, server by server."""
    order = list(PEERS)
    return "\n".join([HEAD, *(_row(middle[key]) for key in sorted(middle, key=lambda key: order.index(key[0])))])


def _row(figure: Figure) -> str:
    numbers = [f"{figure.rate:,.0f}", f"{figure.cpu:.0f}", f"{figure.database_cpu:.0f}", f"{figure.p50:.2f}", f"{figure.p99:.2f}"]
    tail = [f"{figure.memory:.0f}", f"{figure.others:.0%}", str(figure.failed)]
    return " | ".join(["| " + PEERS[figure.peer].what, figure.mode, *numbers, *tail]) + " |"


def ratio_lines(wanted: list[Ratio], middle: Medians) -> list[str]:
    """``ratio NAME VALUE`` for each ratio both sides of which were measured without a failed answer."""
    return [f"ratio {ratio.name} {value:.3g}" for ratio in wanted if (value := _value(ratio, middle)) is not None]


def _value(ratio: Ratio, middle: Medians) -> float | None:
    ours, theirs = middle.get(ratio.ours), middle.get(ratio.theirs)
    if ours is None or theirs is None or ours.failed or theirs.failed:
        return None
    below: float = getattr(theirs, ratio.figure)
    above: float = getattr(ours, ratio.figure)
    return above / below if below else None
