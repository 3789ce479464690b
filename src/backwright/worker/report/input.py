"""What a report is written from, beside the ledger: what was built, as plain values that the delivery fills in. No verdicts."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Status = Literal["implemented", "modified", "planned"]
Outcome = Literal["built", "changed", "refused"]
TestKind = Literal["unit", "integration", "api"]
IndexType = Literal["B-tree", "hash", "GIN", "GiST"]


@dataclass(frozen=True, slots=True)
class Example:
    """A request or an answer: status for answers, the body as plain values, None for none."""

    body: Any = None
    status: int | None = None
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One operation as clients see it."""

    method: str
    path: str
    description: str
    authentication: str
    status: Status = "implemented"
    request: Example | None = None
    response: Example | None = None
    errors: tuple[Example, ...] = ()
    rate_limit: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    name: str
    type: str
    constraints: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Index:
    """One index of a table."""

    name: str
    columns: tuple[str, ...]
    type: IndexType = "B-tree"
    unique: bool = False


@dataclass(frozen=True, slots=True)
class Relationship:
    """A foreign key: a column here, and the table and column it refers to."""

    column: str
    table: str
    target: str = "id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table; ``modified`` when it was there before."""

    name: str
    purpose: str
    columns: tuple[Column, ...] = ()
    indexes: tuple[Index, ...] = ()
    relationships: tuple[Relationship, ...] = ()
    modified: bool = False


@dataclass(frozen=True, slots=True)
class Migration:
    """One migration file: what it does, and how it is undone."""

    file: str
    description: str
    rollback: str


@dataclass(frozen=True, slots=True)
class Method:
    """One function of a service."""

    name: str
    parameters: str
    returns: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Business functions that belong together, usually one module."""

    name: str
    responsibility: str
    methods: tuple[Method, ...] = ()
    dependencies: tuple[str, ...] = ()
    error_handling: str = ""
    testing: str = ""


@dataclass(frozen=True, slots=True)
class DomainRule:
    """A rule of the business; planned when nobody has written it."""

    name: str
    description: str
    status: Status = "implemented"


@dataclass(frozen=True, slots=True)
class TestFile:
    """A file of tests, and what it tests."""

    file: str
    kind: TestKind
    description: str


@dataclass(frozen=True, slots=True)
class Assumption:
    """Something that the design does not say and that was inferred: to be confirmed."""

    about: str
    reason: str


@dataclass(frozen=True, slots=True)
class Accounted:
    """What became of one element of the design."""

    element: str
    outcome: Outcome
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Integrations:
    """What the feature is connected to, a sentence each; empty where it is not."""

    database: str = ""
    external_apis: str = ""
    message_queues: str = ""
    background_jobs: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportInput:
    """Everything about one delivery that the reports tell and no check measures."""

    session_id: str
    feature: str
    generated: datetime
    framework: str
    authentication: str
    worker: str = "backend-worker"
    endpoints: tuple[Endpoint, ...] = ()
    tables: tuple[Table, ...] = ()
    migrations: tuple[Migration, ...] = ()
    services: tuple[Service, ...] = ()
    rules: tuple[DomainRule, ...] = ()
    tests: tuple[TestFile, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    account: tuple[Accounted, ...] = ()
    caching_strategy: str = ""
    optimizations: tuple[str, ...] = ()
    files_created: tuple[str, ...] = ()
    files_modified: tuple[str, ...] = ()
    dependencies_added: tuple[str, ...] = ()
    hand_overs: tuple[str, ...] = ()
    integrations: Integrations = field(default_factory=Integrations)
