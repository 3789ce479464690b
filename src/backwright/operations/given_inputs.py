"""What a function may ask of a request beside JSON: the raw body, a form, an uploaded file. Said by the parameter's type."""

from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, BinaryIO, Literal, TypeVar, Union, get_args, get_origin

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FromForm:
    """The mark that `Form` leaves on a parameter."""


Form = Annotated[T, FromForm()]
"""A form field (``application/x-www-form-urlencoded`` or ``multipart/form-data``): ``async def contact(tx, name: Form[str])``."""


def source_of(hint: Any) -> Literal["form", "body", "upload"] | None:
    """Where a parameter of this type comes from, if not from path, query or JSON."""
    if any(isinstance(mark, FromForm) for mark in getattr(hint, "__metadata__", ())):
        return "form"
    bare = [a for a in get_args(hint) if a is not type(None)]
    if get_origin(hint) in (Union, UnionType) and len(bare) == 1:
        hint = bare[0]
    if hint is Body:
        return "body"
    return "upload" if hint in (Upload, list[Upload]) else None


class Body(bytes):
    """The whole body as it came, of whatever content type: ``async def webhook(tx, body: Body)``."""

    content_type: str

    def __new__(cls, data: bytes = b"", content_type: str = "application/octet-stream") -> "Body":
        self = super().__new__(cls, data)
        self.content_type = content_type
        return self


@dataclass(frozen=True, slots=True)
class Upload:
    """An uploaded file: ``async def set_cover(tx, cover: Upload)``. It is deleted when the request ends."""

    filename: str
    """Made safe: a bare name without directories, control characters or leading dots; at most 255 bytes."""
    content_type: str
    """As the client claims; nobody has looked inside."""
    size: int
    """In bytes."""
    file: BinaryIO
    """Open for reading, at its start; in memory while it is small."""

    def read(self) -> bytes:
        """The whole content."""
        self.file.seek(0)
        return self.file.read()
