"""The DuckDB type that holds the values of an Athena type."""

from __future__ import annotations

from transforms.dialect.errors import NotPortable
from transforms.gaps import gap
from transforms.lake_types import Field, Type
from transforms.names import quoted

_SAME = ("boolean", "tinyint", "smallint", "integer", "bigint", "real", "double", "date", "json", "uuid", "varchar")


@gap("timestamp '2024-05-01 10:00:00.123456789'", "cast(t as time with time zone)")
def duckdb_type(type_: Type) -> str:
    """DuckDB's spelling. Raises NotPortable for a type that it cannot hold.

    A value with a time zone is the instant; its zone is constant and known to the compiler, not to DuckDB. A char(n)
    is a text with the blanks that fill it up.
    """
    name = type_.name
    if name in _SAME:
        return name
    if name == "unknown":
        return '"NULL"'
    if name == "decimal":
        return f"decimal({type_.numbers[0]},{type_.numbers[1]})"
    if name in ("timestamp", "time", "timestamp with time zone"):
        if type_.numbers and type_.numbers[0] > 6:
            raise NotPortable(f"{type_} is finer than a microsecond", f"cast(.. as {type_.name}(3))")
        return {"timestamp": "timestamp", "time": "time"}.get(name, "timestamptz")
    if name == "char":
        return "varchar"
    if name == "varbinary":
        return "blob"
    if name.startswith("interval"):
        return "interval"
    if name == "array":
        return f"{duckdb_type(type_.element)}[]"
    if name == "map":
        return f"map({duckdb_type(type_.parts[0])}, {duckdb_type(type_.parts[1])})"
    if name == "row":
        return f"struct({', '.join(f'{quoted(n)} {duckdb_type(f.type)}' for n, f in row_fields(type_))})"
    raise NotPortable(f"DuckDB has no type that holds {type_}", "another type")


@gap("cast(row(1, 2) as row(x integer, x integer))")
def row_fields(type_: Type) -> tuple[tuple[str, Field], ...]:
    """The fields of a row by the name that DuckDB's struct gives them: field0, field1 for those without one."""
    fields = tuple((field.name or f"field{index}", field) for index, field in enumerate(type_.fields))
    if len({name.lower() for name, _ in fields}) < len(fields):
        raise NotPortable(f"{type_} has two fields of one name", "a cast to a row with different names")
    return fields


def text(value: str) -> str:
    """A string literal of DuckDB.

    >>> text("it's")
    "'it''s'"
    """
    return "'" + value.replace("'", "''") + "'"
