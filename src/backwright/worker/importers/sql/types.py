"""The names of column types of PostgreSQL and SQLite, in one spelling. Pure."""

import re

_ALIASES = {
    "int": "integer", "int4": "integer", "int2": "smallint", "int8": "bigint", "serial4": "serial", "serial8": "bigserial",
    "serial2": "smallserial", "mediumint": "integer", "tinyint": "smallint", "int16": "smallint", "int32": "integer", "int64": "bigint",
    "unsigned big int": "bigint", "big int": "bigint", "decimal": "numeric", "dec": "numeric", "number": "numeric", "bool": "boolean",
    "float4": "real", "float8": "double precision", "float": "double precision", "double": "double precision",
    "character varying": "varchar", "char varying": "varchar", "national character varying": "varchar", "nvarchar": "varchar",
    "varying character": "varchar", "native character": "varchar", "nchar": "char", "character": "char", "bpchar": "char",
    "national character": "char", "clob": "text", "longtext": "text", "mediumtext": "text", "tinytext": "text", "string": "text",
    "timestamptz": "timestamp with time zone", "timestamp without time zone": "timestamp", "datetime": "timestamp",
    "timetz": "time with time zone", "time without time zone": "time", "bit varying": "varbit", "longblob": "blob",
}  # fmt: skip
SPACED = ("double precision", "timestamp with time zone", "time with time zone")
"""The names that are of several words."""
SERIALS = {"serial": "integer", "bigserial": "bigint", "smallserial": "smallint"}


def canonical(words: str) -> str:
    """``character varying`` → ``varchar``, ``INT4`` → ``integer``; what is not known keeps its name."""
    name = re.sub(r"\s+", " ", words.strip().lower()).removeprefix("pg_catalog.")
    return _ALIASES.get(name, name)
