"""Writes rows into the Parquet files of partitions under one location, with bounded memory and few open files.

Decides file names, row groups and compression; never which partition a row belongs to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from connectors.aside import Aside
from connectors.durable import outside
from connectors.location import Location
from transforms.snapshot import WHOLE, Part
from transforms.source import DAY

ROW_GROUP = 128_000
"""Rows of one partition that are gathered before they are written."""
HELD_BYTES = 64 << 20
"""Bytes over all partitions that are gathered before the largest is written."""
OPEN_FILES = 24
SAMPLE = 8192
"""Rows that are looked at to see whether a column repeats its values: dictionaries of others cost half the time."""


@dataclass
class _Open:
    """The rows of one partition on their way to disk."""

    held: list[pa.Table] = field(default_factory=list)
    held_rows: int = 0
    held_bytes: int = 0
    files: list[str] = field(default_factory=list)
    rows: int = 0
    writer: pq.ParquetWriter | None = None


class PartWriter:
    """`stem` keeps the files of two writers of one location apart.

    `aside`: files are written beside the caller's own work, with the rows of one more flush in memory.
    """

    def __init__(self, location: Location, stem: str = "", *, aside: bool = False) -> None:
        self.location, self._stem = location, stem
        self._open: dict[str, _Open] = {}
        self._held_bytes = 0
        self._aside = Aside("parquet") if aside else None

    def write(self, value: str, rows: pa.Table) -> None:
        """Rows of the partition with this value; a change of schema begins a new file."""
        part = self._open.setdefault(value, _Open())
        if part.held and not part.held[0].schema.equals(rows.schema):
            self._flush(value)
        part.held.append(rows)
        part.held_rows += rows.num_rows
        part.held_bytes += rows.nbytes
        self._held_bytes += rows.nbytes
        if part.held_rows >= ROW_GROUP:
            self._flush(value)
        while self._held_bytes > HELD_BYTES:
            self._flush(max(self._open, key=lambda other: self._open[other].held_bytes))

    def close(self) -> dict[str, Part]:
        """Everything on disk (not yet synced), as parts without fingerprints."""
        for value in self._open:
            self._flush(value)
        if self._aside is not None:
            self._aside.close()
        parts = {}
        for value, part in self._open.items():
            self._close(part)
            size = sum((self.location.root / file).stat().st_size for file in part.files)
            parts[value] = Part(tuple(part.files), part.rows, size, "")
        return parts

    def stop(self) -> None:
        """Writes no more; the files are left to whoever removes them."""
        if self._aside is not None:
            self._aside.stop()

    def _flush(self, value: str) -> None:
        part = self._open[value]
        if not part.held:
            return
        table = pa.concat_tables(part.held)
        self._held_bytes -= part.held_bytes
        part.held, part.held_rows, part.held_bytes = [], 0, 0
        if self._aside is None:
            self._write(value, table)
        else:
            self._aside.do(partial(self._write, value, table))

    def _write(self, value: str, table: pa.Table) -> None:
        part = self._open[value]
        with outside(f"write {self.location.relative}"):
            if part.writer is None or not part.writer.schema.equals(table.schema):
                self._close(part)
                self._make_room()
                part.writer = self._begin(value, part, table)
            part.writer.write_table(table, row_group_size=2 * ROW_GROUP)
        part.rows += table.num_rows

    def _begin(self, value: str, part: _Open, rows: pa.Table) -> pq.ParquetWriter:
        folder = self.location.path if value == WHOLE else self.location.path / f"{DAY}={value}"
        folder.mkdir(exist_ok=True)
        path: Path = folder / f"{self._stem}{len(part.files)}.parquet"
        part.files.append(path.relative_to(self.location.root).as_posix())
        return pq.ParquetWriter(path, rows.schema, compression="zstd", store_schema=False, **_encodings(rows))

    def _make_room(self) -> None:
        writing = [part for part in self._open.values() if part.writer is not None]
        if len(writing) >= OPEN_FILES:
            self._close(writing[0])

    def _close(self, part: _Open) -> None:
        if part.writer is not None:
            with outside(f"write {self.location.relative}"):
                part.writer.close()
            part.writer = None


def _encodings(rows: pa.Table) -> dict[str, Any]:
    """A dictionary for the columns that repeat their values; for the others what leaves zstd the least to do."""
    sample = rows.slice(0, SAMPLE).combine_chunks().to_batches()
    leaves = [leaf for name in rows.schema.names for leaf in _leaves(name, sample[0].column(name))] if sample else []
    repeated = [path for path, values in leaves if _repeats(values)]
    plain = {path: _encoding(values.type) for path, values in leaves if path not in repeated}
    return {"use_dictionary": repeated, "column_encoding": {path: name for path, name in plain.items() if name}}


def _leaves(path: str, values: pa.Array) -> Iterator[tuple[str, pa.Array]]:
    """A column, or the leaves of a nested one, by their paths in the file."""
    if pa.types.is_struct(values.type):
        for index, inner in enumerate(values.type):
            yield from _leaves(f"{path}.{inner.name}", values.field(index))
    elif pa.types.is_map(values.type):
        yield from _leaves(f"{path}.key_value.key", values.keys)
        yield from _leaves(f"{path}.key_value.value", values.items)
    elif pa.types.is_list(values.type):
        yield from _leaves(f"{path}.list.element", values.values)
    else:
        yield path, values


def _repeats(values: pa.Array) -> bool:
    if pa.types.is_dictionary(values.type) or pa.types.is_boolean(values.type):
        return True
    return bool(pc.count_distinct(values).as_py() * 2 <= len(values))


def _encoding(type_: pa.DataType) -> str | None:
    """Of the encodings that Athena reads."""
    if pa.types.is_integer(type_) or pa.types.is_timestamp(type_) or pa.types.is_date(type_):
        return "DELTA_BINARY_PACKED"
    if pa.types.is_string(type_) or pa.types.is_binary(type_):
        return "DELTA_LENGTH_BYTE_ARRAY"
    return None
