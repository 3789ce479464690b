"""What a three-way merge starts from and ends in. Pure values."""

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


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is known about one file."""

    base: str | None = None
    """The text that the next merge starts from; None where there is none."""
    generated: str | None = None
    """The text that was generated last."""
    left: str = ""
    """The digest of the file as a delivery left it."""
    once: bool = False
    """Made once and never again, like a migration."""
