"""The texts of statements that have taken too long for the event loop."""

_FAST_ENOUGH = 8


class SlowStatements:
    """Remembers at most `most` texts; forgets one that has been fast several times in a row, as a cold cache slows anything once."""

    __slots__ = ("_most", "texts")

    def __init__(self, most: int = 1000) -> None:
        self._most = most
        self.texts: dict[str, int] = {}
        """Text to fast runs in a row; look here whether a text is known."""

    def add(self, sql: str) -> None:
        """It was slow just now."""
        if len(self.texts) >= self._most:
            del self.texts[next(iter(self.texts))]
        self.texts[sql] = 0

    def was_fast(self, sql: str) -> None:
        """It was fast just now."""
        runs = self.texts.get(sql, 0) + 1
        if runs >= _FAST_ENOUGH:
            self.texts.pop(sql, None)
        elif sql in self.texts:
            self.texts[sql] = runs
