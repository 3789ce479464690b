"""The three documentation formats: one page for each endpoint, table and service."""

import re
from collections.abc import Iterable

from backwright.worker.report.input import Endpoint, Example, ReportInput, Service, Table
from backwright.worker.report.markdown import example, line
from backwright.worker.report.proof import Proof


def api(endpoint: Endpoint) -> str:
    """``ENDPOINT: METHOD /path`` and what a client must know."""
    rows = [f"ENDPOINT: {line(endpoint.method)} {line(endpoint.path)}", "", f"DESCRIPTION: {line(endpoint.description)}", ""]
    rows += [f"AUTHENTICATION: {line(endpoint.authentication)}", ""]
    rows += ["REQUEST BODY:", *_body(endpoint.request), "", "RESPONSE:", *_body(endpoint.response), "", "ERROR RESPONSES:"]
    rows += [row for error in endpoint.errors for row in _error(error)] or ["- None"]
    return _page([*rows, "", f"RATE LIMIT: {line(endpoint.rate_limit) or 'none'}"])


def _body(given: Example | None) -> list[str]:
    if given is None or given.body is None:
        return ["None" if given is None or given.status is None else f"{given.status}, no body"]
    return [*([str(given.status)] if given.status else []), *example(given.body)]


def _error(error: Example) -> list[str]:
    head = f"- {error.status}: {line(error.description)}"
    return [head] if error.body is None else [head, "", *example(error.body), ""]


def database(table: Table) -> str:
    """``TABLE: name`` and everything in it."""
    rows = [f"TABLE: {line(table.name)}", "", f"PURPOSE: {line(table.purpose)}", "", "COLUMNS:"]
    rows += _list(f"{c.name} ({c.type}{', ' + c.constraints if c.constraints else ''}): {c.description}" for c in table.columns)
    rows += ["", "INDEXES:"]
    rows += _list(f"{i.name} ({', '.join(i.columns)}): {i.type}{', unique' if i.unique else ''}" for i in table.indexes)
    rows += ["", "RELATIONSHIPS:"]
    rows += _list(f"{r.column} → {r.table}({r.target})" for r in table.relationships)
    return _page(rows)


def service(one: Service, proof: Proof) -> str:
    """``SERVICE: name`` and what it does. Coverage is the measured one, of the project as a whole."""
    percent = proof.figure("run.coverage", "percent")
    rows = [
        f"SERVICE: {line(one.name)}",
        "",
        f"RESPONSIBILITY: {line(one.responsibility)}",
        "",
        "DEPENDENCIES:",
        *_list(one.dependencies),
        "",
        "METHODS:",
    ]
    rows += _list(f"{m.name}({m.parameters}) → {m.returns}: {m.description}" for m in one.methods)
    rows += ["", f"ERROR HANDLING: {line(one.error_handling) or 'none named'}", ""]
    return _page(
        [*rows, f"TESTING: coverage {'not measured' if percent is None else f'{percent} %'}; {line(one.testing) or 'no approach named'}"]
    )


def _list(items: Iterable[str]) -> list[str]:
    return [f"- {line(item)}" for item in items] or ["- None"]


def _page(rows: list[str]) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(rows)) + "\n"


def documents(report: ReportInput, proof: Proof) -> dict[str, str]:
    """The three files, by name: all endpoints, all tables, all services."""
    pages = {
        "api.md": map(api, report.endpoints),
        "database.md": map(database, report.tables),
        "services.md": (service(one, proof) for one in report.services),
    }
    return {name: "\n---\n\n".join(parts) or "None.\n" for name, parts in pages.items()}
