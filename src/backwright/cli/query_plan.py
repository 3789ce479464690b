"""How a database would run a statement, whatever its parameters."""

import re

from backwright.data.engines.engine import Engine


async def query_plan(engine: Engine, sql: str) -> str:
    """The plan as text. Raises `DataError`."""
    if engine.dialect == "sqlite":
        count = max((int(n) for n in re.findall(r"\?(\d+)", sql)), default=0)
        rows = await engine.rows(f"EXPLAIN QUERY PLAN {sql}", [None] * count)
        return _tree([(row[0], row[1], row[3]) for row in rows])
    count = max((int(n) for n in re.findall(r"\$(\d+)", sql)), default=0)
    values = f"({', '.join(['NULL'] * count)})" if count else ""
    async with engine.transaction(raw=True) as session:
        await session.run("SET LOCAL plan_cache_mode = force_generic_plan")  # else NULLs would be planned for
        await session.run(f"PREPARE backwright_explained AS {sql}")
        rows = await session.rows(f"EXPLAIN EXECUTE backwright_explained{values}")
        await session.run("DEALLOCATE backwright_explained")
    return "\n".join(row[0] for row in rows)


def _tree(rows: list[tuple[int, int, str]]) -> str:
    depth = {0: -1}
    lines: list[str] = []
    for number, parent, text in rows:
        depth[number] = depth.get(parent, -1) + 1
        lines.append("  " * depth[number] + text)
    return "\n".join(lines) or "no table is read"
