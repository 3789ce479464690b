"""What goes to the performance-optimizer. Pure."""

from collections.abc import Iterator

from backwright.worker.protocol.escalation.seen import Raised, Seen

TO = "performance-optimizer"
MOST_RATE, MOST_ROWS = 2_000, 50_000_000
"""Requests a second and rows from which on one database and a few processes are not the usual answer."""
_SLOW = ("run.latency", "db.n-plus-one", "run.errors")
_RUN = ("run.latency", "run.errors", "run.scales", "run.available", "db.n-plus-one", "db.query-indexed")


def slow(seen: Seen) -> Iterator[Raised]:
    """A complex performance issue: latency, errors under load or repeated statements, still there after planning again."""
    if found := seen.failing(*_SLOW):
        evidence = {"claims": found, "planned_again": seen.tried}
        yield Raised(TO, "performance-issue", "it stays slow after what the worker can do", evidence, about=" ".join(sorted(found)))


def scaling(seen: Seen) -> Iterator[Raised]:
    """Scaling beyond the standard techniques: a declared load above 2,000 requests a second or 50 million rows, or `run.scales` fails."""
    large = {name: n for name, n, most in (("rate", seen.rate, MOST_RATE), ("rows", seen.rows, MOST_ROWS)) if n > most}
    if large:
        yield Raised(TO, "scaling", "the declared load is beyond the standard techniques", large)
    if found := seen.failing("run.scales"):
        yield Raised(TO, "scaling", "more processes do not carry more", {"claims": found}, about="run.scales")


def system_wide(seen: Seen) -> Iterator[Raised]:
    """System-wide optimization: two or more standards of running and of queries fail together."""
    found = seen.failing(*_RUN)
    if len(found) >= 2:
        yield Raised(TO, "system-wide", "several things are slow at once", {"claims": found}, about=" ".join(sorted(found)))
