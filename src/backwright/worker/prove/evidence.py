"""Evidence: the raw output of one check, kept beside the ledger under the claim's name, with its digest."""

from dataclasses import dataclass
from pathlib import Path

from backwright.worker.journal import replace
from backwright.worker.prove.seal import digest


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where the raw output lies (relative to the ledger's folder) and the digest of its bytes."""

    file: str
    digest: str


def keep(folder: Path, claim: str, subject: str, commands: tuple[str, ...], raw: str) -> Evidence:
    """Write what a check ran, on what, and what came out. A claim's evidence is written before the claim."""
    head = [*beginning(claim, subject), *(f"command: {command}" for command in commands)]
    data = ("\n".join(head) + "\n\n" + raw.rstrip() + "\n").encode("utf-8", "backslashreplace")
    file = f"evidence/{claim}.txt"
    replace(folder / file, data)
    return Evidence(file, digest(data))


def beginning(claim: str, subject: str) -> list[str]:
    """The lines with which the evidence of a claim begins."""
    return [f"claim: {claim}", f"run on: {subject}"]
