"""The small project that lies are told about: proved once, copied for each lie."""

import json
import os
import shutil
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from backwright.worker import journal
from backwright.worker.prove import acceptance, agreed, harness, seal
from backwright.worker.prove.checks.agreed import AGREED
from backwright.worker.prove.checks.candid import CANDID
from backwright.worker.prove.checks.coverage import COVERAGE
from backwright.worker.prove.checks.layered import LAYERED
from backwright.worker.prove.checks.logged import LOGGED
from backwright.worker.prove.checks.secrets import SECRETS
from backwright.worker.prove.checks.versioned import VERSIONED
from backwright.worker.prove.ledger import Head, Ledger
from backwright.worker.prove.standard import Standard
from backwright.worker.prove.target import Target
from backwright.worker.report.agree import disagreements
from backwright.worker.report.markdown import table
from backwright.worker.report.proof import Proof

STANDARDS: tuple[Standard, ...] = (LAYERED, LOGGED, SECRETS, CANDID, COVERAGE, AGREED, VERSIONED)
"""Those that the small project is proved by: quick ones of every kind."""
FILES = {
    "model.py": '''"""What is stored."""

from backwright import Account, Entity, Owner


class Reader(Account):
    """Who keeps notes."""


class Note(Entity):
    """A note."""

    reader: Owner[Reader]
    text: str
''',
    "access.py": '''"""Who may do what."""

from backwright import allow
from model import Note, Reader


def own(note: Note, who: Reader) -> bool:
    """Whoever wrote it."""
    return note.reader == who.id


access = [allow(Note, read=own, write=own)]
''',
    "app.py": '''"""Notes, put together."""

from access import access
from backwright import App, Database, Load, Password, Rest
from model import Reader

app = App(
    access=access,
    sign_in=[Password(Reader)],
    serve=[Rest()],
    database=Database.from_environment(),
    load=Load(rows=50, rate=20),
)
''',
    "pricing.py": '''"""The rules of price."""


def discount(total: int) -> int:
    """A tenth off from a hundred on."""
    if total >= 100:
        return total * 9 // 10
    return total
''',
    "tests/test_notes.py": '''"""What is declared, and what it costs."""

from types import SimpleNamespace
from uuid import uuid4

from access import own
from app import app
from pricing import discount


def test_discount() -> None:
    assert discount(200) == 180
    assert discount(2) == 2


def test_own() -> None:
    mine, theirs = uuid4(), uuid4()
    who = SimpleNamespace(id=mine)
    assert own(SimpleNamespace(reader=mine), who)
    assert not own(SimpleNamespace(reader=theirs), who)
    assert app.load.rate == 20
''',
    "README.md": "# Notes\n",
    "pyproject.toml": '[project]\nname = "notes"\nversion = "1"\n',
    "requirements.txt": "msgspec==0.20.0\n",
}  # fmt: skip
BROKEN = "\n\ndef late() -> None:\n    print('late')\n"
"""Behind a file of code: two standards fail."""


@dataclass(frozen=True, slots=True)
class Lie:
    """One way of claiming what was not measured. ``first`` is the standard whose replay would give it away soonest."""

    id: str
    sentence: str
    tell: "Callable[[World], None]"
    first: str = ""


@dataclass(slots=True)
class World:
    """A project that is lied about."""

    dir: Path
    environment: dict[str, str] = field(default_factory=dict[str, str])
    """What the liar sets in the environment of whoever verifies."""
    reports: list[str] = field(default_factory=list[str])
    """What the liar hands in with it."""

    @property
    def target(self) -> Target:
        return Target(self.dir)

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.dir)

    # --- what a liar does ---------------------------------------------------------------------------------------------

    def write(self, name: str, text: str) -> None:
        """Write a file."""
        place = self.dir / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")

    def append(self, name: str, text: str) -> None:
        """Add to a file."""
        place = self.dir / name
        self.write(name, (place.read_text(encoding="utf-8") if place.exists() else "") + text)

    def rewrite(self, name: str, old: str, new: str) -> None:
        """Replace a text that is there."""
        text = (self.dir / name).read_text(encoding="utf-8")
        if old not in text:
            raise LookupError(f"{name} has no {old!r}")
        self.write(name, text.replace(old, new))

    def prove(self, *only: str, standards: tuple[Standard, ...] = STANDARDS) -> None:
        """Let the harness measure these standards as things are; the claims about others are made to fit."""
        self.forge(lambda records: [one | {"inputs": self.now(one["patterns"])} for one in records])
        harness.prove(self.target, [s for s in standards if s.id in only], at_once=1)

    def records(self) -> list[dict[str, Any]]:
        """The entries of the ledger."""
        return [json.loads(line) for line in self.ledger.lines()]

    def put(self, records: list[dict[str, Any]]) -> None:
        """Write the entries, with the seals that they carry."""
        self.ledger.file.write_bytes(b"".join(map(journal.encode, records)))

    def edit(self, standard: str, **changes: Any) -> None:
        """Change the newest entry of a standard, and leave its seal."""
        records = self.records()
        newest = max(n for n, one in enumerate(records) if one["standard"] == standard)
        records[newest] |= changes
        self.put(records)

    def forge(self, change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> None:
        """Change the entries and make everything fit: numbers, names, evidence, digests, seals and head."""
        previous, made = seal.FIRST, list[dict[str, Any]]()
        for number, one in enumerate(change(self.records()), start=1):
            name = f"{number:04d}-{one['standard']}"
            was = self.ledger.folder / one["evidence"]
            raw = was.read_bytes() if was.exists() else b"claim: x\nrun on: x\n\nseen\n"
            lines = raw.decode().splitlines()
            data = "\n".join([f"claim: {name}", f"run on: {one['subject']}", *lines[2:], ""]).encode()
            place = f"evidence/{name}.txt"
            (self.ledger.folder / place).write_bytes(data)
            entry = one | {"id": name, "number": number, "evidence": place, "evidence_digest": seal.digest(data), "previous": previous,
                           "replay": f"backwright replay {name}", "seal": "", "signature": ""}  # fmt: skip
            entry["seal"] = previous = seal.of_record(entry)
            made.append(entry)
        self.put(made)
        self.ledger.head.write_bytes(msgspec.json.encode(Head(len(made), previous)))

    def forged(self, standard: str, **changes: Any) -> None:
        """Change the newest entry of a standard, and make everything fit."""

        def change(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
            newest = max(n for n, one in enumerate(records) if one["standard"] == standard)
            return [one | changes if n == newest else one for n, one in enumerate(records)]

        self.forge(change)

    def now(self, patterns: list[str]) -> dict[str, str]:
        """The manifest of the files as they are."""
        return seal.manifest(self.dir, seal.names(self.dir, patterns))

    # --- what a verifier does -----------------------------------------------------------------------------------------

    def refused(self, first: str = "") -> str:
        """The first reason why it is not accepted: on paper, by its reports, or by running its checks again; empty if it is."""
        with _set(self.environment):
            for reason in acceptance.on_paper(self.ledger, self.target, STANDARDS):
                return reason
            proof = Proof(self.dir, standards=[s.id for s in STANDARDS])
            for name in self.reports:
                for reason in disagreements(self.dir / name, proof):
                    return reason
            for replayed in acceptance.again(self.ledger, self.target, STANDARDS, first=first):
                if not replayed.agrees:
                    return f"{replayed.claim.id}: {'; '.join([*replayed.touched, *replayed.differences])}"
        return ""


@contextmanager
def _set(environment: Mapping[str, str]) -> Generator[None]:
    before = dict(os.environ)
    os.environ.update(environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def proved(folder: Path) -> World:
    """The small project in a folder, agreed to and proved, with its two reports."""
    world = World(folder / "notes")
    for name, text in FILES.items():
        world.write(name, text)
    agreed.accept(world.target)
    harness.prove(world.target, STANDARDS)
    proof = Proof(world.dir, standards=[s.id for s in STANDARDS])
    rows = table(("Standard", "Verdict", "Finding", "Replay"), ((i.standard, i.verdict, i.finding, i.replay) for i in proof.lines))
    world.write(
        ".backwright/notes.md", "\n".join(["Everything measured holds." if proof.good else "Not everything is proved.", "", *rows, ""])
    )
    world.write(".backwright/response.json", json.dumps({"evidence": proof.summary(world.dir / ".backwright")}, indent=2))
    return world


def copied(world: World, folder: Path) -> World:
    """The same project elsewhere, to be lied about."""
    shutil.copytree(world.dir, folder / world.dir.name, symlinks=True)
    return World(folder / world.dir.name)


def today() -> datetime:
    """The time now, for liars who forge it."""
    return datetime.now(UTC)
