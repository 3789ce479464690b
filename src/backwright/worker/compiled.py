"""Runs a delivered project in a process of its own: migrations made, contract and tables told. Started by the worker only."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backwright.domain.model import Model
from backwright.worker.prove import process
from backwright.worker.prove.target import Target


class Uncompiled(Exception):
    """The project cannot be loaded; the message is its own output."""


def compile(folder: Path, answer: Path, *, migration: str = "") -> dict[str, Any]:
    """What the project says about itself: ``openapi``, ``tables``, ``migrations`` made now. Raises `Uncompiled`."""
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
    told = {
        "migrations": _made(app, folder, migration) if migration else [],
        "tables": _tables(app.model),
        "openapi": _served(app),
    }
    answer.write_text(json.dumps(told, default=str), encoding="utf-8")


def _made(app: Any, folder: Path, message: str) -> list[dict[str, Any]]:
    from backwright.data.migrations.commands import make

    made = make(_Project(app.model, folder / "migrations"), message)
    return [{"file": file.relative_to(folder).as_posix(), "steps": list(made.steps)} for file in made.files]


def _tables(model: Model) -> list[dict[str, Any]]:
    from backwright.data.layout_of import layout_of

    found: list[dict[str, Any]] = []
    for table in layout_of(model).tables:
        keys = [{"column": k.column, "table": k.target} for k in table.foreign_keys]
        indexes = [{"name": i.name, "columns": list(i.columns), "unique": i.unique, "method": i.method} for i in table.indexes]
        columns = [
            {"name": c.name, "type": c.type.kind.value, "nullable": c.nullable, "primary": c.name in table.primary} for c in table.columns
        ]
        found.append({"name": table.name, "columns": columns, "indexes": indexes, "keys": keys})
    return found


def _served(app: Any) -> Any:
    from backwright.api.rest.openapi import openapi
    from backwright.app.running import Running
    from backwright.settings.kit import KitSettings

    return openapi(Running(app, settings=KitSettings(secret_key="only to describe the contract: not secret")).door)


if __name__ == "__main__":
    main()
