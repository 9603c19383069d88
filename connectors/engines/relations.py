"""What stands in a statement in the place of a table's name, on engines that receive the author's own text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from transforms.analysis import Compiled
from transforms.column import Column
from transforms.lake_types import Type
from transforms.snapshot import Snapshot


def no_rows(columns: Iterable[Column]) -> str:
    """A typed relation without rows."""
    return f"(select {', '.join(_item(column, None) for column in columns)} where false)"


def with_columns(relation: str, snapshot: Snapshot, expected: Iterable[Column]) -> str:
    """The relation of a snapshot for a query that expects these columns.

    One that the files lack is NULL, one that they hold in an older type is cast.
    """
    held, expected = {column.name: column.type for column in snapshot.columns}, tuple(expected)
    if all(held.get(column.name) == column.type for column in expected):
        return relation
    return f"(select {', '.join(_item(column, held.get(column.name)) for column in expected)} from {relation})"


def _item(column: Column, held: Type | None) -> str:
    name = f'"{column.name}"'
    if held == column.type:
        return name
    return f"cast({'null' if held is None else name} as {column.type}) as {name}"


def all_counts(queries: Iterable[str]) -> str:
    """One statement for queries that each give one row of whole numbers."""
    return "select * from " + " cross join ".join(f"(\n{sql}\n) q{number}" for number, sql in enumerate(queries))


def read_counts(row: Sequence[Any], asked: Iterable[Compiled]) -> list[list[int]]:
    """The numbers of each query, of the row that `all_counts` gives."""
    left = iter(int(count or 0) for count in row)
    return [list(islice(left, len(compiled.columns))) for compiled in asked]
