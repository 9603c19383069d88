"""Reads Parquet files that others write: batch by batch, each column exactly as it is declared.

A column that a file has wider grows; one of another type is refused by the file's name. Never changes a value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from connectors.reader import Asked, Batch, Reading, Reject
from connectors.readers.database.again import kept_again
from connectors.readers.database.agreement import Agreement, agree
from connectors.readers.database.rows import Plan, Rows, typed_batch
from connectors.readers.database.typed_values import Bad
from connectors.readers.file_types import natural, takes
from connectors.readers.files.contents import Found, opened
from connectors.readers.files.reading import FileReading, file_reading
from connectors.readers.json_shape import column_name
from connectors.readers.whole import require_count
from connectors.readers.words import truncates
from transforms.column import Column
from transforms.errors import DataError, SchemaChanged
from transforms.lake_types import Type
from transforms.source import DAY, Source, SourceTable

BATCH_ROWS = 32_000
_BUFFER = 1 << 20
"""Bytes of each column that are read at once: a row group of any size then needs little memory."""


@dataclass(frozen=True)
class FileColumn:
    """A column of a file, by its name in the lake; `original` is its own, `found` its type."""

    name: str
    original: str
    found: pa.DataType
    file: str
    comment: str = ""

    @property
    def lake_type(self) -> Type:
        """When nobody declares another one. Raises DataError for a type without a place in the lake."""
        type_ = natural(self.found)
        if type_ is None:
            raise DataError(
                f"{self.file}: the column {self.original} is {self.found}, which the lake cannot hold; nothing was "
                "published; write the file without it"
            )
        return type_

    @property
    def written(self) -> str:
        """For messages."""
        return f"{self.found} ({self.file})"

    def takes(self, declared: Type) -> bool:
        """Whether every value of the type has its place in the declared one."""
        return takes(self.found, declared)


class ParquetReader:
    """Files under a folder, as for JSON lines."""

    def read(self, asked: Asked) -> Reading:
        """Of a snapshot every file is read when any of them changed; else the files that are not known."""
        work = file_reading(asked)
        work.reading.batches = _batches(asked.source, asked.table, work)
        return work.reading

    def parse_again(self, asked: Asked, file: str, rejects: Sequence[Reject], reading: Reading) -> Iterator[Batch]:
        """Rows that were rejects, which are kept by the names in the file."""
        names: Mapping[str, str] = asked.table.options.get("columns", {})
        return kept_again(asked, file, rejects, reading, lambda name: names.get(name, column_name(name)))


def reader() -> ParquetReader:
    """The reader of this kind."""
    return ParquetReader()


def _batches(source: Source, table: SourceTable, work: FileReading) -> Iterator[Batch]:
    originals: set[str] = set()
    for file, raw in opened(work.store, work.files):
        parquet = parquet_file(file, raw)
        known = replace(table, columns=_known(table, work.reading))
        live = _columns(known, file, parquet.schema_arrow)
        originals.update(column.original for column in live.values())
        agreed = agree(source, known, live, {})
        _learn(work.reading, agreed)
        missing = work.reading.missing_columns
        missing.extend(name for name in agreed.missing if name not in missing and name in _names(table))
        plan = Plan(file.name, agreed.columns, truncates(source, table), appends=False, cursor=None)
        yield from _whole(file, parquet.metadata.num_rows, _rows(parquet, plan, live, file))
        work.know(file, None, [file.name])
    work.manner.meet(originals)
    work.manner.end(work.reading, len(work.files), originals)


def _known(table: SourceTable, reading: Reading) -> tuple[Column, ...]:
    """The table's columns and those that files before this one brought, as wide as these made them."""
    found = {column.name: column for column in (*reading.new_columns, *reading.widened_columns)}
    return (*(found.pop(column.name, column) for column in table.columns), *found.values())


def _learn(reading: Reading, agreed: Agreement) -> None:
    """Columns that the file brought, and those that it has wider; what was read before it is written anew."""
    wider = {column.name: column for column in agreed.widened}
    reading.new_columns[:] = [wider.pop(column.name, column) for column in (*reading.new_columns, *agreed.new)]
    kept = [column for column in reading.widened_columns if column.name not in wider]
    reading.widened_columns[:] = [*kept, *wider.values()]


def _names(table: SourceTable) -> set[str]:
    return {column.name for column in table.columns}


def parquet_file(file: Found, raw: BinaryIO) -> pq.ParquetFile:
    """The file. Raises DataError when it is not whole."""
    try:
        return pq.ParquetFile(raw, coerce_int96_timestamp_unit="us", buffer_size=_BUFFER)
    except (pa.ArrowInvalid, OSError) as error:
        raise DataError(
            f"{file.name} is no whole Parquet file: {error}; nothing was published; when it is still being written, "
            "write settle: 1m"
        ) from error


def _columns(table: SourceTable, file: Found, schema: pa.Schema) -> dict[str, FileColumn]:
    """The file's columns by their names in the lake."""
    mapping: Mapping[str, str] = table.options.get("columns", {})
    found: dict[str, FileColumn] = {}
    for part in schema:
        name = mapping.get(part.name, column_name(part.name))
        if name in found or (name == DAY and table.day):
            what = f"columns {found[name].original} and {part.name}" if name in found else f"a column {part.name}"
            raise SchemaChanged(
                f"{table.name}: {file.name} has {what}, and the lake has one place for that; nothing was published; "
                f'write columns: {{"{part.name}": another_name}}'
            )
        found[name] = FileColumn(name, part.name, part.type, file.name)
    return found


def _rows(parquet: pq.ParquetFile, plan: Plan, live: Mapping[str, FileColumn], file: Found) -> Iterator[Batch]:
    size, first = file.stored.size, 1
    try:
        for raw in parquet.iter_batches(BATCH_ROWS, use_threads=False):
            columns = [_plain(raw.column(live[column.name].original)) for column in plan.columns]
            rows = Rows(raw, [(values, Bad()) for values in columns], size)
            yield _placed(typed_batch(rows, plan, first), file, first, raw.num_rows)
            size, first = 0, first + raw.num_rows
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
        raise DataError(f"{file.name} cannot be read: {error}; nothing was published") from error


def _whole(file: Found, count: int, batches: Iterator[Batch]) -> Iterator[Batch]:
    """The batches. Raises DataError when they are not as many rows as the file's own end says."""
    rows = rejects = 0
    for batch in batches:
        rows, rejects = rows + batch.rows.num_rows, rejects + len(batch.rejects)
        yield batch
    require_count(file.name, count, "rows", rows, rejects)


def _plain(values: pa.Array) -> pa.Array:
    """Without the forms that Parquet alone knows."""
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if pa.types.is_time(values.type):
        return values.cast(pa.string())
    return values


def _placed(batch: Batch, file: Found, first: int, count: int) -> Batch:
    """With the file and the number of each row that is left."""
    numbers = np.setdiff1d(np.arange(first, first + count), [reject.line for reject in batch.rejects])
    zeros = pa.array(np.zeros(len(numbers), np.int32))
    places = [pa.DictionaryArray.from_arrays(zeros, pa.array([file.name])), pa.array(numbers, pa.int64())]
    rows = pa.RecordBatch.from_arrays(
        [*batch.rows.columns, *places], names=[*batch.rows.schema.names, "_file", "_line"]
    )
    return replace(batch, rows=rows, day=file.day)
