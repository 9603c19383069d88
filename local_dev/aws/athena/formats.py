"""What files hold, by their serde: how DuckDB reads them with exactly the columns that the table has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from local_dev.aws.athena.failures import StatementError
from local_dev.aws.athena.footers import Footers
from local_dev.aws.glue_store import Document
from transforms.column import Column
from transforms.dialect.types import duckdb_type, quoted, text

UNREAD = '"$"'
"""The first column, a constant: DuckDB reads the first where none is needed, as for count(*) of several scans."""


class Format(Protocol):
    """A kind of file."""

    def selects(
        self, files: Sequence[str], stored: Sequence[Column], by_path: Sequence[Column], constants: Sequence[str] = ()
    ) -> list[tuple[str, list[str]]]:
        """SELECTs of DuckDB, each with those of the files that it reads, all with the same columns after `UNREAD`.

        `stored` are those in the files, `by_path` those that folders are named after, `constants` are items.
        """


class Parquet:
    """Columns are found by name; one that a file has not is NULL."""

    def __init__(self, footers: Footers) -> None:
        self._footers = footers

    def selects(
        self, files: Sequence[str], stored: Sequence[Column], by_path: Sequence[Column], constants: Sequence[str] = ()
    ) -> list[tuple[str, list[str]]]:
        """One for the files that hold the same columns."""
        alike: dict[frozenset[str], list[str]] = {}
        wanted = frozenset(column.name for column in stored)
        for file, footer in self._footers.of(files).items():
            if footer.groups:
                alike.setdefault(wanted & footer.columns, []).append(file)
        return [
            (_select(f"read_parquet({_listed(some)}, {_hive(by_path)})", stored, by_path, constants, held), some)
            for held, some in alike.items()
        ]


def format_of(table: Document, footers: Footers) -> Format:
    """Raises StatementError for a serde that is not known."""
    storage = table.get("StorageDescriptor", {})
    library = storage.get("SerdeInfo", {}).get("SerializationLibrary", "")
    if "parquet" in library.lower() or "parquet" in storage.get("InputFormat", "").lower():
        return Parquet(footers)
    name = f"{table['DatabaseName']}.{table['Name']}"
    raise StatementError(f"HIVE_UNSUPPORTED_FORMAT: {name}: the local Athena reads no {library or 'table like this'}")


def _select(
    rows: str, stored: Sequence[Column], by_path: Sequence[Column], constants: Sequence[str], held: frozenset[str]
) -> str:
    items = [_item(column, held=column.name in held) for column in stored]
    items += [_item(column, held=True) for column in by_path]
    return f"select 0 as {UNREAD}, {', '.join([*items, *constants])} from {rows}"


def _item(column: Column, *, held: bool) -> str:
    value = quoted(column.name) if held else "null"
    return f"cast({value} as {duckdb_type(column.type)}) as {quoted(column.name)}"


def _listed(files: Sequence[str]) -> str:
    return f"[{', '.join(map(text, files))}]"


def _hive(by_path: Sequence[Column]) -> str:
    if not by_path:
        return "hive_partitioning=false"
    types = ", ".join(f"{text(column.name)}: {duckdb_type(column.type)}" for column in by_path)
    return f"hive_partitioning=true, hive_types={{{types}}}, hive_types_autocast=false"
