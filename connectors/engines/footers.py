"""What the footers of Parquet files say of rows that an engine has staged. Reads no row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyarrow.parquet as pq

from connectors.engine import ColumnStats, Staged
from transforms.errors import DataError
from transforms.snapshot import WHOLE, Part

_NULL_DAY = "__HIVE_DEFAULT_PARTITION__"


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
    """Of the columns whose NULLs every file counts; bounds are left to the rows, which are exact."""
    nulls: dict[str, int] = {}
    known: dict[str, int] = {}
    for footer in footers:
        for group in range(footer.num_row_groups):
            for index in range(footer.num_columns):
                chunk = footer.row_group(group).column(index)
                if chunk.statistics is None or not chunk.statistics.has_null_count:
                    continue
                name = chunk.path_in_schema
                nulls[name] = nulls.get(name, 0) + chunk.statistics.null_count
                known[name] = known.get(name, 0) + 1
    groups = sum(footer.num_row_groups for footer in footers)
    return {name: ColumnStats(count, None, None) for name, count in nulls.items() if known[name] == groups}
