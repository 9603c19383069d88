"""Values as Trino's client protocol writes them, as Arrow has them."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from connectors.arrow_types import arrow_type
from transforms.column import OutputColumn
from transforms.errors import UsageError
from transforms.lake_types import Type

BATCH_ROWS = 10_000
_ZONED = "timestamp with time zone"
_TEXTS = ("varchar", "char", "json", "uuid", "ipaddress", "time", "time with time zone")
_Convert = Callable[[Any], Any]


def batches(rows: Iterable[Sequence[Any]], columns: Sequence[OutputColumn]) -> Iterator[pa.RecordBatch]:
    """Batches of the columns' Arrow types."""
    schema, left = result_schema(columns), iter(rows)
    converts = [_convert(column.type) for column in columns]
    while some := list(islice(left, BATCH_ROWS)):
        arrays = [
            pa.array([_or_null(convert)(row[place]) for row in some], field.type)
            for place, (convert, field) in enumerate(zip(converts, schema, strict=True))
        ]
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def result_schema(columns: Sequence[OutputColumn]) -> pa.Schema:
    """Of a result: names may occur twice. Raises UsageError for what has no place in one."""
    return pa.schema([pa.field(column.name, _type(column)) for column in columns])


def _type(column: OutputColumn) -> pa.DataType:
    if column.type.name == _ZONED:
        return pa.timestamp("us", "UTC")
    if column.type.name in _TEXTS:
        return pa.string()
    if column.type.name == "unknown":
        return pa.null()
    try:
        return arrow_type(column.type)
    except ValueError:
        what = f"{column.name} is {column.type}, which is not read from Trino"
        raise UsageError(f"{what}; write cast({column.name} as varchar)") from None


def _convert(type_: Type) -> _Convert:
    """What makes a value of JSON one that Arrow takes; never called with NULL."""
    if type_.name == "array":
        element = _or_null(_convert(type_.element))
        return lambda values: [element(value) for value in values]
    if type_.name == "map":
        key, item = _key(type_.parts[0]), _or_null(_convert(type_.parts[1]))
        return lambda values: [(key(name), item(value)) for name, value in values.items()]
    if type_.name == "row":
        names = [field.name or "" for field in type_.fields]
        parts = [_or_null(_convert(field.type)) for field in type_.fields]
        return lambda values: {name: part(value) for name, part, value in zip(names, parts, values, strict=True)}
    return _PLAIN.get(type_.name, _same)


def _key(type_: Type) -> _Convert:
    """Keys of JSON are texts."""
    if type_.name in ("tinyint", "smallint", "integer", "bigint"):
        return int
    return (lambda text: text == "true") if type_.name == "boolean" else _convert(type_)


def _or_null(convert: _Convert) -> _Convert:
    return lambda value: None if value is None else convert(value)


def _same(value: Any) -> Any:
    return value


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _zoned(text: str) -> datetime:
    """`2024-05-01 09:00:00.000 Asia/Tokyo`, or with an offset."""
    wall, _, zone = text.rpartition(" ")
    if re.fullmatch(r"[+-]\d\d:\d\d", zone):
        return datetime.fromisoformat(wall + zone)
    return datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


_PLAIN: dict[str, _Convert] = {
    "real": float,
    "double": float,
    "decimal": Decimal,
    "date": date.fromisoformat,
    "timestamp": _moment,
    _ZONED: _zoned,
    "varbinary": b64decode,
}
