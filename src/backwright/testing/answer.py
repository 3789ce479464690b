"""What the test client gets back."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec


class Headers(Mapping[str, str]):
    """Headers by their name, in any case. Of a repeated one the last; `all` gives each."""

    def __init__(self, raw: list[tuple[bytes, bytes]]) -> None:
        self.raw = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in raw]
        self._by_name = dict(self.raw)

    def __getitem__(self, name: str) -> str:
        return self._by_name[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    def all(self, name: str) -> list[str]:
        """Every value of a header, in order."""
        return [value for key, value in self.raw if key == name.lower()]

    def __repr__(self) -> str:
        return f"Headers({self._by_name!r})"


class Answer:
    """One response, read to its end."""

    def __init__(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        self.status = status
        self.headers = Headers(headers)
        self.body = body

    @property
    def text(self) -> str:
        """The body as text. Raises ``UnicodeDecodeError`` if it is none."""
        return self.body.decode()

    def json(self) -> Any:
        """The body's JSON value. Raises ``msgspec.DecodeError`` if it is none."""
        return msgspec.json.decode(self.body)

    def __repr__(self) -> str:
        return f"<{self.status} {self.headers.get('content-type', 'no content')} {self.body[:300]!r}>"
