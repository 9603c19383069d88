"""What the footers of Parquet files say of rows that an engine has staged. Reads no row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from functools import reduce

import pyarrow.parquet as pq

from connectors.engine import ColumnStats, Staged
from transforms.errors import DataError
from transforms.snapshot import WHOLE, Part

_NULL_DAY = "__HIVE_DEFAULT_PARTITION__"
_BOUNDED = (int, Decimal, date)


def staged_of(found: Iterable[tuple[str, int, pq.FileMetaData]], partition: str | None) -> Staged:
    """The parts that files make, given their names, sizes and footers, with the statistics of their columns.

    Raises DataError for rows without a day.
    """
    files: dict[str, list[tuple[str, int, int]]] = {}
    footers = []
    for name, size, footer in found:
        if footer.num_rows:
            files.setdefault(_value(name, partition), []).append((name, footer.num_rows, size))
            footers.append(footer)
    if lost := files.get(_NULL_DAY):
        rows = sum(n for _, n, _ in lost)
        raise DataError(f"{partition} is NULL in {rows} rows; every row needs a {partition}")
    parts = {
        value: Part(tuple(sorted(name for name, *_ in some)), sum(n for _, n, _ in some), sum(s for *_, s in some), "")
        for value, some in files.items()
    }
    return Staged(parts, _stats(footers))


def _value(name: str, partition: str | None) -> str:
    if partition is None:
        return WHOLE
    return next(piece.partition("=")[2] for piece in name.split("/") if piece.startswith(f"{partition}="))


def _stats(footers: Sequence[pq.FileMetaData]) -> dict[str, ColumnStats]:
    """Of the columns whose NULLs every file counts."""
    found: dict[str, list[ColumnStats]] = {}
    for footer in footers:
        for group in range(footer.num_row_groups):
            for index in range(footer.num_columns):
                chunk = footer.row_group(group).column(index)
                if (told := chunk.statistics) is not None and told.has_null_count:
                    bounds = _bounds(told, empty=told.null_count == chunk.num_values)
                    found.setdefault(chunk.path_in_schema, []).append(ColumnStats(told.null_count, *bounds))
    groups = sum(footer.num_row_groups for footer in footers)
    return {name: reduce(ColumnStats.and_of, all_) for name, all_ in found.items() if len(all_) == groups}


def _bounds(told: pq.Statistics, *, empty: bool) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
    """Of whole numbers, decimals and days, by which readers skip rows; those of other types may leave NaN out."""
    if empty:
        return (), ()
    if not told.has_min_max or type(told.min) not in _BOUNDED:
        return None, None
    return (str(told.min),), (str(told.max),)
