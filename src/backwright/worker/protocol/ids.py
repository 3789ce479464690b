"""Session ids: the minute in UTC and the task as a slug. Pure."""

import re
import unicodedata
from datetime import UTC, datetime
from hashlib import sha256

ID = re.compile(r"\d{4}-\d\d-\d\d-\d\d-\d\d-[a-z0-9]+(-[a-z0-9]+)*")
_SHORTEST, _LONGEST = 15, 48


def slug(task: str) -> str:
    """The task in lower case with hyphens, in whole words where that fits: at least 15 characters unless the task is shorter."""
    plain = unicodedata.normalize("NFKD", task).encode("ascii", "ignore").decode().lower()
    words = "-".join(re.findall(r"[a-z0-9]+", plain))
    if len(words) < min(_SHORTEST, len(task.strip())) or not words:
        words = "-".join(filter(None, ("task", words, sha256(task.encode("utf-8", "replace")).hexdigest()[:10])))
    if len(words) <= _LONGEST:
        return words
    at = words.rfind("-", _SHORTEST, _LONGEST + 1)
    return words[: at if at > 0 else _LONGEST].rstrip("-")


def session_id(task: str, now: datetime) -> str:
    """``YYYY-MM-DD-HH-mm-task-slug``, in UTC."""
    return f"{now.astimezone(UTC):%Y-%m-%d-%H-%M}-{slug(task)}"
