"""What stands in a statement in the place of a table's name, on engines that receive the author's own text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from transforms.analysis import Compiled
from transforms.column import Column
from transforms.snapshot import Snapshot


def no_rows(columns: Iterable[Column]) -> str:
    """A typed relation without rows."""
    items = ", ".join(f'cast(null as {column.type}) as "{column.name}"' for column in columns)
    return f"(select {items} where false)"


def with_columns(relation: str, snapshot: Snapshot, expected: Iterable[Column]) -> str:
    """The relation of a snapshot for a query that expects these columns: one that the files lack is NULL."""
    held, expected = {column.name for column in snapshot.columns}, tuple(expected)
    if all(column.name in held for column in expected):
        return relation
    items = (f'"{c.name}"' if c.name in held else f'cast(null as {c.type}) as "{c.name}"' for c in expected)
    return f"(select {', '.join(items)} from {relation})"


def all_counts(queries: Iterable[str]) -> str:
    """One statement for queries that each give one row of whole numbers."""
    return "select * from " + " cross join ".join(f"(\n{sql}\n) q{number}" for number, sql in enumerate(queries))


def read_counts(row: Sequence[Any], asked: Iterable[Compiled]) -> list[list[int]]:
    """The numbers of each query, of the row that `all_counts` gives."""
    left = iter(int(count or 0) for count in row)
    return [list(islice(left, len(compiled.columns))) for compiled in asked]
