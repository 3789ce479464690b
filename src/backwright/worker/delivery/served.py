"""The account of a design after the delivery: what is served is exported, read like any design, and compared with it."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from backwright.worker.account import Entry, traced
from backwright.worker.blueprint import Blueprint
from backwright.worker.design import Design
from backwright.worker.differences import Difference, compare, unexplained
from backwright.worker.importers.openapi import import_openapi
from backwright.worker.infer.entries import NOT_ENFORCED
from backwright.worker.place import BrokenDesign
from backwright.worker.plan import DeliveryPlan


@dataclass(frozen=True, slots=True)
class Account:
    """Every element with what became of it, and every difference of the served contract, if there was one to read."""

    entries: tuple[Entry, ...]
    differences: tuple[Difference, ...]
    measured: bool
    reason: str = ""
    contract: Design | None = None
    """What is served, read like a design."""

    @property
    def unexplained(self) -> list[Difference]:
        """The differences that break the design's promise."""
        return unexplained(self.differences)

    @property
    def good(self) -> bool:
        """Whether the served contract was measured and keeps the promise."""
        return self.measured and not self.unexplained


def account(
    design: Design, blueprint: Blueprint, plan: DeliveryPlan, document: Any, keep: Path, ddl: Mapping[str, str] | None = None
) -> Account:
    """Compare the design with the served OpenAPI document, which is kept at ``keep``, and with the tables that migrations make."""
    provisional = blueprint.accounted
    keep.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    try:
        served = import_openapi(keep)
    except BrokenDesign as error:
        return Account(provisional, (), False, f"the served document cannot be read: {error.problems[0]}")
    found = tuple(_announced(_by_tables(one, design), blueprint) for one in compare(design, served))
    final = traced(_final(blueprint, plan, unexplained(found)), design.origins)
    return Account(final, found, True, contract=served)


def _by_tables(one: Difference, design: Design) -> Difference:
    """A bound that only the tables ask for, beside a contract that says nothing of it."""
    asked = re.match(r"has (maxLength|minLength|minimum|maximum|exclusiveM\w+|pattern|format) .* instead of None", one.what)
    if not design.tables or one.explained or asked is None:
        return one
    return replace(one, explained="announced in the plan: the tables ask for it")


def _announced(one: Difference, blueprint: Blueprint) -> Difference:
    """Credentials in another form than the design's: the plan said so, with the reason."""
    if not one.explained and (said := _kept_as_json(one.what) or _unchecked(one.what) or _as_xml(one.what)):
        return replace(one, explained=f"announced in the plan: {said}")
    other = next((a for a in blueprint.contract.auth if not a.built), None)
    if other is None or one.explained or not one.what.startswith("takes credentials"):
        return one
    return replace(one, explained=f"announced in the plan: {other.reason}")


def _unchecked(what: str) -> str:
    """Why a keyword is not there: the account of the design says that it is not enforced."""
    word = re.match(r"has (\w+) None instead of ", what)
    return NOT_ENFORCED.get(word[1], "") if word is not None else ""


def _as_xml(what: str) -> str:
    """Why a media type is missing: the account says of each that XML is not served."""
    return "XML is not served" if re.fullmatch(r"is not (taken|answered) as \S*\bxml\b\S*", what) else ""


def _kept_as_json(what: str) -> str:
    """Why several forms of a value became one of any form: the account says that which branch it is does not change how it is stored."""
    anything = re.fullmatch(r"has 0 alternatives instead of [2-9]\d*|is array, boolean, number, object, string instead of anything", what)
    return "the value is kept as JSON, whichever branch it is" if anything is not None else ""


def _final(blueprint: Blueprint, plan: DeliveryPlan, broken: Sequence[Difference]) -> tuple[Entry, ...]:
    """The provisional account, corrected by what was found: rules that wait, and promises that are not kept."""
    waiting = {f"{o.method} {o.path}": o.name for o in blueprint.operations if o.name in plan.unwritten}
    prefix = blueprint.contract.prefix
    final: list[Entry] = []
    written = {f"{o.method} {o.path}" for o in blueprint.operations if o.name in plan.kept}
    for entry in blueprint.account:
        if entry.element.kind == "operation" and entry.element.name in written and "501" in entry.reason:
            entry = replace(entry, verdict="built", reason="")  # somebody has written its rule
        if entry.element.kind == "operation" and entry.verdict == "built":
            route = entry.element.name
            method, _, path = route.partition(" ")
            served = f"{method} {prefix}{re.sub(r'{[^}]*}', '{}', path)}"
            differs = [f"{d.where.removeprefix(served).strip()} {d.what}".strip() for d in broken if f"{d.where} ".startswith(f"{served} ")]
            if route in waiting:
                entry = replace(entry, verdict="changed", reason=f"answers 501 until the business rule {waiting[route]} is written")
            elif differs:
                entry = replace(entry, verdict="changed", reason="; ".join(differs[:5]))
        final.append(entry)
    return tuple(final)
