"""A histogram as bars: SVG text; pure."""

from collections.abc import Sequence

BAR, HEIGHT, FOOT, TOP = 46, 120, 34, 18


def histogram(buckets: Sequence[tuple[str, int]], label: str) -> str:
    """One bar for each bucket, its count above and its upper bound below. Nothing for no buckets."""
    if not buckets:
        return ""
    most = max(count for _, count in buckets) or 1
    bars = "".join(_bar(number, bound, count, most) for number, (bound, count) in enumerate(buckets))
    width, height = BAR * len(buckets) + 10, TOP + HEIGHT + FOOT
    caption = f'<text class="axis" x="{width / 2:g}" y="{height - 4}" text-anchor="middle">{label}</text>'
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    return f'<svg class="chart" {size} role="img" aria-label="{label}">{bars}{caption}</svg>'


def _bar(number: int, bound: str, count: int, most: int) -> str:
    tall = max(1 if count else 0, round(HEIGHT * count / most))
    x, y = 8 + number * BAR, TOP + HEIGHT - tall
    middle = x + (BAR - 8) / 2
    bar = f'<rect x="{x}" y="{y}" width="{BAR - 8}" height="{tall}"/>'
    above = f'<text x="{middle:g}" y="{y - 4}" text-anchor="middle">{count}</text>' if count else ""
    return f'{bar}{above}<text x="{middle:g}" y="{TOP + HEIGHT + 14}" text-anchor="middle">{bound}</text>'
