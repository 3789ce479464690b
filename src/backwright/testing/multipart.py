"""Bodies as a browser sends them: URL-encoded forms and multipart with files."""

from collections.abc import Mapping
from urllib.parse import urlencode

BOUNDARY = "backwright-7c1f4d5e9a"

File = bytes | tuple[str, bytes] | tuple[str, bytes, str]
"""A file's content; or its name and content; or its name, content and content type."""


def encoded(form: Mapping[str, str] | None, files: Mapping[str, File] | None) -> tuple[str, bytes]:
    """The content type and the body of a form, with or without files."""
    if not files:
        return "application/x-www-form-urlencoded", urlencode(form or {}).encode()
    parts = [_part(f'name="{name}"', value.encode()) for name, value in (form or {}).items()]
    parts += [_file(name, file) for name, file in files.items()]
    return f"multipart/form-data; boundary={BOUNDARY}", b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def _file(name: str, file: File) -> bytes:
    whole = (name, file) if isinstance(file, bytes) else file
    content_type = whole[2] if len(whole) == 3 else "application/octet-stream"
    return _part(f'name="{name}"; filename="{whole[0]}"', whole[1], content_type)


def _part(disposition: str, content: bytes, content_type: str = "") -> bytes:
    typed = f"Content-Type: {content_type}\r\n" if content_type else ""
    return f"--{BOUNDARY}\r\nContent-Disposition: form-data; {disposition}\r\n{typed}\r\n".encode() + content + b"\r\n"
