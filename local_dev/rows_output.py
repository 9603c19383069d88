"""The rows of a query as a table, CSV, JSON or Parquet. A file appears whole or not at all."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, Any

import orjson
import pyarrow as pa

from local_dev.encoding import encoded_rows
from local_dev.text_table import text_table
from transforms.analysis import Compiled
from transforms.errors import UsageError
from transforms.lake_types import INTEGERS

NUMBERS = (*INTEGERS, "decimal", "real", "double")
TABLE_ROWS = 1000
"""A table is for reading: more rows than these are not shown; every other format has them all."""


def lists(compiled: Compiled, batches: Iterable[pa.RecordBatch]) -> Iterator[list[Any]]:
    """The rows as JSON values."""
    types = [column.type for column in compiled.columns]
    for batch in batches:
        yield from encoded_rows(batch, types, compiled.zones)


def write_table(compiled: Compiled, batches: Iterable[pa.RecordBatch], out: IO[str]) -> tuple[int, bool]:
    """Returns how many rows were written, and whether there are more."""
    found = [[_cell(value) for value in row] for row in islice(lists(compiled, batches), TABLE_ROWS + 1)]
    rows = found[:TABLE_ROWS]
    names = [column.name for column in compiled.columns]
    numbers = [i for i, column in enumerate(compiled.columns) if column.type.name in NUMBERS]
    out.write(text_table(names, rows, numbers) + "\n")
    return len(rows), len(found) > len(rows)


def write_csv(compiled: Compiled, batches: Iterable[pa.RecordBatch], out: IO[str]) -> int:
    """A header and one record a row; NULL is an empty field, an empty text is `""`."""
    out.write(",".join(_field(column.name) for column in compiled.columns) + "\n")
    count = 0
    for row in lists(compiled, batches):
        out.write(",".join(map(_field, row)) + "\n")
        count += 1
    return count


def write_json(compiled: Compiled, batches: Iterable[pa.RecordBatch], out: IO[str]) -> int:
    """One array with an object for each row, written as the rows come. Columns of one name: the last one stays."""
    names, count = [column.name for column in compiled.columns], 0
    out.write("[")
    for row in lists(compiled, batches):
        out.write(",\n" if count else "\n")
        out.write(orjson.dumps(dict(zip(names, row, strict=True))).decode())
        count += 1
    out.write("\n]\n" if count else "]\n")
    return count


def write_parquet(schema: pa.Schema, batches: Iterable[pa.RecordBatch], path: Path) -> int:
    """One file, zstd; columns need names that differ."""
    import pyarrow.parquet as pq

    count = 0
    with _replacing(path) as part, pq.ParquetWriter(part, schema, compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(batch)
            count += batch.num_rows
    return count


@contextmanager
def text_output(path: Path | None) -> Iterator[IO[str]]:
    """Standard output, or a file that is renamed into place when all of it is written."""
    if path is None:
        yield sys.stdout
        return
    with _replacing(path) as part, part.open("w", encoding="utf-8", newline="") as out:
        yield out


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    if not path.parent.is_dir():
        raise UsageError(f"{path.parent} is not a folder; --output writes into one that is there")
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _cell(value: Any) -> Any:
    if isinstance(value, list | dict):
        return orjson.dumps(value).decode()
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return value
    return repr(value) if isinstance(value, float) else str(value)  # 2024 may be a year, and 1000000 a key


def _field(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list | dict):
        value = orjson.dumps(value).decode()
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if text and not any(mark in text for mark in ',"\r\n'):
        return text
    return '"' + text.replace('"', '""') + '"'
