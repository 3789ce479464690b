"""The list of assumptions: nothing is decided silently."""

from backwright.worker.blueprint import Assumption, Confidence
from backwright.worker.place import Place


class Notes:
    """Collects assumptions, each once."""

    def __init__(self) -> None:
        self.found: dict[tuple[str, str], Assumption] = {}

    def add(self, about: str, decision: str, reason: str, confidence: Confidence, place: Place) -> None:
        """Write one down."""
        self.found.setdefault((about, decision), Assumption(about, decision, reason, confidence, place))
