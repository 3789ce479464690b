"""The server's secret key: whether it is strong enough, the keys made from it, and one that development makes for itself."""

import hmac
import math
import os
import secrets
from collections import Counter
from pathlib import Path

LEAST_BYTES = 32
LEAST_BITS = 96
"""Of entropy, estimated from how often each character occurs: 32 random hexadecimal digits come out at about 115."""
MAKE_ONE = "Make one: python -c 'import secrets; print(secrets.token_urlsafe(48))'"
_PLACEHOLDERS = (
    "changeme", "change-me", "change_me", "changethis", "change-this", "placeholder", "your-secret", "your_secret", "yoursecret",
    "secretkey", "secret-key", "secret_key", "mysecret", "insecure", "example", "password", "development", "dummy", "replace",
    "123456", "abcdef", "qwerty",
)  # fmt: skip
"""None shorter than five letters: those occur in random keys."""


def weakness(key: str) -> str | None:
    """Why a key will not do in production, or None. Guesses that a person typed it from length, repetition and well-known words."""
    if len(key.encode()) < LEAST_BYTES:
        return f"has fewer than {LEAST_BYTES} bytes"
    if word := next((word for word in _PLACEHOLDERS if word in key.lower()), None):
        return f"contains {word!r}, as placeholders do"
    counts = Counter(key)
    bits = -sum(n * math.log2(n / len(key)) for n in counts.values())
    if bits < LEAST_BITS or _repeats(key):
        return "repeats itself too much to be random"
    return None


def derived(key: str, purpose: str) -> bytes:
    """A key of 32 bytes for one purpose (HMAC-SHA-256 of its name), so that no two uses of the server's key share theirs."""
    return hmac.digest(key.encode(), f"backwright {purpose}".encode(), "sha256")


def development_key(folder: Path) -> str:
    """The key that lies in ``folder/secret_key``, made when it is missing, readable by its owner only.

    Kept in a file so that signed-in developers stay so over a reload, and all workers have the same.
    """
    path = folder / "secret_key"
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f".secret_key.{os.getpid()}.{secrets.token_hex(4)}"
    if not path.exists():
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(fresh, path)  # whole or not at all; and of several workers that start together, one wins
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text(encoding="ascii")


def _repeats(key: str) -> bool:
    return any(key[:size] * (len(key) // size) == key[: len(key) // size * size] for size in range(1, len(key) // 2 + 1))
