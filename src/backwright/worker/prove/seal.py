"""Seals: digests of what a claim says and of what it was measured on. An edited file turns exactly the claims that list it stale."""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from backwright.worker.prove import tree

FIRST = "0" * 64
"""What the first entry of a ledger names as its predecessor."""

LOCKS = ("uv.lock", "poetry.lock", "Pipfile.lock", "pdm.lock", "requirements*.txt", "pyproject.toml")
"""Files that fix the versions of what the project runs on: part of every claim."""

_OUTSIDE = ("seal", "signature")


def digest(data: bytes) -> str:
    """SHA-256 in lower-case hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def of_file(path: Path) -> str:
    """The digest of a file's bytes; of a file that is not there, the empty string."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def of_record(record: Mapping[str, Any]) -> str:
    """The seal of a ledger entry: over every key and value but the seal and the signature, and so over the seal before it."""
    body = {key: value for key, value in record.items() if key not in _OUTSIDE}
    return digest(json.dumps(body, sort_keys=True, ensure_ascii=True, separators=(",", ":"), allow_nan=False).encode())


def sign(seal: str, key: str) -> str:
    """HMAC-SHA256 of the seal, for a key that only CI knows."""
    return hmac.new(key.encode(), seal.encode(), hashlib.sha256).hexdigest()


def signed(seal: str, signature: str, key: str) -> bool:
    """Whether the signature was made from this seal with this key."""
    return hmac.compare_digest(sign(seal, key), signature)


def names(folder: Path, patterns: Sequence[str]) -> list[str]:
    """The files that the patterns choose in the project, lock files included."""
    return tree.chosen(tree.files(folder), [*patterns, *LOCKS]) if patterns else []


def manifest(folder: Path, chosen: Iterable[str]) -> dict[str, str]:
    """The digest of each file, by its path relative to the project."""
    return {name: of_file(folder / name) for name in chosen}


def touched(folder: Path, inputs: Mapping[str, str], patterns: Sequence[str]) -> list[str]:
    """The files that are not what they were when the claim was made: changed, gone, or new where a pattern would have chosen them."""
    changed = [name for name, was in inputs.items() if of_file(folder / name) != was]
    new = [name for name in names(folder, patterns) if name not in inputs]
    return sorted(changed + new)


@cache
def kit() -> str:
    """The digest of the installed kit and worker: of every source and data file in the package."""
    package = Path(__file__).resolve().parents[2]
    listed = [name for name in tree.files(package) if name.endswith((".py", ".toml", ".json", ".ini", ".jinja"))]
    return digest("".join(f"{name} {of_file(package / name)}\n" for name in listed).encode())
