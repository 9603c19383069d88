"""Rejects of tables whose columns have types, on their way to rows once more: judged as when they were read.

Never asks the source, and lets no value go: of a name that the table does not have, the row stays a reject.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from connectors.reader import Asked, Batch, Reading, Reject, no_rows
from connectors.readers.database.agreement import TYPES
from connectors.readers.database.cursor import cursor_of
from connectors.readers.database.kept_values import typed_again
from connectors.readers.database.rows import Plan, Rows, fitted
from connectors.readers.database.typed_values import Bad
from connectors.readers.objects_again import read_objects
from connectors.readers.words import truncates
from transforms.column import Column
from transforms.lake_types import Type

Typed = Callable[[Sequence[Any], Column], tuple[pa.Array, Bad]]
"""The values of a column, as JSON has them, numbers with a point as Decimal; NULL where the value is bad."""
Objects = list[tuple[Reject, dict[str, Any]]]


def kept_again(
    asked: Asked, file: str, rejects: Sequence[Reject], reading: Reading, names: Callable[[str], str] = str
) -> Iterator[Batch]:
    """For kinds whose values are kept as JSON has them; `names` tells the column of what is kept by another name."""
    truncate = truncates(asked.source, asked.table)

    def typed(values: Sequence[Any], column: Column) -> tuple[pa.Array, Bad]:
        return typed_again(values, column.type, truncate)

    yield rows_again(asked, file, rejects, reading, typed, names)


def rows_again(
    asked: Asked,
    file: str,
    rejects: Sequence[Reject],
    reading: Reading,
    typed: Typed,
    names: Callable[[str], str] = str,
) -> Batch:
    """What became of them."""
    columns = _columns(asked, reading)
    objects, wrong = _objects(rejects, names, columns)
    _learn(asked, reading, columns, objects)
    appends = asked.source.shape == "database" and asked.table.mode == "append"
    plan = Plan(
        file,
        tuple(columns.values()),
        truncates(asked.source, asked.table),
        appends=appends,
        cursor=cursor_of(asked, list(columns.values())) if appends else None,
    )
    if not objects:
        return Batch(no_rows(), tuple(wrong))
    found = [typed([values.get(name) for _, values in objects], column) for name, column in columns.items()]
    raw = pa.RecordBatch.from_arrays([array for array, _ in found], names=list(columns))
    batch, bad = fitted(Rows(raw, found, 0), plan)
    wrong += [replace(objects[row][0], reason=reason) for row, reason in bad.items()]
    kept = [row for row in range(len(objects)) if row not in bad]
    rows = batch.take(pa.array(kept, pa.int64()))
    if asked.source.shape == "files":
        rows = _placed(rows, [objects[row][0] for row in kept])
    return Batch(rows, tuple(sorted(wrong, key=lambda one: one.line)))


def _columns(asked: Asked, reading: Reading) -> dict[str, Column]:
    """Those that the table has, with the types that they have by now, and those that the source has besides."""
    wider = {column.name: column for column in reading.widened_columns}
    columns = {column.name: wider.get(column.name, column) for column in (*asked.table.columns, *reading.new_columns)}
    for name, kind in asked.state.get(TYPES, {}).items():
        columns.setdefault(name, Column(name, Type.parse(kind)))
    return columns


def _objects(
    rejects: Sequence[Reject], names: Callable[[str], str], columns: Mapping[str, Column]
) -> tuple[Objects, list[Reject]]:
    objects = Objects()
    read, wrong = read_objects(rejects)
    for one, value in read:
        found = {names(name): each for name, each in value.items()}
        unknown = next((name for name, each in found.items() if name not in columns and each is not None), None)
        if unknown is None:
            objects.append((one, found))
        else:
            wrong.append(replace(one, reason=f'"{unknown}" is no column of the table'))
    return objects, wrong


def _learn(asked: Asked, reading: Reading, columns: dict[str, Column], objects: Objects) -> None:
    """Keeps of the columns that the table does not have yet those that have a value."""
    there = {column.name for column in (*asked.table.columns, *reading.new_columns)}
    for name in columns.keys() - there:
        if any(values.get(name) is not None for _, values in objects):
            reading.new_columns.append(columns[name])
        else:
            del columns[name]


def _placed(rows: pa.RecordBatch, rejects: Sequence[Reject]) -> pa.RecordBatch:
    places = [pa.array([one.file for one in rejects], pa.string()), pa.array([one.line for one in rejects], pa.int64())]
    return pa.RecordBatch.from_arrays([*rows.columns, *places], names=[*rows.schema.names, "_file", "_line"])
