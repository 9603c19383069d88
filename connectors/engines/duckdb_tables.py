"""How published files are read by DuckDB: one SELECT per table, typed and by name. Text only; runs nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from transforms.column import Column
from transforms.dialect.types import duckdb_type, text
from transforms.lake_types import Type
from transforms.names import quoted
from transforms.snapshot import Part, Snapshot


def select_files(root: Path, snapshot: Snapshot, columns: tuple[Column, ...]) -> str:
    """The rows of a snapshot with exactly these columns; typed and empty when there are no files.

    A column that the snapshot has not is NULL.
    """
    held = {column.name for column in snapshot.columns}
    absent = [column.name for column in columns if column.name not in held]
    return _select_parts(root, snapshot.parts, columns, snapshot.partition, by_name=snapshot.evolved, absent=absent)


def _select_parts(
    root: Path,
    parts: Mapping[str, Part],
    columns: tuple[Column, ...],
    partition: str | None,
    *,
    by_name: bool = False,
    absent: Collection[str] = (),
) -> str:
    """The rows of parts. The file list is explicit, so a reader never sees what another run has staged."""
    files = [file for part in parts.values() for file in part.files]
    if not files:
        return select_nothing(columns)
    options = ["hive_partitioning=false"]
    if partition:
        days = f"hive_types={{{text(partition)}: date}}"
        options = ["hive_partitioning=true", days, "hive_types_autocast=false"]
    if by_name:
        options.append("union_by_name=true")
    paths = ", ".join(text(f"{root}/{file}") for file in files)
    items = ", ".join(_item(column, column.name not in absent) for column in columns)
    return f"select {items} from read_parquet([{paths}], {', '.join(options)})"


def select_nothing(columns: tuple[Column, ...]) -> str:
    """A typed empty relation."""
    return f"select {', '.join(_item(column, held=False) for column in columns)} where false"


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


def _item(column: Column, held: bool) -> str:
    value = quoted(column.name) if held else "null"
    return f"cast({value} as {duckdb_type(column.type)}) as {quoted(column.name)}"
