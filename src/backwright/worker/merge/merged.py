"""What a three-way merge ends in. Pure values."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Merged:
    """What three texts became."""

    text: str
    """With theirs wherever there is a conflict."""
    wanted: str
    """With ours there instead: where a patch leads."""
    base: str
    """What the next merge starts from: ours, but as it was in every conflict, so that the conflict stays one until it is settled."""
    conflicts: tuple[str, ...] = ()
    """Where: ``class Book › price``."""
    notes: tuple[str, ...] = ()
    """What else somebody should know."""
