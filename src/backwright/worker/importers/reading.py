"""A design's file as text, within limits, or the reason why it is none. The one file that opens designs."""

import re
from pathlib import Path

MAX_BYTES = 16 * 1024 * 1024


class Unreadable(Exception):
    """The file cannot be read as a tree at all."""

    def __init__(self, line: int, what: str, mend: str, pointer: str = "") -> None:
        self.line, self.what, self.mend, self.pointer = line, what, mend, pointer


def text_of(path: Path) -> str:
    """The text of a file, decoded and not empty. Raises `Unreadable` for what is no text, or too much of it."""
    try:
        if path.is_dir():
            raise Unreadable(1, "This is a folder.", "Name the design file itself.")
        if (size := path.stat().st_size) > MAX_BYTES:
            raise Unreadable(
                1, f"The file has {size:,} bytes; a design may have {MAX_BYTES:,}.", "Split it, or take out what is not API design."
            )
        raw = path.read_bytes()
    except OSError as error:
        raise Unreadable(1, f"The file cannot be read: {error.strerror}.", "Check its name and its permissions.") from None
    return _decoded(raw)


def _decoded(raw: bytes) -> str:
    encoding = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise Unreadable(line, f"The file is not text: byte 0x{raw[error.start]:02x} is not UTF-8.", "Save it as UTF-8.") from None
    if (found := re.search(r"[\x00-\x08\x0e-\x1f\ufffe\uffff]", text)) is not None:
        line = text.count("\n", 0, found.start()) + 1
        raise Unreadable(line, f"The file is not text: it holds the control character U+{ord(found.group()):04X}.", "Give a text file.")
    if not text.strip():
        raise Unreadable(1, "The file is empty.", "Write the design into it.")
    return text
