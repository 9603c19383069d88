"""What the compiler knows of Glue's tables and views."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from local_dev.aws.athena.information_schema import information_columns
from local_dev.aws.athena.selects import PATH
from local_dev.aws.athena.tables import columns_of
from local_dev.aws.athena.views import PrestoView, read_view
from local_dev.aws.glue_store import Document, GlueStore
from transforms.column import Column
from transforms.names import TableName


class GlueSchema(Mapping[TableName, tuple[Column, ...]]):
    """The columns of tables and views as the compiler asks for them; each table is read once, when it is asked for."""

    def __init__(self, glue: GlueStore) -> None:
        self._glue = glue
        self._tables: dict[TableName, Document | None] = {}

    def __getitem__(self, name: TableName) -> tuple[Column, ...]:
        if (known := information_columns(name)) is not None:
            return known
        table = self.table(name)
        if table is None:
            raise KeyError(name)
        view = read_view(table)
        return view.columns if view is not None else (*columns_of(table), PATH)

    def __iter__(self) -> Iterator[TableName]:
        for database in self._glue.databases():
            for table in self._glue.tables(database["Name"]):
                yield TableName(database["Name"], table["Name"])

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def table(self, name: TableName) -> Document | None:
        """As Glue has it."""
        if name not in self._tables:
            self._tables[name] = self._glue.table(name.database, name.table)
        return self._tables[name]

    def view(self, name: TableName) -> PrestoView | None:
        """None for what is a table."""
        table = self.table(name)
        return None if table is None else read_view(table)
