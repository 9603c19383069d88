"""Athena's text forms of values as Arrow has them. What a text means is PyAthena's to know."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

import pyarrow as pa
from pyathena.converter import DefaultTypeConverter

from connectors.arrow_types import arrow_type
from transforms.column import OutputColumn
from transforms.lake_types import Type

BATCH_ROWS = 10_000
_SIMPLE = ("array", "map", "row")


def batches(rows: Iterable[Sequence[str | None]], columns: Sequence[OutputColumn]) -> Iterable[pa.RecordBatch]:
    """Batches of the columns' Arrow types."""
    converter, left = DefaultTypeConverter(), iter(rows)
    while some := list(islice(left, BATCH_ROWS)):
        arrays = [
            pa.array(_values(converter, column.type, [row[position] for row in some]), arrow_type(column.type))
            for position, column in enumerate(columns)
        ]
        yield pa.RecordBatch.from_arrays(arrays, schema=result_schema(columns))


def result_schema(columns: Sequence[OutputColumn]) -> pa.Schema:
    """Of a result: names may occur twice."""
    return pa.schema([pa.field(column.name, arrow_type(column.type)) for column in columns])


def _values(converter: DefaultTypeConverter, type_: Type, texts: Sequence[str | None]) -> list[object]:
    name = type_.name
    if name == "varchar":
        return list(texts)
    hint = str(type_) if name in _SIMPLE else None
    found = [converter.convert(name, text, hint) if text is not None else None for text in texts]
    return [list(value.items()) if name == "map" and isinstance(value, dict) else value for value in found]
