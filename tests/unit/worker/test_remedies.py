"""What a delivery makes of the finding of a standard that failed."""

from pathlib import Path

import pytest

from backwright.worker.blueprint import Blueprint, IndexPlan
from backwright.worker.delivery.remedies import mend
from backwright.worker.importers.openapi import import_openapi
from backwright.worker.infer.blueprint import infer
from backwright.worker.survey.facts import Facts
from backwright.worker.write.project import project
from backwright.worker.write.serving import settled

SHOP = Path(__file__).parents[3] / "examples/bookshop/design/openapi.yaml"


@pytest.fixture(scope="module")
def shop() -> Blueprint:
    """The blueprint of a design with lists that filter, and references."""
    return settled(infer(import_openapi(SHOP)))


def test_a_foreign_key_without_an_index_gets_one(shop: Blueprint) -> None:
    """The table and the column of the finding name the entity and the field; the model that is written then declares the index."""
    entity = next(e for e in shop.entities if any(f.target for f in e.fields))
    field = next(f for f in entity.fields if f.target)
    said = mend(shop, {"db.fk-indexed": f"no index of {entity.table} begins with {field.name}_id on sqlite (and 1 more)"})
    assert said.blueprint.entity(entity.name).indexes == (IndexPlan((field.name,)),)
    assert said.done == {"db.fk-indexed": f"declares an index on {entity.name}.{field.name}"}
    model = project(said.blueprint, Facts()).files["model.py"]
    assert f"def by_{field.name}(self)" in model and f"return self.{field.name}" in model
    assert "@index()" in model and "@index()" not in project(shop, Facts()).files["model.py"]


def test_a_list_that_reads_a_whole_table_gets_an_index_on_what_narrows_it(shop: Blueprint) -> None:
    """The path and the parameter of the finding name the operation and its filter."""
    operation = next(o for o in shop.operations if any("." not in f.field for f in o.filters))
    asked = next(f for f in operation.filters if "." not in f.field)
    finding = f"GET {shop.contract.prefix}{operation.path}?{asked.wire} on postgresql reads all of {operation.entity.lower()}: SCAN"
    assert mend(shop, {"db.query-indexed": finding}).blueprint.entity(operation.entity).indexes == (IndexPlan((asked.field,)),)


def test_the_same_remedy_is_not_tried_twice(shop: Blueprint) -> None:
    """A standard that fails although its index is declared has no remedy left."""
    entity = next(e for e in shop.entities if any(f.target for f in e.fields))
    field = next(f for f in entity.fields if f.target)
    failed = {"db.fk-indexed": f"no index of {entity.table} begins with {field.name}_id on sqlite"}
    assert mend(mend(shop, failed).blueprint, failed).helpless == failed


def test_a_time_is_measured_again(shop: Blueprint) -> None:
    """Latency depends on what else runs; the blueprint stays as it is."""
    said = mend(shop, {"run.latency": "mean 120.0 ms, p99 900.1 ms at 50 requests/s"})
    assert (said.again, said.blueprint, said.helpless) == (("run.latency",), shop, {})


@pytest.mark.parametrize("standard", ["run.errors", "run.coverage", "code.clean", "api.documented", "db.fk-indexed"])
def test_without_a_remedy_nothing_is_tried(shop: Blueprint, standard: str) -> None:
    """A finding that says nothing of how to mend it is handed on as it is."""
    said = mend(shop, {standard: "something else is wrong"})
    assert (said.done, said.blueprint, said.helpless) == ({}, shop, {standard: "something else is wrong"})
