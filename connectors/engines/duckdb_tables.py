"""How published files are read by DuckDB: one SELECT per table, typed and by name. Text only; runs nothing."""

from __future__ import annotations

from pathlib import Path

from transforms.column import Column
from transforms.dialect.macros import failing
from transforms.dialect.types import duckdb_type, text
from transforms.lake_types import Type
from transforms.names import TableName, quoted
from transforms.snapshot import Snapshot
from transforms.widening import reads_files_of, widens


def select_files(root: Path, snapshot: Snapshot, columns: tuple[Column, ...]) -> str:
    """The rows of a snapshot with exactly these columns; typed and empty when there are no files.

    A column that the snapshot has not is NULL. One that it has as another type is cast; a value that has no place in
    the new type fails the statement that reads it. The file list is explicit, so a reader never sees what another run
    has staged.
    """
    files = [file for part in snapshot.parts.values() for file in part.files]
    if not files:
        return select_nothing(columns)
    options = ["hive_partitioning=false"]
    if snapshot.partition:
        days = f"hive_types={{{text(snapshot.partition)}: date}}"
        options = ["hive_partitioning=true", days, "hive_types_autocast=false"]
    if snapshot.evolved:
        options.append("union_by_name=true")
    held = {column.name: column.type for column in snapshot.columns}
    paths = ", ".join(text(f"{root}/{file}") for file in files)
    items = ", ".join(_item(column, _value(snapshot.table, column, held.get(column.name))) for column in columns)
    return f"select {items} from read_parquet([{paths}], {', '.join(options)})"


def select_nothing(columns: tuple[Column, ...]) -> str:
    """A typed empty relation."""
    return f"select {', '.join(_item(column, 'null') for column in columns)} where false"


def stored_type(type_: Type) -> str:
    """The DuckDB type that is written: as `duckdb_type`, timestamps in milliseconds as Athena's tables have them."""
    if type_.name == "timestamp":
        return "timestamp_ms"
    if type_.name == "array":
        return f"{stored_type(type_.element)}[]"
    if type_.name == "map":
        return f"map({stored_type(type_.parts[0])}, {stored_type(type_.parts[1])})"
    if type_.name == "row":
        fields = ", ".join(f"{quoted(field.name or '')} {stored_type(field.type)}" for field in type_.fields)
        return f"struct({fields})"
    return duckdb_type(type_)


def _item(column: Column, value: str) -> str:
    return f"cast({value} as {duckdb_type(column.type)}) as {quoted(column.name)}"


def _value(table: TableName, column: Column, held: Type | None) -> str:
    """What becomes the column: NULL where the files lack it, a sentence of ours for values that do not fit."""
    name = quoted(column.name)
    if held is None:
        return "null"
    if held == column.type or widens(column.type, held) or reads_files_of(column.type, held):
        return name
    anew = f"land it anew: baikal run {table} --full" if table.layer == "raw" else f"build it anew: baikal run {table}"
    told = (
        f"{table}: {column.name} is {held.hive} in the lake, with values that have no place in {column.type.hive}; "
        f"write {held.hive} where it is declared, or {anew}"
    )
    cast = f"try_cast({name} as {duckdb_type(column.type)})"
    return failing(f"case when {name} is not null and {cast} is null then fail({text(told)}) else {cast} end")
