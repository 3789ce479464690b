"""What goes to the database-specialist. Pure."""

import re
from collections.abc import Iterator

from backwright.worker.protocol.escalation.seen import Raised, Seen

TO = "database-specialist"
MOST_FIELDS, MOST_ENTITIES = 8, 3
"""By more fields a list is a complex query; with as many entities a rule is a complex transaction."""
_LOSES = re.compile(r"\bdrop (table|column)\b")
_ALTERS = re.compile(r"^(alter|rename|drop) ")
_HARD = re.compile(
    r"\b(two[- ]phase|distributed transaction|saga|compensat\w+|serializable|isolation|deadlock|exactly[- ]once|rollback across|ledger|"
    r"double[- ]entry|reconcil\w+)\b",
    re.IGNORECASE,
)  # fmt: skip


def query(seen: Seen) -> Iterator[Raised]:
    """Complex query optimization: a list that filters and sorts by more than eight fields, or queries that use no index."""
    wide = {name: fields for name, fields in seen.queries.items() if fields > MOST_FIELDS}
    if wide:
        yield Raised(TO, "query", "lists are filtered and sorted by many fields", {"lists": wide})
    if found := seen.failing("db.query-indexed", "db.fk-indexed"):
        yield Raised(TO, "query", "queries use no index", {"claims": found}, about=" ".join(sorted(found)))


def schema(seen: Seen) -> Iterator[Raised]:
    """A schema in use has to change: migrations on tables that were there. One that loses data blocks."""
    if not seen.existing_tables:
        return
    losing = [step for step in seen.migrations if _LOSES.search(step)]
    other = [step for step in seen.migrations if _ALTERS.search(step) and step not in losing]
    if losing:
        yield Raised(TO, "schema-change", "a migration loses data", {"steps": losing}, blocks=True)
    if other:
        yield Raised(TO, "schema-change", "tables in use change", {"steps": other})


def transactions(seen: Seen) -> Iterator[Raised]:
    """Transaction complexity: a rule over three entities or more, or one whose words speak of it."""
    found = {
        name: {"entities": list(entities), "words": words[:300]}
        for name, (words, entities) in seen.rules.items()
        if len(entities) >= MOST_ENTITIES or _HARD.search(words)
    }
    if found:
        yield Raised(TO, "transactions", "rules change several things at once", {"rules": found})
