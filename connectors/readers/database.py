"""What tables of every database have in common: which columns are read, which rows cannot be held, where it ends.

Decides this once for all kinds. Never asks a database, and never knows how its values came.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc

from connectors.lake_names import is_lake_name, lake_name, yaml_text
from connectors.reader import Batch, Reading, Reject
from connectors.readers.cursor import Cursor
from connectors.readers.misfits import changed
from connectors.readers.typed_values import Bad, held
from connectors.rejects import row_bytes
from transforms.column import Column
from transforms.errors import SchemaChanged, did_you_mean
from transforms.lake_types import Type
from transforms.source import Source, SourceTable


class SourceColumn(Protocol):
    """A column as its database describes it: `lake_type` when nobody declares another, `written` for messages."""

    @property
    def name(self) -> str: ...
    @property
    def comment(self) -> str: ...
    @property
    def lake_type(self) -> Type: ...
    @property
    def written(self) -> str: ...
    def takes(self, declared: Type) -> bool: ...


@dataclass(frozen=True)
class Plan:
    """What one read takes from the source's table `name`.

    `flags` are columns of the SELECT that are NULL unless the value of another one cannot be held: which one, and why.
    `appends`: a row without a cursor would be read again and again, so it is a reject.
    """

    name: str
    columns: tuple[Column, ...]
    truncate: bool
    appends: bool
    cursor: Cursor | None
    flags: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Rows:
    """Rows of a read: as they came, and each column of the plan typed, with the values that have no type."""

    raw: pa.RecordBatch
    typed: Sequence[tuple[pa.Array, Bad]]
    bytes: int


def agreed(
    source: Source, table: SourceTable, live: Mapping[str, SourceColumn]
) -> tuple[tuple[Column, ...], list[Column], list[str]]:
    """The columns to read, those among them that nobody declared, and those that are gone.

    `live` has the names that columns have in the lake. Raises SchemaChanged for a type that is not what is declared.
    """
    declared = {column.name for column in table.columns}
    for column in table.columns:
        found = live.get(column.name)
        if found is not None and not found.takes(column.type):
            raise changed(
                source, table, column.name, column.type, found.lake_type, f"but {found.written} in the source"
            )
    new = [Column(name, c.lake_type, c.comment) for name, c in live.items() if name not in declared]
    for column in new:
        if not is_lake_name(column.name):
            raise SchemaChanged(
                f"{source.path}:{table.line}: {table.name}: the source has a column {column.name!r}, a name that "
                "the lake does not take; lower case letters, digits and underscores are allowed; "
                f"write columns: {{{yaml_text(column.name)}: {lake_name(column.name)}}}"
            )
    kept = tuple(column for column in table.columns if column.name in live)
    return (*kept, *new), new, [column.name for column in table.columns if column.name not in live]


def batches(plan: Plan, reading: Reading, stream: Iterator[Rows], *, waits: bool) -> Iterator[Batch]:
    """Rows and rejects; after the last one, `reading` knows where the next read begins. `waits`: where this one did."""
    number = 1
    try:
        for rows in stream:
            if plan.cursor:
                plan.cursor.meet(_column(plan, rows, plan.cursor.name)[0])
            yield _batch(rows, plan, number)
            number += rows.raw.num_rows
    finally:
        reading.close()
    if plan.cursor:
        reading.state |= plan.cursor.state(waits=waits)


def no_table(source: Source, table: SourceTable, name: str, tables: Collection[str]) -> SchemaChanged:
    """The error when a source lacks a table and has these."""
    hint = did_you_mean(name, tables) or f"tables are {', '.join(list(tables)[:20]) or 'none'}"
    return SchemaChanged(f"{source.path}:{table.line}: {table.name}: the source has no table {name}; {hint}")


def _column(plan: Plan, rows: Rows, name: str) -> tuple[pa.Array, Bad]:
    return rows.typed[[column.name for column in plan.columns].index(name)]


def _batch(rows: Rows, plan: Plan, first: int) -> Batch:
    """`first` is the number of the first row in this read."""
    arrays, bad = [], Bad()
    for column, (typed, untyped) in zip(plan.columns, rows.typed, strict=True):
        values, reasons = held(typed, column.type, plan.truncate)
        arrays.append(values)
        for row, reason in (untyped | reasons).items():
            bad.setdefault(row, f"{column.name}: {'a value that does not fit' if column.personal else reason}")
    for flag, (name, reason) in plan.flags.items():
        texts = rows.raw.column(flag)
        for row in pc.indices_nonzero(pc.is_valid(texts)).to_pylist() if texts.null_count < len(texts) else ():
            bad.setdefault(row, f"{name}: {reason}")
    if plan.appends and plan.cursor:
        values = _column(plan, rows, plan.cursor.name)[0]
        for row in pc.indices_nonzero(pc.is_null(values)).to_pylist() if values.null_count else ():
            bad.setdefault(row, f"{plan.cursor.name} is the cursor and NULL")
    batch = pa.RecordBatch.from_arrays(arrays, names=[column.name for column in plan.columns])
    if not bad:
        return Batch(batch, bytes=rows.bytes)
    wrong = rows.raw.take(pa.array(sorted(bad)))
    rejects = tuple(
        Reject(plan.name, first + row, bad[row], row_bytes(_plain(wrong, position, plan.flags)))
        for position, row in enumerate(sorted(bad))
    )
    keep = pa.array([row not in bad for row in range(batch.num_rows)])
    return Batch(batch.filter(keep), rejects, bytes=rows.bytes)


def _plain(rows: pa.RecordBatch, position: int, flags: Collection[str]) -> dict[str, object]:
    """A row as it came; days and times that Python cannot hold stay numbers."""
    result: dict[str, object] = {}
    for field_ in rows.schema:
        values = rows.column(field_.name)
        values = values.storage if isinstance(values, pa.ExtensionArray) else values
        try:
            result[field_.name] = values[position].as_py()
        except (ValueError, OverflowError):
            result[field_.name] = values[position].value
    return {key: value for key, value in result.items() if key not in flags or value is not None}
