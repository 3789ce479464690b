"""The triggers behind a declared counter: a denormalized number that the database itself keeps right. Pure."""

from backwright.data.engines.engine import Dialect
from backwright.data.layout import Counter, short
from backwright.data.sql.shapes import quoted


def create_counter_sql(counter: Counter, dialect: Dialect) -> list[str]:
    """The statements that create the triggers."""
    return _postgresql(counter) if dialect == "postgresql" else _sqlite(counter)


def drop_counter_sql(counter: Counter, dialect: Dialect) -> list[str]:
    """The statements that drop them."""
    if dialect == "postgresql":
        name = quoted(counter.name)
        return [f"DROP TRIGGER IF EXISTS {name} ON {quoted(counter.table)}", f"DROP FUNCTION IF EXISTS {name}()"]
    return [f"DROP TRIGGER IF EXISTS {quoted(name)}" for name in sqlite_triggers(counter)]


def fill_counter_sql(counter: Counter) -> str:
    """The statement that counts the rows that are already there."""
    key = f"{quoted(counter.target)}.{quoted(counter.target_column)}"
    rows = f"SELECT count(*) FROM {quoted(counter.table)} r WHERE r.{quoted(counter.column)} = {key}"
    return f"UPDATE {quoted(counter.target)} SET {quoted(counter.field)} = ({rows})"


def sqlite_triggers(counter: Counter) -> list[str]:
    """The names of the three triggers that SQLite needs for one counter."""
    return [short(f"{counter.name}_{event}") for event in ("insert", "delete", "update")]


def _step(counter: Counter, sign: str, row: str) -> str:
    target, field, key = quoted(counter.target), quoted(counter.field), quoted(counter.target_column)
    return f"UPDATE {target} SET {field} = {field} {sign} 1 WHERE {key} = {row}.{quoted(counter.column)};"


def _postgresql(counter: Counter) -> list[str]:
    name, table, column = quoted(counter.name), quoted(counter.table), quoted(counter.column)
    return [
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $count$\n"
        "BEGIN\n"
        f"  IF TG_OP = 'UPDATE' AND OLD.{column} IS NOT DISTINCT FROM NEW.{column} THEN RETURN NULL; END IF;\n"
        f"  IF TG_OP <> 'INSERT' THEN {_step(counter, '-', 'OLD')} END IF;\n"
        f"  IF TG_OP <> 'DELETE' THEN {_step(counter, '+', 'NEW')} END IF;\n"
        "  RETURN NULL;\n"
        "END $count$",
        f"CREATE TRIGGER {name} AFTER INSERT OR DELETE OR UPDATE OF {column} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
    ]


def _sqlite(counter: Counter) -> list[str]:
    insert, delete, update = map(quoted, sqlite_triggers(counter))
    table, column = quoted(counter.table), quoted(counter.column)
    less, more = _step(counter, "-", "OLD"), _step(counter, "+", "NEW")
    changed = f"OF {column} ON {table} WHEN OLD.{column} IS NOT NEW.{column}"
    return [
        f"CREATE TRIGGER {insert} AFTER INSERT ON {table} BEGIN {more} END",
        f"CREATE TRIGGER {delete} AFTER DELETE ON {table} BEGIN {less} END",
        f"CREATE TRIGGER {update} AFTER UPDATE {changed} BEGIN {less} {more} END",
    ]
