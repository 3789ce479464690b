"""An entity while it is worked out from its table, and what those who work on it share. Pure."""

import re
from dataclasses import dataclass, field
from typing import Any, Literal

from backwright.worker.account import Verdict
from backwright.worker.blueprint import EnumPlan, FieldPlan, IndexPlan
from backwright.worker.infer.kinds import member_name
from backwright.worker.infer.notes import Notes
from backwright.worker.place import Place
from backwright.worker.tables import Table, Tables

Answer = tuple[Verdict, str]
PEOPLE = ("user", "account", "customer", "member", "person", "app_user", "client", "login", "staff", "employee")
HASHES = ("password_hash", "password", "encrypted_password", "hashed_password", "passwd", "password_digest", "pwd_hash")
SECRETS = re.compile(r"(^|_)(password|passwd|secret|api_key|token_hash|private_key|totp|otp_secret|salt|password_\w+|\w+_secret)$")
STAMPS = ("created_at", "updated_at")
DO = "to be decided by the database-specialist"


@dataclass(slots=True)
class Draft:
    """One entity while its fields are worked out."""

    table: Table
    name: str
    key: Literal["id", "other", "none"] = "none"
    """Whether the primary key is the kit's id, something else, or not there."""
    fields: dict[str, FieldPlan] = field(default_factory=lambda: {})
    """By column."""
    uniques: list[tuple[str, ...]] = field(default_factory=lambda: [])
    indexes: list[IndexPlan] = field(default_factory=lambda: [])
    many: list[FieldPlan] = field(default_factory=lambda: [])
    account: bool = False
    stamps: bool = False
    versioned: bool = False

    @property
    def kept(self) -> tuple[str, ...]:
        """The columns that the kit keeps by itself."""
        return (*(n for n in STAMPS if self.stamps), *(["version"] if self.versioned else []))

    def attribute(self, column: str) -> str:
        """The field of a column; nothing if there is none."""
        return column if column in self.kept else self.fields[column].name if column in self.fields else ""

    @property
    def primary(self) -> str:
        """The one column of the primary key; nothing where there are several, or none."""
        keys = self.table.primary.columns if self.table.primary is not None else ()
        return keys[0] if len(keys) == 1 else ""


class Bench:
    """What everybody who works on the entities shares: the tables, and what became of each thing said in them."""

    def __init__(self, tables: Tables, notes: Notes, enums: dict[str, EnumPlan]) -> None:
        self.tables, self.notes, self.enums = tables, notes, enums
        self.told: dict[str, Answer] = {}
        """By the pointer of the element; what is not here is built."""
        self.drafts: dict[str, Draft] = {}
        """By the table's id."""
        self.joins: dict[str, Table] = {}

    def tell(self, pointer: str, verdict: Verdict, reason: str) -> None:
        """Note what became of an element; the first word stands."""
        if reason:
            self.told.setdefault(pointer, (verdict, reason))

    def stays(self, otherwise: str) -> str:
        """Why something is not kept; of a database that is there, what becomes of it."""
        return "it stays in the database as it is; the kit does not know it" if self.tables.live else f"{otherwise}; {DO}"

    def enum(self, name: str, values: tuple[Any, ...], doc: str, place: Place) -> str:
        """The name of an enum with these values; the same one for the same place."""
        members: list[tuple[str, str | int]] = []
        for value in values:
            word, number = member_name(value), 2
            while word in {m for m, _ in members}:
                word, number = f"{member_name(value)}_{number}", number + 1
            members.append((word, value))
        known = next((e for e in self.enums.values() if e.members == tuple(members) and e.place == place), None)
        if known is not None:
            return known.name
        taken = {*self.enums, *(d.name for d in self.drafts.values())}
        free, number = name, 2
        while free in taken:
            free, number = f"{name}{number}", number + 1
        self.enums[free] = EnumPlan(free, tuple(members), doc, place)
        return free
