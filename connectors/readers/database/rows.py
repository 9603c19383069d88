"""What tables of every database have in common: which rows cannot be held, and where a reading ends.

Decides this once for all kinds. Never asks a database, and never knows how its values came.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from connectors.kept import BYTES, kept_row
from connectors.reader import Asked, Batch, Reading, Reject, no_rows
from connectors.readers.database.cursor import Cursor
from connectors.readers.database.typed_values import Bad, held
from connectors.rejects import row_bytes
from transforms.column import Column
from transforms.errors import SchemaChanged, did_you_mean
from transforms.source import Source, SourceTable


class Flag(NamedTuple):
    """A column of the SELECT that is NULL unless the value of another `column` cannot be held; it says so in its place.

    `of_bytes`: by the hexadecimal digits of its bytes.
    """

    column: str
    reason: str
    of_bytes: bool = False


@dataclass(frozen=True)
class Plan:
    """What one read takes from the source's table `name`. `flags` are by their names in the SELECT.

    `appends`: a row without a cursor would be read again and again, so it is a reject.
    """

    name: str
    columns: tuple[Column, ...]
    truncate: bool
    appends: bool
    cursor: Cursor | None
    flags: Mapping[str, Flag] = field(default_factory=dict)


@dataclass(frozen=True)
class Rows:
    """Rows of a read: as they came, and each column of the plan typed, with the values that have no type.

    `original` tells a row's values as a reject keeps them, where they came otherwise than in `raw`.
    """

    raw: pa.RecordBatch
    typed: Sequence[tuple[pa.Array, Bad]]
    bytes: int
    original: Callable[[int], dict[str, object]] | None = None


@dataclass(frozen=True)
class Keys:
    """Those of all rows of the table, in the same moment as its rows."""

    plan: Plan
    rows: Iterator[Rows]


def batches(
    plan: Plan, reading: Reading, stream: Iterator[Rows], *, waits: bool, keys: Keys | None = None
) -> Iterator[Batch]:
    """Rows and rejects, then the keys; after the last batch, `reading` knows where the next read begins.

    `waits`: where this one did.
    """
    number = 1
    try:
        for rows in stream:
            if plan.cursor:
                rows = _from_cursor(rows, plan)
                plan.cursor.meet(_column(plan, rows, plan.cursor.name)[0])
            yield typed_batch(rows, plan, number)
            number += rows.raw.num_rows
        if keys:
            yield Batch(no_rows(), keys=True)  # there may be none
            for rows in keys.rows:
                yield replace(typed_batch(rows, keys.plan, 1), rejects=(), keys=True)
    finally:
        reading.close()
    if plan.cursor:
        reading.state |= plan.cursor.state(waits=waits)


def key_plan(asked: Asked, plan: Plan) -> Plan | None:
    """By what all keys are read, where rows that are deleted are found by them, and some may stand."""
    table, last = asked.table, asked.last
    deletes = table.options.get("deletes")
    today = last is not None and last.astimezone(asked.now.tzinfo).date() == asked.now.date()
    if not deletes or not asked.state or asked.full or (deletes == "daily" and today):
        return None
    columns = {column.name: column for column in plan.columns}
    for name in table.key:
        if name not in columns:
            where = f"{asked.source.path}:{table.line}: {table.name}"
            raise SchemaChanged(f"{where}: the source has no column {name}, by which deletes: {deletes} compares")
    return Plan(plan.name, tuple(columns[name] for name in table.key), plan.truncate, appends=False, cursor=None)


def no_table(source: Source, table: SourceTable, name: str, tables: Collection[str]) -> SchemaChanged:
    """The error when a source lacks a table and has these."""
    hint = did_you_mean(name, tables) or f"tables are {', '.join(list(tables)[:20]) or 'none'}"
    return SchemaChanged(f"{source.path}:{table.line}: {table.name}: the source has no table {name}; {hint}")


def _from_cursor(rows: Rows, plan: Plan) -> Rows:
    """Without the rows before the day or moment from which the read was to begin: some sources tell it less exactly.

    They stand already, and nothing would know them as rows that are read again.
    """
    since = plan.cursor.since if plan.cursor else None
    if plan.cursor is None or not isinstance(since, str):
        return rows
    found = _column(plan, rows, plan.cursor.name)[0]
    first = pa.scalar(datetime.fromisoformat(since)).cast(found.type, safe=False)
    keep = pc.fill_null(pc.greater_equal(found, first), True)
    if pc.all(keep).as_py():
        return rows
    kept = pc.indices_nonzero(keep)
    places = {old: new for new, old in enumerate(kept.to_pylist())}
    columns = [
        (values.take(kept), {places[row]: why for row, why in bad.items() if row in places})
        for values, bad in rows.typed
    ]
    original, olds = rows.original, list(places)
    moved = (lambda row: original(olds[row])) if original else None
    return Rows(rows.raw.take(kept), columns, rows.bytes, moved)


def _column(plan: Plan, rows: Rows, name: str) -> tuple[pa.Array, Bad]:
    return rows.typed[[column.name for column in plan.columns].index(name)]


def typed_batch(rows: Rows, plan: Plan, first: int) -> Batch:
    """The rows that can be held, and the others as rejects. `first` is the number of the first row in this read."""
    batch, bad = fitted(rows, plan)
    if not bad:
        return Batch(batch, bytes=rows.bytes)
    wrong = rows.raw.take(pa.array(sorted(bad)))
    originals = (
        rows.original(row) if rows.original else _original(wrong, position, plan.flags)
        for position, row in enumerate(sorted(bad))
    )
    rejects = tuple(
        Reject(plan.name, first + row, bad[row], row_bytes(original))
        for row, original in zip(sorted(bad), originals, strict=True)
    )
    keep = pa.array([row not in bad for row in range(batch.num_rows)])
    return Batch(batch.filter(keep), rejects, bytes=rows.bytes)


def fitted(rows: Rows, plan: Plan) -> tuple[pa.RecordBatch, Bad]:
    """All rows in the lake's types, and why some of them cannot be held."""
    arrays, bad = [], Bad()
    for column, (typed, untyped) in zip(plan.columns, rows.typed, strict=True):
        values, reasons = held(typed, column.type, plan.truncate)
        arrays.append(values)
        for row, reason in (untyped | reasons).items():
            bad.setdefault(row, f"{column.name}: {'a value that does not fit' if column.personal else reason}")
    for name, flag in plan.flags.items():
        texts = rows.raw.column(name)
        for row in pc.indices_nonzero(pc.is_valid(texts)).to_pylist() if texts.null_count < len(texts) else ():
            bad.setdefault(row, f"{flag.column}: {flag.reason}")
    if plan.appends and plan.cursor:
        values = _column(plan, rows, plan.cursor.name)[0]
        for row in pc.indices_nonzero(pc.is_null(values)).to_pylist() if values.null_count else ():
            bad.setdefault(row, f"{plan.cursor.name} is the cursor and NULL")
    return pa.RecordBatch.from_arrays(arrays, names=[column.name for column in plan.columns]), bad


def _original(rows: pa.RecordBatch, position: int, flags: Mapping[str, Flag]) -> dict[str, object]:
    """A row as it came, with what flags say in the place of what cannot be held."""
    result = kept_row(rows, position)
    for name, flag in flags.items():
        value = result.pop(name)
        if value is not None:
            result[flag.column] = {BYTES: value} if flag.of_bytes else value
    return result
