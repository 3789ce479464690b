"""Helpers: SQL text as tables, as a blueprint, and as the schema that the kit makes of it again."""

import sys
from pathlib import Path
from types import ModuleType

from backwright.data.engines.engine import Dialect
from backwright.data.schema import create_all_sql
from backwright.domain.entity import Entity
from backwright.domain.model import Model, build_model
from backwright.worker.blueprint import Blueprint
from backwright.worker.design import Design
from backwright.worker.importers.sql.design import design_of, read_sql
from backwright.worker.infer.blueprint import infer
from backwright.worker.place import Problem
from backwright.worker.tables import Tables
from backwright.worker.write.model import model_file

FORUM = (Path(__file__).parent / "forum.sql").read_text(encoding="utf-8")


def read(text: str) -> Tables:
    """The tables, which must be free of errors."""
    problems: list[Problem] = []
    tables = read_sql({"schema.sql": text}, problems)
    assert [str(p) for p in problems if p.severity == "error"] == []
    return tables


def said(text: str) -> list[str]:
    """Everything that is said against a text."""
    problems: list[Problem] = []
    read_sql({"schema.sql": text}, problems)
    return [str(problem) for problem in problems]


def design(text: str) -> Design:
    """The design that the text is."""
    return design_of(read(text), "schema.sql", "schema")


def inferred(text: str) -> Blueprint:
    """What is built for the text."""
    return infer(design(text))


def model(blueprint: Blueprint) -> Model:
    """The kit's model of a blueprint, from the very file that is delivered."""
    module = ModuleType("delivered_model")
    sys.modules[module.__name__] = module
    try:
        exec(compile(model_file(blueprint), "model.py", "exec"), module.__dict__)
        kept = [v for v in vars(module).values() if isinstance(v, type) and issubclass(v, Entity) and v.__module__ == module.__name__]
        return build_model(kept)
    finally:
        del sys.modules[module.__name__]


def made(blueprint: Blueprint, dialect: Dialect) -> str:
    """The SQL of the schema that the kit makes of a blueprint."""
    return "".join(f"{statement};\n" for statement in create_all_sql(model(blueprint), dialect))
