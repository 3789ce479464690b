"""A delivery to report on: every part of it filled in, with text that tries to break out of its line."""

from datetime import UTC, datetime

from backwright.worker.report.input import (
    Accounted,
    Assumption,
    Column,
    DomainRule,
    Endpoint,
    Example,
    Index,
    Integrations,
    Method,
    Migration,
    Relationship,
    ReportInput,
    Service,
    Table,
    TestFile,
)


def delivery(session_id: str) -> ReportInput:
    """A report's input for this session."""
    return ReportInput(
        session_id=session_id,
        feature="Bookshop\n## not a heading",
        generated=datetime(2026, 11, 21, 22, 5, tzinfo=UTC),
        framework="Backwright",
        authentication="Bearer tokens",
        endpoints=(
            Endpoint(
                method="POST", path="/v1/orders", description="Place an order", authentication="signed in", rate_limit="1,000 an hour",
                request=Example({"basket": {}}), response=Example({"id": "1"}, 201),
                errors=(Example({"title": "Out of stock"}, 409, "too few"),),
            ),
            Endpoint(method="POST", path="/v1/refunds", description="Give it back", authentication="staff", status="planned"),
        ),
        tables=(
            Table(
                name="orders", purpose="What was bought", columns=(Column("id", "uuid", "primary key", "its | key"),),
                indexes=(Index("ix_orders_customer_id", ("customer_id",)),), relationships=(Relationship("customer_id", "customers"),),
            ),
            Table(name="customers", purpose="Who buys", modified=True),
        ),
        migrations=(Migration("migrations/0001.py", "creates orders", "drops orders"),),
        services=(Service(name="ordering", responsibility="orders", methods=(Method("place_order", "basket", "Order", "places"),)),),
        rules=(DomainRule("no order without stock", "refused with 409"), DomainRule("refund", "nobody has written it", "planned")),
        tests=(TestFile("tests/unit/test_pricing.py", "unit", "prices"), TestFile("tests/integration/test_a.py", "integration", "orders")),
        assumptions=(Assumption("orders belong to customers", "customer_id is required"),),
        account=(Accounted("POST /v1/orders", "built"), Accounted("x-legacy", "refused", "nothing to serve")),
        files_created=("app.py",), files_modified=("README.md",), dependencies_added=("backwright",),
        integrations=Integrations(database="SQLite"),
    )  # fmt: skip
