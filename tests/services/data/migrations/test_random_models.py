"""Any model can become any other, with rows in the tables, and back."""

import asyncio
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings

from backwright.data.layout_of import layout_of
from backwright.data.migrations.checksum import Checksum, checksums
from backwright.data.migrations.commands import down, make, status, up
from backwright.domain.model import Model
from tests.support.migrating import Project, differs, execute, seed
from tests.support.random_models import models


def quietly(_: str) -> None:
    """Say nothing."""


def untouched(before: Model, after: Model, sums: dict[str, Checksum]) -> dict[tuple[str, str], str]:
    """The checksums of the columns that both models have alike."""
    old, new = layout_of(before), layout_of(after)
    names = {table.name for table in new.tables}
    return {
        (table.name, column.name): sums[table.name].columns[column.name]
        for table in old.tables
        if table.name in names
        for column in table.columns
        if column in new.table(table.name).columns
    }


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=models(), after=models())
def test_any_model_becomes_any_other(database_url: str, before: Model, after: Model) -> None:
    """From A to B no difference is left, rows of columns that both have are kept, and the way back to A and to nothing is clear."""
    with tempfile.TemporaryDirectory() as folder:
        project = Project(before, database_url, Path(folder))
        make(project, "a")
        asyncio.run(up(project, say=quietly))
        seed(database_url, before)
        first = asyncio.run(checksums(database_url, before))
        changed = Project(after, database_url, Path(folder))
        count = len(make(changed, "b").files)
        try:
            asyncio.run(up(changed, say=quietly))
            assert asyncio.run(status(changed)).code == 0
            kept = untouched(before, after, first)
            assert untouched(before, after, asyncio.run(checksums(database_url, after))).items() >= kept.items()
            if count:
                asyncio.run(down(changed, f"-{count}", say=quietly))
            assert differs(database_url, layout_of(before)) == []
            assert untouched(before, after, asyncio.run(checksums(database_url, before))) == kept
        finally:
            asyncio.run(down(changed, "base", say=quietly))
    assert execute(database_url, "SELECT count(*) FROM alembic_version") == [(0,)]
