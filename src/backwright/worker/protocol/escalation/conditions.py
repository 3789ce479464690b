"""Every condition under which the worker asks somebody who knows more: twelve, three for each specialist. Pure."""

from collections.abc import Callable, Iterator

from backwright.worker.protocol.escalation import architect, database, performance, security
from backwright.worker.protocol.escalation.seen import Raised, Seen

Detector = Callable[[Seen], Iterator[Raised]]
CONDITIONS: dict[str, Detector] = {
    "several-services": architect.several_services,
    "technology": architect.technology,
    "large-scale": architect.large_scale,
    "vulnerability": security.vulnerability,
    "compliance": security.compliance,
    "threats": security.threats,
    "performance-issue": performance.slow,
    "scaling": performance.scaling,
    "system-wide": performance.system_wide,
    "query": database.query,
    "schema-change": database.schema,
    "transactions": database.transactions,
}


def raised(seen: Seen) -> list[Raised]:
    """Every question that what was seen raises, in the order of the conditions."""
    return [one for detector in CONDITIONS.values() for one in detector(seen)]
