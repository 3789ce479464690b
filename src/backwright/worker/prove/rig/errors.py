"""The error writer of a site, watched: what each error answer was made from, and the bytes that the declared shape gave."""

from dataclasses import dataclass
from typing import Any

from backwright.domain.refusals import Problem


@dataclass(frozen=True, slots=True)
class Written:
    """One error as the declared shape wrote it."""

    what: Any
    headers: list[tuple[bytes, bytes]]
    body: bytes

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The problems of the input that the refusal lists."""
        return tuple(getattr(self.what, "problems", ()))


class Errors:
    """Stands before the error shape of a site and keeps what it writes."""

    def __init__(self, site: Any) -> None:
        self.declared = site.errors
        self.written: list[Written] = []
        site.errors = self

    def __call__(self, what: Any, request_id: str) -> tuple[list[tuple[bytes, bytes]], bytes]:
        headers, body = self.declared(what, request_id)
        self.written.append(Written(what, headers, body))
        return headers, body

    def __getattr__(self, name: str) -> Any:
        return getattr(self.declared, name)
