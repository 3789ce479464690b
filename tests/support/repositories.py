"""Small foreign repositories, written from one string."""

import re
import textwrap
from pathlib import Path

_HEAD = re.compile(r"^=== (\S.*)\n", re.M)


def repository(root: Path, text: str) -> Path:
    """Write the files that the string holds: a line ``=== path`` begins each, what follows is its text. Returns ``root``."""
    parts = _HEAD.split(textwrap.dedent(text))
    for path, body in zip(parts[1::2], parts[2::2], strict=True):
        place = root / path.strip()
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(body, encoding="utf-8")
    return root
