"""The columns of a result as GetQueryResults describes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from transforms.column import OutputColumn
from transforms.lake_types import Type

Document = dict[str, Any]
_PRECISION = {
    "tinyint": 3,
    "smallint": 5,
    "integer": 10,
    "bigint": 19,
    "real": 17,
    "double": 17,
    "varbinary": 1073741824,
    "timestamp": 3,
    "timestamp with time zone": 3,
    "time": 3,
    "time with time zone": 3,
}
_UNBOUNDED = 2147483647
_NAMES = {"real": "float"}


def column_info(columns: Iterable[OutputColumn]) -> list[Document]:
    """Each column of a query."""
    return [_info(column.name, *_described(column.type)) for column in columns]


def text_info(*names: str) -> list[Document]:
    """The columns of a statement that tells something: texts."""
    return [_info(name, "string", 0, 0) for name in names]


def count_info() -> list[Document]:
    """The column of a statement that writes rows."""
    return [_info("rows", "bigint", 19, 0)]


def _described(type_: Type) -> tuple[str, int, int]:
    """Athena's name, precision and scale."""
    if type_.name == "decimal":
        return ("decimal", *_two(type_.numbers))
    if type_.name in ("varchar", "char"):
        return type_.name, type_.numbers[0] if type_.numbers else _UNBOUNDED, 0
    return _NAMES.get(type_.name, type_.name), _PRECISION.get(type_.name, 0), 0


def _two(numbers: Sequence[int]) -> tuple[int, int]:
    return numbers[0], numbers[1]


def _info(name: str, type_: str, precision: int, scale: int) -> Document:
    return {
        "CatalogName": "hive",
        "SchemaName": "",
        "TableName": "",
        "Name": name,
        "Label": name,
        "Type": type_,
        "Precision": precision,
        "Scale": scale,
        "Nullable": "UNKNOWN",
        "CaseSensitive": type_ in ("varchar", "char"),
    }
