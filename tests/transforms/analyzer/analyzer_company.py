"""One table with a column of every type, for the tests of the analyzer."""

from __future__ import annotations

from pathlib import Path

from transforms.column import Column, Schema
from transforms.lake_types import Type
from transforms.names import TableName

_TYPES = {
    "b": "boolean",
    "ti": "tinyint",
    "si": "smallint",
    "n": "integer",
    "i": "bigint",
    "rl": "real",
    "d": "double",
    "p": "decimal(10,2)",
    "p2": "decimal(5,4)",
    "s": "varchar",
    "v5": "varchar(5)",
    "c3": "char(3)",
    "vb": "varbinary",
    "ts": "timestamp(3)",
    "ts0": "timestamp(0)",
    "ts6": "timestamp(6)",
    "tz": "timestamp(3) with time zone",
    "tm": "time(3)",
    "a": "array(bigint)",
    "as1": "array(varchar)",
    "m": "map(varchar, integer)",
    "mm": "map(bigint, double)",
    "r": "row(x integer, y row(z varchar))",
    "day": "date",
}


def columns(**types: str) -> tuple[Column, ...]:
    """Columns of a table by name and type."""
    return tuple(Column(name, Type.parse(type_)) for name, type_ in types.items())


SCHEMA: Schema = {
    TableName("app", "t"): columns(**_TYPES),
    TableName("raw_app", "events"): columns(user_id="bigint", kind="varchar", at="timestamp(3)", day="date"),
    TableName("raw_app", "users"): (
        Column("id", Type.parse("bigint"), "Number of the user"),
        Column("email", Type.parse("varchar"), "Address", personal=True),
        Column("country", Type.parse("varchar"), "Two letters"),
    ),
    TableName("core_app", "daily"): columns(user_id="bigint", events="bigint", day="date"),
}


def files(folder: str) -> list[str]:
    """The names of the files in a folder beside this one."""
    return sorted(file.stem for file in (Path(__file__).parent / folder).glob("*.txt"))


def pairs(folder: str, file: str = "*") -> list[tuple[str, str]]:
    """Every `left  =>  right` of a file in a folder beside this one, or of all of them."""
    found = sorted((Path(__file__).parent / folder).glob(f"{file}.txt"))
    lines = [line for each in found for line in each.read_text("utf-8").splitlines() if line.strip()]
    return [(left, right) for left, _, right in (line.partition("  =>  ") for line in lines)]
