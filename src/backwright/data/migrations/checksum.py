"""Digests of what the tables hold: rows that survive a migration have the same before and after."""

from dataclasses import dataclass
from hashlib import sha256

import sqlalchemy as sa

from backwright.data.layout import Table
from backwright.data.layout_of import layout_of
from backwright.data.migrations.connection import connected
from backwright.data.schema import raw
from backwright.data.sql.shapes import quoted
from backwright.domain.model import Model


@dataclass(frozen=True, slots=True)
class Checksum:
    """One table: how many rows, and for each column a digest over all keys and values."""

    rows: int
    columns: dict[str, str]


async def checksums(url: str, model: Model) -> dict[str, Checksum]:
    """The checksum of each table of the model that is there, with the columns that are there. Raises `MigrationError`."""

    def work(connection: sa.Connection) -> dict[str, Checksum]:
        there = set(sa.inspect(connection).get_table_names())
        return {table.name: _checksum(connection, table) for table in layout_of(model).tables if table.name in there}

    return await connected(url, work)


def _checksum(connection: sa.Connection, table: Table) -> Checksum:
    order = ", ".join(map(quoted, table.primary))
    result = connection.execute(raw(f"SELECT * FROM {quoted(table.name)} ORDER BY {order}"))
    names = list(result.keys())
    digests = {name: sha256() for name in names}
    keys = [names.index(name) for name in table.primary]
    rows = 0
    for row in result:
        rows += 1
        key = [row[k] for k in keys]
        for name, value in zip(names, row, strict=True):
            digests[name].update(repr((key, value)).encode())
    return Checksum(rows, {name: digest.hexdigest() for name, digest in digests.items()})
