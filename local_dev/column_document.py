"""Columns as `--json` gives them: names with Athena's type names, as Trino's client protocol writes them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from transforms.column import OutputColumn
from transforms.lake_types import Type


def column_documents(columns: Iterable[OutputColumn]) -> list[dict[str, str]]:
    """In the order of the query."""
    return [{"name": column.name, "type": type_name(column.type)} for column in columns]


def type_name(type_: Type) -> str:
    """The type without the digits of times: Athena shows every timestamp in milliseconds.

    >>> type_name(Type.parse("row(at timestamp(6) with time zone, paid decimal(10,2))"))
    'row(at timestamp with time zone, paid decimal(10,2))'
    """
    return str(_shown(type_))


def _shown(type_: Type) -> Type:
    return replace(
        type_,
        numbers=() if type_.name.startswith("time") else type_.numbers,
        parts=tuple(map(_shown, type_.parts)),
        fields=tuple(replace(field, type=_shown(field.type)) for field in type_.fields),
    )
