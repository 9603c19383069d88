"""What happens to rows that a table already has: rows read again are left out, replaced rows are taken out.

Only files that hold a replaced row are written anew. Never decides which rows are read again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from connectors.arrow_types import arrow_type
from connectors.location import Location
from connectors.parquet_parts import PartWriter
from connectors.reader import Again
from transforms.column import Column
from transforms.snapshot import Part

_SEEDS = (1, 2)
BATCH = 64_000
Hashes = npt.NDArray[np.uint64]
ADDED = ("_file", "_line", "_ingested_at")
"""Columns that ingest adds: no part of what makes two rows equal."""


class KnownRows:
    """Rows that the table has among those that are read again; `fresh` leaves them out of a batch.

    `by_key`: a row with a known key is the same row (append). Otherwise only an equal row is (upsert, or no key);
    without any key, as many equal rows as are known are left out: two equal rows of the source stay two.
    `files` hold the rows that are read again by their cursor. Rows without one are read by every reading, and may
    stand anywhere: `every` gives all files, and is asked when such a row comes.
    """

    def __init__(
        self,
        again: Again,
        files: Iterable[Path],
        columns: Sequence[Column],
        *,
        by_key: bool,
        every: Callable[[], Iterable[Path]],
    ) -> None:
        self._again, self._by_key, self._every = again, by_key and bool(again.key), every
        self._columns = [column for column in columns if column.name not in ADDED]
        wanted = pa.schema([pa.field(column.name, arrow_type(column.type)) for column in self._columns])
        self._wanted = wanted
        rows = _between([str(file) for file in files], wanted, again)
        self._keys = key_values(rows.select(list(again.key))) if self._by_key else None
        self._rows = Counter() if self._by_key else Counter(_hashes(rows))

    def fresh(self, rows: pa.RecordBatch) -> pa.RecordBatch:
        """The rows of the batch that the table does not have."""
        cursor = rows.column(self._again.cursor)
        if cursor.null_count and self._again.key and not self._by_key:
            rows = self._unequal_without_cursor(rows, pc.is_null(cursor))
            cursor = rows.column(self._again.cursor)
        if self._again.until is None:
            return rows
        again = pc.fill_null(pc.less_equal(cursor, _scalar(self._again.until, cursor.type)), False)
        if not pc.any(again).as_py():
            return rows
        if self._keys is not None:
            table = pa.Table.from_batches([rows]).select(list(self._again.key))
            same = pc.is_in(key_values(table), value_set=self._keys)
            return rows.filter(pc.invert(pc.and_(again, same)))
        return rows.filter(pa.array(self._unequal(rows, again.to_pylist())))

    def _unequal_without_cursor(self, rows: pa.RecordBatch, candidates: pa.Array) -> pa.RecordBatch:
        first, second = self._without_cursor
        if not len(first):
            return rows
        one, other = _hash_arrays(self._table(rows))
        places = np.minimum(np.searchsorted(first, one), len(first) - 1)
        stands = pa.array((first[places] == one) & (second[places] == other))
        return rows.filter(pc.invert(pc.and_(candidates, stands)))

    @cached_property
    def _without_cursor(self) -> tuple[Hashes, Hashes]:
        """Of the rows that stand without a cursor, the first hashes in their order, and the second ones beside."""
        files = [str(file) for file in self._every()]
        found = [_hash_arrays(self._wanted.empty_table())]
        if files:
            batches = ds.dataset(files, schema=self._wanted).to_batches(filter=pc.field(self._again.cursor).is_null())
            found += (_hash_arrays(pa.Table.from_batches([batch])) for batch in batches if batch.num_rows)
        first, second = (np.concatenate(hashes) for hashes in zip(*found, strict=True))
        order = np.argsort(first)
        return first[order], second[order]

    def _table(self, rows: pa.RecordBatch) -> pa.Table:
        """The rows with all columns; those that they lack are NULL."""
        return pa.table(
            [
                rows.column(column.name)
                if rows.schema.get_field_index(column.name) >= 0
                else pa.nulls(rows.num_rows, arrow_type(column.type))
                for column in self._columns
            ],
            names=[column.name for column in self._columns],
        )

    def _unequal(self, rows: pa.RecordBatch, again: list[bool]) -> list[bool]:
        keep = []
        for row, candidate in zip(_hashes(self._table(rows)), again, strict=True):
            known = candidate and self._rows[row] > 0
            if known and not self._again.key:
                self._rows[row] -= 1
            keep.append(not known)
        return keep


def _between(files: list[str], wanted: pa.Schema, again: Again) -> pa.Table:
    if not files or again.until is None:
        return wanted.empty_table()
    cursor = pc.field(again.cursor)
    kind = wanted.field(again.cursor).type
    since, until = _scalar(again.since, kind), _scalar(again.until, kind)
    return ds.dataset(files, schema=wanted).to_table(filter=(cursor >= since) & (cursor <= until))


def _scalar(value: object, kind: pa.DataType) -> pa.Scalar:
    """A cursor's value in the lake's type: its timestamps have no microseconds."""
    return (
        pa.scalar(value, pa.timestamp("us")).cast(kind, safe=False)
        if pa.types.is_timestamp(kind)
        else pa.scalar(value, kind)
    )


def _hashes(rows: pa.Table) -> list[tuple[int, int]]:
    first, second = _hash_arrays(rows)
    return list(zip(first.tolist(), second.tolist(), strict=True))


def _hash_arrays(rows: pa.Table) -> tuple[Hashes, Hashes]:
    """128 bits of each row, in two halves; equal rows have equal ones in one process."""
    if not rows.num_rows:
        return np.empty(0, np.uint64), np.empty(0, np.uint64)
    import polars as pl  # its import costs more than most ingests, which need it seldom

    frame = pl.DataFrame(pl.from_arrow(rows))
    first, second = (frame.hash_rows(seed).to_numpy() for seed in _SEEDS)
    return first, second


def key_values(keys: pa.Table) -> pa.ChunkedArray:
    """One value per row for a key of any number of columns; equal keys have equal values."""
    if keys.num_columns == 1:
        return keys.column(0)
    texts = [column.cast(pa.string()) for column in keys.columns]
    parts = [part for text in texts for part in (pc.binary_length(text).cast(pa.string()), text)]
    return pc.binary_join_element_wise(*parts, ":")


def without(
    location: Location,
    parts: Mapping[str, Part],
    columns: Sequence[str],
    drop: Callable[[pa.Table], pa.ChunkedArray],
    within: tuple[Any, Any] | None = None,
    stem: str = "kept-",
) -> dict[str, Part]:
    """The parts that change when the rows go for which `drop` is true, with only their touched files written anew.

    `drop` sees only `columns`. `within` are the least and the greatest value of the first of them that is dropped:
    files whose statistics lie outside are not read.
    """
    changed = {}
    writer = PartWriter(location, stem=stem)
    for value, part in parts.items():
        touched = [file for file in part.files if _touched(location.local(file), columns, drop, within)]
        for file in touched:
            for batch in pq.ParquetFile(location.local(file)).iter_batches(BATCH):
                rows = pa.Table.from_batches([batch])
                writer.write(value, rows.filter(pc.invert(drop(rows.select(list(columns))))))
        if touched:
            changed[value] = [file for file in part.files if file not in touched]
    fresh = writer.close()
    return {value: together(location, kept, fresh[value]) for value, kept in changed.items()}


def _touched(
    path: Path,
    columns: Sequence[str],
    drop: Callable[[pa.Table], pa.ChunkedArray],
    within: tuple[Any, Any] | None,
) -> bool:
    file = pq.ParquetFile(path)
    index = file.schema_arrow.get_field_index(columns[0])
    if index < 0:
        return False
    if within is not None and not _may_hold(file, columns[0], within):
        return False
    batches = file.iter_batches(BATCH, columns=list(columns))
    return any(pc.any(drop(pa.Table.from_batches([batch]).select(list(columns)))).as_py() for batch in batches)


def _may_hold(file: pq.ParquetFile, column: str, within: tuple[Any, Any]) -> bool:
    for group in range(file.metadata.num_row_groups):
        row_group = file.metadata.row_group(group)
        for index in range(row_group.num_columns):
            chunk = row_group.column(index)
            if chunk.path_in_schema != column:
                continue
            stats = chunk.statistics
            if stats is None or not stats.has_min_max or not isinstance(stats.min, type(within[0])):
                return True
            if not (stats.max < within[0] or stats.min > within[1]):
                return True
    return False


def together(location: Location, kept: Sequence[str], fresh: Part) -> Part:
    """A part of files that stay and fresh ones, without a fingerprint."""
    size = sum(location.local(file).stat().st_size for file in kept) + fresh.bytes
    rows = sum(pq.read_metadata(location.local(file)).num_rows for file in kept) + fresh.rows
    files = fresh.files if fresh.rows else ()
    for file in () if fresh.rows else fresh.files:
        (location.root / file).unlink()
    return Part((*kept, *files), rows, size if fresh.rows else size - fresh.bytes, "")


def superseded(
    location: Location, staged: Mapping[str, Part], key: Sequence[str], cursor: str | None
) -> dict[str, set[int]]:
    """The rows of staged files, by position, that a later row of the same landing has the key of.

    Later is the greater cursor, and with equal cursors the row that was read later.
    """
    import polars as pl  # see above

    frames = []
    names = [*key, *([cursor] if cursor and cursor not in key else [])]
    files = [file for part in staged.values() for file in part.files]
    for number, file in enumerate(files):
        frame = pl.DataFrame(pl.from_arrow(pq.read_table(location.local(file), columns=names)))
        frames.append(frame.with_row_index("_position").with_columns(pl.lit(number).alias("_number")))
    if not frames:
        return {}
    rows = pl.concat(frames)
    if rows.select(pl.struct(list(key)).n_unique()).item() == rows.height:
        return {}
    if cursor:
        rows = rows.sort(cursor, nulls_last=False, maintain_order=True)
    last = rows.unique(subset=list(key), keep="last", maintain_order=True)
    gone = rows.join(last, on=["_number", "_position"], how="anti")
    result: dict[str, set[int]] = {}
    for number, position in gone.select("_number", "_position").iter_rows():
        result.setdefault(files[number], set()).add(position)
    return result


def without_positions(
    location: Location, parts: Mapping[str, Part], gone: Mapping[str, Collection[int]], stem: str = "last-"
) -> dict[str, Part]:
    """The parts without these rows of their files, which are written anew; of the location's own, the old ones go."""
    writer = PartWriter(location, stem=stem)
    changed = {}
    for value, part in parts.items():
        touched = [file for file in part.files if file in gone]
        for file in touched:
            reader, start = pq.ParquetFile(location.local(file)), 0
            keep = np.ones(reader.metadata.num_rows, bool)
            keep[np.fromiter(gone[file], np.int64)] = False
            for batch in reader.iter_batches(BATCH):
                kept = pa.array(keep[start : start + batch.num_rows])
                writer.write(value, pa.Table.from_batches([batch]).filter(kept))
                start += batch.num_rows
        if touched:
            changed[value] = [file for file in part.files if file not in touched]
    fresh = writer.close()
    for file in gone:
        if file.startswith(f"{location.relative}/"):
            (location.root / file).unlink()
    return {
        value: together(location, changed[value], fresh[value]) if value in changed else part
        for value, part in parts.items()
    }
