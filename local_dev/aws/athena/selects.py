"""What every format's SELECT has: a constant first, the table's columns, those that folders are named after."""

from __future__ import annotations

from collections.abc import Sequence

from transforms.column import Column
from transforms.dialect.types import duckdb_type, text
from transforms.lake_types import VARCHAR
from transforms.names import quoted

UNREAD = '"$"'
"""The first column, a constant: DuckDB reads the first where none is needed, as for count(*) of several scans."""
PATH = Column("$path", VARCHAR, hidden=True)
"""Where a row is: the last column, which only its name gives."""
Select = tuple[str, Sequence[str]]
"""The statement and the files that it reads."""


def select(
    opened: str, items: Sequence[str], by_path: Sequence[Column], constants: Sequence[str], files: Sequence[str]
) -> Select:
    """`opened` is the call of the reader, still to be told about partitions and closed."""
    keyed = [item(column, held=True) for column in by_path]
    columns = ", ".join([f"0 as {UNREAD}", *items, *keyed, *constants, quoted(PATH.name)])
    return f"select {columns} from {opened}, filename={text(PATH.name)}, {_partitioning(by_path)})", files


def item(column: Column, *, held: bool) -> str:
    """A column by its name, or NULL."""
    value = quoted(column.name) if held else "null"
    return f"cast({value} as {duckdb_type(column.type)}) as {quoted(column.name)}"


def listed(files: Sequence[str]) -> str:
    """A list of DuckDB's."""
    return f"[{', '.join(map(text, files))}]"


def _partitioning(by_path: Sequence[Column]) -> str:
    if not by_path:
        return "hive_partitioning=false"
    types = ", ".join(f"{text(column.name)}: {duckdb_type(column.type)}" for column in by_path)
    return f"hive_partitioning=true, hive_types={{{types}}}, hive_types_autocast=false"
