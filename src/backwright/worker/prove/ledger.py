"""The ledger: every claim ever made about a project, one line each, each sealed together with the one before it. Only added to."""

import json
import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from backwright.worker import journal
from backwright.worker.prove import seal
from backwright.worker.prove.verdict import Figure, Verdict

KEY_NAME = "BACKWRIGHT_SEAL_KEY"
"""The environment variable that holds the signing key, where there is one."""


class Claim(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry: what was measured, on what, with what, and what came out."""

    id: str
    """Its number in the ledger and its standard: ``0007-code.clean``."""
    number: int
    standard: str
    subject: str
    app: str
    verdict: Verdict
    finding: str
    figures: dict[str, Figure]
    command: str
    started: str
    finished: str
    tools: dict[str, str]
    kit: str
    """The kit's version and the digest of its code: ``0.1.0 sha256:…``."""
    patterns: list[str]
    inputs: dict[str, str]
    """The files that the claim depends on, lock files included: path → SHA-256."""
    evidence: str
    evidence_digest: str
    replay: str
    previous: str
    """The seal of the entry before."""
    seal: str = ""
    signature: str = ""


class Head(msgspec.Struct, frozen=True):
    """Where the ledger ends, kept beside it. It shows an end that was cut off, and one that was added by hand."""

    entries: int = 0
    seal: str = seal.FIRST
    next: str = ""
    """The seal of an entry that is being written: after a kill it is there or it is not."""

    @classmethod
    def of(cls, file: Path) -> "Head":
        """Read it. Without the file, or when it cannot be read, the head of an empty ledger."""
        try:
            return msgspec.json.decode(file.read_bytes(), type=cls)
        except (OSError, msgspec.DecodeError):
            return cls()

    def agrees(self, entries: int, last: str) -> bool:
        """Whether a ledger with so many entries, the last one sealed so, is the one that was left."""
        return (entries, last) in ((self.entries, self.seal), (self.entries + 1, self.next))


class Broken(Exception):
    """The ledger cannot be added to: it was changed by another hand. ``backwright verify`` says what is wrong."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The newest claim about a standard, and its verdict as of now: stale where the files have changed."""

    claim: Claim
    verdict: Verdict
    touched: tuple[str, ...] = ()
    """What is not what it was: files, the kit, tools."""


class Ledger:
    """The claims about one project, in ``DIR/.backwright/proof/`` unless another folder is named."""

    def __init__(self, project: Path, folder: Path | None = None) -> None:
        self.project = project
        self.folder = folder or project / ".backwright" / "proof"
        self.file = self.folder / "ledger.jsonl"
        self.head = self.folder / "head.json"

    def add(self, make: Callable[[int, str], Claim]) -> Claim:
        """Seal and append one claim. ``make`` is given its number and the seal before it, while nobody else can append.

        For the harness alone. Raises `Broken`.
        """
        with journal.locked(self.file) as file:
            number, previous = self._last(file)
            if not Head.of(self.head).agrees(number, previous):
                raise Broken(f"{self.file} is not what the harness left; run `backwright verify`")
            claim = _sealed(make(number + 1, previous))
            journal.replace(self.head, msgspec.json.encode(Head(number, previous, claim.seal)))
            file.write(journal.encode(msgspec.to_builtins(claim)))
            os.fsync(file.fileno())
            journal.replace(self.head, msgspec.json.encode(Head(claim.number, claim.seal)))
            return claim

    def lines(self) -> list[bytes]:
        """The entries as they stand in the file, oldest first."""
        return journal.read(self.file)

    def claims(self) -> list[Claim]:
        """The entries that can be read, oldest first. Whether they are genuine is for `verify` to say."""
        found: list[Claim] = []
        for line in self.lines():
            try:
                found.append(msgspec.json.decode(line, type=Claim))
            except msgspec.DecodeError:
                continue
        return found

    def standing(self) -> dict[str, Standing]:
        """The newest claim about each standard with its verdict as of now, by the standard's id."""
        newest = {claim.standard: claim for claim in self.claims()}
        return {standard: self.judge(newest[standard]) for standard in sorted(newest)}

    def judge(self, claim: Claim) -> Standing:
        """The claim with its verdict as of now."""
        touched = seal.touched(self.project, claim.inputs, claim.patterns)
        if kit_version() != claim.kit:
            touched.append("the kit itself")
        now = versions(claim.tools)
        touched += [f"the tool {name} ({was}, here {now[name]})" for name, was in claim.tools.items() if now[name] != was]
        return Standing(claim, Verdict.STALE if touched else claim.verdict, tuple(touched))

    def find(self, words: str) -> Claim:
        """The claim of that id, or the newest about the standard of that name. Raises ``LookupError``."""
        for claim in reversed(self.claims()):
            if words in (claim.id, claim.standard):
                return claim
        raise LookupError(f"there is no claim {words!r} in {self.file}")

    def _last(self, file: BinaryIO) -> tuple[int, str]:
        file.seek(0)
        lines = file.read().splitlines()
        if not lines:
            return 0, seal.FIRST
        try:
            last = json.loads(lines[-1])
            return int(last["number"]), str(last["seal"])
        except (ValueError, KeyError, TypeError) as error:
            raise Broken(f"{self.file}: the last entry cannot be read; run `backwright verify`") from error


def _sealed(claim: Claim) -> Claim:
    made = msgspec.structs.replace(claim, seal=seal.of_record(msgspec.to_builtins(claim)))
    key = os.environ.get(KEY_NAME)
    return msgspec.structs.replace(made, signature=seal.sign(made.seal, key)) if key else made


def kit_version() -> str:
    """The installed kit: its version and the digest of its code."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        number = version("backwright")
    except PackageNotFoundError:
        number = "unknown"
    return f"{number} sha256:{seal.kit()}"


def versions(tools: Iterable[str]) -> dict[str, str]:
    """The installed versions of the interpreter and of these distributions; "absent" for one that is not there."""
    from importlib.metadata import PackageNotFoundError, version

    found = {"python": sys.version.split()[0]}
    for name in (name for name in tools if name != "python"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "absent"
    return found


def count(verdicts: Iterable[Verdict]) -> dict[str, int]:
    """How often each verdict occurs, every verdict named."""
    listed: list[Any] = list(verdicts)
    return {verdict.value: listed.count(verdict) for verdict in Verdict}
