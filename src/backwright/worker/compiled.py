"""Runs a delivered project in a process of its own: migrations made, contract and tables told. Started by the worker only."""

import ast
import inspect
import json
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from backwright.domain.model import Model
from backwright.operations.operation import Operation
from backwright.worker.prove import process
from backwright.worker.prove.agreed import policy_of
from backwright.worker.prove.target import Target


class Uncompiled(Exception):
    """The project cannot be loaded; the message is its own output."""


def compile(folder: Path, answer: Path, *, migration: str = "") -> dict[str, Any]:
    """What the project says about itself: ``openapi``, ``tables``, ``functions``, ``limits``; ``migrations`` made now. Raises `Uncompiled`.

    Loading it is what runs its code: in the other process, with a deadline.
    """
    ran = process.run(process.python("backwright.worker.compiled", str(folder), str(answer), migration), folder, timeout=60)
    if ran.status != 0 or not answer.exists():
        raise Uncompiled(ran.output.strip() or f"it ended with status {ran.status}")
    return dict(json.loads(answer.read_text(encoding="utf-8")))


@dataclass(frozen=True, slots=True)
class _Project:
    """What making migrations needs to know."""

    model: Model
    directory: Path
    database_url: str = "sqlite://"


def main() -> None:
    """Load, make, tell."""
    folder, answer, migration = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    app = Target(folder).load()
    made, losses = _made(app, folder, migration) if migration else ([], [])
    told = {
        "migrations": made,
        "losses": losses,
        "versions": _versions(folder),
        "tables": _tables(app.model),
        "functions": [_function(one) for one in app.catalogue.operations.values() if one.function is not None],
        "limits": [f"{tier.name} {tier.per_hour:,} an hour" for tier in app.tiers],
        "openapi": _served(app),
        "ddl": _ddl(folder),
        "policy": msgspec.to_builtins(policy_of(app)),
    }
    answer.write_text(json.dumps(told, default=str), encoding="utf-8")


def _made(app: Any, folder: Path, message: str) -> tuple[list[dict[str, Any]], list[str]]:
    from backwright.data.migrations.commands import make

    made = make(_Project(app.model, folder / "migrations"), message)
    return [{"file": file.relative_to(folder).as_posix(), "steps": list(made.steps)} for file in made.files], list(made.losses)


def _versions(folder: Path) -> list[dict[str, Any]]:
    from backwright.data.migrations.describe import describe
    from backwright.data.migrations.history import read_history

    versions = read_history(folder / "migrations").versions
    return [{"file": v.path.relative_to(folder).as_posix(), "steps": list(map(describe, v.steps))} for v in versions]


def _tables(model: Model) -> list[dict[str, Any]]:
    from backwright.data.layout_of import layout_of

    found: list[dict[str, Any]] = []
    purposes = {entity.table: (entity.entity.__doc__ or "").strip().partition("\n")[0] for entity in model.in_order}
    docs = {(entity.table, field.column): field.doc for entity in model.in_order for field in entity.fields}
    for table in layout_of(model).tables:
        keys = [{"column": k.column, "table": k.target} for k in table.foreign_keys]
        indexes = [{"name": i.name, "columns": list(i.columns), "unique": i.unique, "method": i.method} for i in table.indexes]
        columns = [
            {
                "name": c.name, "type": c.type.kind.value, "nullable": c.nullable, "primary": c.name in table.primary,
                "doc": docs.get((table.name, c.name), ""),
            }
            for c in table.columns
        ]  # fmt: skip
        found.append({"name": table.name, "purpose": purposes.get(table.name, ""), "columns": columns, "indexes": indexes, "keys": keys})
    return found


def _function(operation: Operation) -> dict[str, Any]:
    """One hand-written operation, in its author's words."""
    function: Any = operation.function
    written = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    assert isinstance(written, ast.FunctionDef | ast.AsyncFunctionDef)
    takes = [*written.args.posonlyargs, *written.args.args, *written.args.kwonlyargs][1:]
    returns = ast.unparse(written.returns) if written.returns is not None else "None"
    parameters = ", ".join(map(ast.unparse, takes))
    return {
        "module": function.__module__, "name": function.__name__, "parameters": parameters, "returns": returns, "doc": operation.summary,
    }  # fmt: skip


def _ddl(folder: Path) -> dict[str, str]:
    """The SQL of the schema that the migrations make, for each database."""
    from backwright.data.migrations.history import read_history
    from backwright.data.schema import create_layout_sql

    history = read_history(folder / "migrations")
    layout = history.layout(history.head)
    return {"postgresql": _script(create_layout_sql(layout, "postgresql")), "sqlite": _script(create_layout_sql(layout, "sqlite"))}


def _script(statements: list[str]) -> str:
    return "".join(f"{statement};\n" for statement in statements)


def _served(app: Any) -> Any:
    from backwright.api.rest.openapi import openapi
    from backwright.app.running import Running
    from backwright.settings.kit import KitSettings

    return openapi(Running(app, settings=KitSettings(secret_key="only to describe the contract: not secret")).door)


if __name__ == "__main__":
    main()
