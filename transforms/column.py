"""Columns: what a table promises, and where each output column of a query comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from transforms.lake_types import Type
from transforms.names import TableName


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table. `personal` columns never appear in messages, samples or logs.

    A `hidden` one, as Athena's "$path", stands behind the others and in no star.
    """

    name: str
    type: Type
    description: str = ""
    personal: bool = False
    hidden: bool = False


@dataclass(frozen=True, order=True, slots=True)
class ColumnRef:
    """A column of a named table, as lineage points at it."""

    table: TableName
    column: str

    def __str__(self) -> str:
        return f"{self.table}.{self.column}"


@dataclass(frozen=True, slots=True)
class OutputColumn:
    """A column that a query returns: its Athena type, and the columns that its values are computed from."""

    name: str
    type: Type
    sources: tuple[ColumnRef, ...] = ()
    description: str = ""
    personal: bool = False

    @property
    def column(self) -> Column:
        """The same column without its origin."""
        return Column(self.name, self.type, self.description, self.personal)


Schema = Mapping[TableName, tuple[Column, ...]]
"""What the compiler knows of the tables that a query may read."""
