"""What a project says about itself, for its documentation: endpoints, tables and services, whoever wrote them. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from backwright.worker.design import Design, Media, Operation
from backwright.worker.report.input import Column, Endpoint, Example, Index, Method, Relationship, Service, Table

FRAMEWORK = "Backwright (Python, ASGI)"
_METHODS: dict[str, Literal["B-tree", "hash", "GIN", "GiST"]] = {"btree": "B-tree", "hash": "hash", "gin": "GIN", "gist": "GiST"}


def endpoints(served: Design, told: Mapping[str, Any]) -> tuple[Endpoint, ...]:
    """Every operation of the served contract."""
    return tuple(
        Endpoint(
            method=one.method, path=f"{_base(served)}{one.path}", description=one.summary or one.id or "", authentication=_who(served, one),
            request=request(one), response=response(one), errors=tuple(errors(one)), rate_limit=limits(told),
        )
        for one in served.operations
    )  # fmt: skip


def request(one: Operation) -> Example | None:
    """The documented body of an operation, by its first example."""
    return example(one.body.media, None, one.body.description) if one.body is not None else None


def response(one: Operation, status: str = "") -> Example | None:
    """The documented answer of that status, or of the first good one."""
    found = one.response(status) or one.success
    if found is None:
        return None
    shown = status or (found.status if found.status.isdigit() else "200")
    return example(found.media, int(shown), found.description)


def errors(one: Operation) -> Iterator[Example]:
    """The documented answers that refuse."""
    for found in one.responses:
        if found.status[:1] in "45" and found.status.isdigit():
            yield example(found.media, int(found.status), found.description)


def example(media: Sequence[Media], status: int | None, description: str) -> Example:
    """The first example that is given, or none."""
    return Example(next((e.value for m in media for e in m.examples), None), status, description)


def limits(told: Mapping[str, Any]) -> str:
    """The tiers that the app declares: ``anonymous 100 an hour, …``."""
    return ", ".join(told.get("limits", ()))


def tables(told: Mapping[str, Any], *, modified: bool = False) -> tuple[Table, ...]:
    """Every table, the kit's own included."""
    found: list[Table] = []
    for table in told.get("tables", ()):
        name = table["name"]
        unique = {i["columns"][0] for i in table["indexes"] if i["unique"] and len(i["columns"]) == 1}
        found.append(
            Table(
                name=name, purpose=table.get("purpose") or "rows of the entity", modified=modified,
                columns=tuple(Column(c["name"], c["type"], _constraints(c, unique), c.get("doc", "")) for c in table["columns"]),
                indexes=tuple(Index(i["name"], tuple(i["columns"]), _METHODS[i["method"]], i["unique"]) for i in table["indexes"]),
                relationships=tuple(Relationship(k["column"], k["table"]) for k in table["keys"]),
            )
        )  # fmt: skip
    return tuple(found)


def services(told: Mapping[str, Any]) -> tuple[Service, ...]:
    """The modules of hand-written operations, each a service."""
    functions: Sequence[Mapping[str, str]] = told.get("functions", ())
    return tuple(
        Service(
            name=module.replace(".", "/"), responsibility=" ".join(dict.fromkeys(f["doc"] for f in functions if f["module"] == module)),
            methods=tuple(Method(f["name"], f["parameters"], f["returns"], f["doc"]) for f in functions if f["module"] == module),
            dependencies=("model",), error_handling="typed refusals; everything is undone", testing="tests/ and the tests beside it",
        )
        for module in dict.fromkeys(f["module"] for f in functions)
    )  # fmt: skip


def _base(served: Design) -> str:
    return served.servers[0].base if served.servers else ""


def _who(served: Design, one: Operation) -> str:
    asked = served.requirements(one)
    schemes = [" and ".join(name for name, _ in requirement.schemes) for requirement in asked if requirement.schemes]
    if not schemes:
        return "none"
    return " or ".join(schemes) + (", optional" if any(not requirement.schemes for requirement in asked) else "")


def _constraints(column: Mapping[str, Any], unique: set[str]) -> str:
    said = ["primary key"] if column["primary"] else [] if column["nullable"] else ["not null"]
    return ", ".join([*said, *(["unique"] if column["name"] in unique else [])])
