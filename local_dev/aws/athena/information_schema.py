"""information_schema: what Glue knows, as tables that a query reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from local_dev.aws.athena.tables import columns_of
from local_dev.aws.athena.views import read_view
from local_dev.aws.glue_store import Document, GlueStore
from transforms.column import Column
from transforms.dialect.types import duckdb_type, text
from transforms.lake_types import BIGINT, VARCHAR
from transforms.names import TableName, quoted

NAME = "information_schema"
_CATALOG = "awsdatacatalog"
Row = tuple[str | int | None, ...]


def information_columns(name: TableName) -> tuple[Column, ...] | None:
    """The columns of one of its tables; None for another."""
    known = _TABLES.get(name.table) if name.database == NAME else None
    return known[0] if known is not None else None


def information_select(name: TableName, glue: GlueStore) -> str:
    """The rows of one of its tables, for DuckDB."""
    columns, rows = _TABLES[name.table]
    names = ", ".join(quoted(column.name) for column in columns)
    items = ", ".join(f"cast({quoted(c.name)} as {duckdb_type(c.type)}) as {quoted(c.name)}" for c in columns)
    values = ", ".join(f"({', '.join(map(_literal, row))})" for row in rows(glue))
    if not values:
        return f"select {items} from (select {', '.join(f'null as {quoted(c.name)}' for c in columns)}) where false"
    return f"select {items} from (values {values}) as v({names})"


def _literal(value: str | int | None) -> str:
    return "null" if value is None else text(value) if isinstance(value, str) else str(value)


def _schemata(glue: GlueStore) -> Iterator[Row]:
    for database in glue.databases():
        yield _CATALOG, database["Name"]
    yield _CATALOG, NAME


def _tables(glue: GlueStore) -> Iterator[Row]:
    for table in _all(glue):
        kind = "VIEW" if table.get("TableType") == "VIRTUAL_VIEW" else "BASE TABLE"
        yield _CATALOG, table["DatabaseName"], table["Name"], kind


def _views(glue: GlueStore) -> Iterator[Row]:
    for table in _all(glue):
        if (view := read_view(table)) is not None:
            yield _CATALOG, table["DatabaseName"], table["Name"], view.sql


def _columns(glue: GlueStore) -> Iterator[Row]:
    for table in _all(glue):
        view = read_view(table)
        keys = {key["Name"].lower() for key in table.get("PartitionKeys", [])}
        for number, column in enumerate(view.columns if view is not None else columns_of(table), 1):
            extra = "partition key" if column.name in keys else None
            named = (_CATALOG, table["DatabaseName"], table["Name"], column.name)
            yield *named, number, None, "YES", str(column.type), column.description or None, extra


def _all(glue: GlueStore) -> Iterator[Document]:
    for database in glue.databases():
        yield from glue.tables(database["Name"])


def _texts(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, BIGINT if name == "ordinal_position" else VARCHAR) for name in names)


_TABLES: Final[dict[str, tuple[tuple[Column, ...], Callable[[GlueStore], Iterator[Row]]]]] = {
    "schemata": (_texts("catalog_name", "schema_name"), _schemata),
    "tables": (_texts("table_catalog", "table_schema", "table_name", "table_type"), _tables),
    "views": (_texts("table_catalog", "table_schema", "table_name", "view_definition"), _views),
    "columns": (
        _texts(
            *("table_catalog", "table_schema", "table_name", "column_name", "ordinal_position", "column_default"),
            *("is_nullable", "data_type", "comment", "extra_info"),
        ),
        _columns,
    ),
}
