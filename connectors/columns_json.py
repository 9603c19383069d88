"""The columns of a query as plain JSON, for what is remembered between commands."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from transforms.column import ColumnRef, OutputColumn
from transforms.lake_types import Type
from transforms.names import TableName


def columns_to_json(columns: Iterable[OutputColumn]) -> list[list[Any]]:
    """One list for each column; `columns_of_json` reads it."""
    return [
        [c.name, str(c.type), [[str(s.table), s.column] for s in c.sources], c.description, c.personal] for c in columns
    ]


def columns_of_json(columns: Iterable[list[Any]]) -> tuple[OutputColumn, ...]:
    """What `columns_to_json` wrote."""
    return tuple(
        OutputColumn(
            name, Type.parse(type_), tuple(ColumnRef(name_of(t), c) for t, c in sources), description, personal
        )
        for name, type_, sources, description, personal in columns
    )


@cache
def name_of(text: str) -> TableName:
    """The name that `str` made this text of, without the checks of `TableName.parse`; each is made once."""
    return TableName(*text.split(".", 1))
