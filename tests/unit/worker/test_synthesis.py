"""Several responses as one: what is merged, what contradicts, what is left out."""

import copy
from typing import Any

import pytest

from backwright.worker.synthesis import checked, synthesize

BODY: dict[str, Any] = {
    "session_id": "a", "worker": "backend-worker", "timestamp": "2026-11-22T01:00:00Z",
    "implementation": {
        "apis": [{"endpoint": "/books/{id}", "method": "GET", "authentication": "none", "status": "implemented"}],
        "database": {"tables_created": ["book"], "tables_modified": [], "migrations": ["0001_books.py"], "indexes": ["ix_a"]},
        "services": [{"name": "books", "responsibility": "books", "methods": ["buy"], "dependencies": []}],
        "performance": {"caching_strategy": "etag", "optimizations": ["one"]},
    },
    "files_modified": ["books.py"], "tests_added": [], "dependencies_added": ["msgspec>=0.19"],
}  # fmt: skip


def other(**implementation: Any) -> dict[str, Any]:
    """A response of a second worker that has nothing in common with the first, but for what is given."""
    body = copy.deepcopy(BODY) | {"session_id": "b", "worker": "payments-worker", "files_modified": [], "dependencies_added": []}
    empty = {"tables_created": [], "tables_modified": [], "migrations": [], "indexes": []}
    body["implementation"] |= {"apis": [], "database": empty | implementation.pop("database", {}), "services": []} | implementation
    return body


def conflicts(second: dict[str, Any]) -> list[tuple[str, str]]:
    """Kind and subject of each conflict with the first response."""
    found = synthesize([checked("a", BODY), checked("b", second)])
    assert not found.left_out
    return [(one.kind, one.subject) for one in found.conflicts]


def api(**changed: str) -> dict[str, Any]:
    """The endpoint of the first response, changed."""
    return BODY["implementation"]["apis"][0] | changed


def test_what_has_nothing_in_common_is_merged() -> None:
    """Lists one after the other, without conflicts."""
    found = synthesize([checked("a", BODY), checked("b", other(database={"tables_created": ["payment"]}))])

    assert found.merged["implementation"]["database"]["tables_created"] == ["book", "payment"]
    assert found.conflicts == () and found.sources == ("a", "b")


@pytest.mark.parametrize(
    ("second", "wanted"),
    [
        (other(apis=[api(endpoint="/books/:key", status="planned")]), [("status", "GET /books/{}")]),
        (other(apis=[api(authentication="signed in", status="planned")]), [("endpoint", "GET /books/{}"), ("status", "GET /books/{}")]),
        (other(apis=[api()]), [("endpoint", "GET /books/{}")]),
        (other(apis=[api(method="POST")]), []),
        (other(database={"tables_created": ["book"]}), [("table", "book")]),
        (other(database={"migrations": ["0001_books.py"]}), [("migration", "0001_books.py")]),
        (other(database={"indexes": ["ix_a"]}), [("index", "ix_a")]),
        (other(services=[{"name": "books", "responsibility": "x", "methods": ["buy"], "dependencies": []}]), [("service", "books")]),
        (other() | {"dependencies_added": ["msgspec==0.18"]}, [("dependency", "msgspec")]),
        (other() | {"dependencies_added": ["msgspec"]}, []),
        (other() | {"files_modified": ["books.py"]}, [("file", "books.py")]),
    ],
)
def test_conflicts(second: dict[str, Any], wanted: list[tuple[str, str]]) -> None:
    """The same endpoint, table, migration, service, dependency or file, said differently or claimed twice."""
    assert conflicts(second) == wanted


def test_the_same_response_twice_counts_once() -> None:
    """A copy under another path is no second worker."""
    assert synthesize([checked("a", BODY), checked("copy", copy.deepcopy(BODY))]).conflicts == ()


@pytest.mark.parametrize("body", [[], None, "x", {}, BODY | {"extra": 1}, {k: v for k, v in BODY.items() if k != "tests_added"}])
def test_what_is_invalid_is_left_out_with_its_reasons(body: Any) -> None:
    """It is named, and the others are merged."""
    found = synthesize([checked("a", BODY), checked("b", body)])

    assert found.sources == ("a",)
    assert [(one.source, bool(one.wrong)) for one in found.left_out] == [("b", True)]


def test_both_schemas_are_accepted() -> None:
    """The exact one, and the one with evidence as deliveries write it."""
    evidence = {"ledger": "l", "head": "h", "verdicts": {}, "claims": [], "metrics": {}}

    assert checked("a", BODY).wrong == ()
    assert not [line for line in checked("a", BODY | {"evidence": evidence}).wrong if "evidence" not in line]
