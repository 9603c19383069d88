"""A DuckDB file as a database: its tables and columns, and one read transaction over it. Never writes into it.

Decides which types have a place in the lake as they are; the others are read as texts, as DuckDB writes them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import duckdb
import pyarrow as pa

from connectors.own_duckdb import own_duckdb
from connectors.readers.database.file import place_of, told
from connectors.readers.file_types import natural, takes
from transforms.lake_types import VARCHAR, Type
from transforms.names import quoted
from transforms.source import Source

_AS_TEXT = re.compile(r"HUGEINT|BIGNUM|VARINT|INTERVAL|UNION|UUID|JSON|VARIANT|GEOMETRY|\bBIT\b|\bTIME\b|TIME_NS")
"""Types without a place in the lake, or that Arrow would change, alone or within another."""
_ZONED = "TIMESTAMP WITH TIME ZONE"


@dataclass(frozen=True)
class FileColumn:
    """A column; `written` is its type, `found` the one that it comes as."""

    name: str
    written: str
    found: pa.DataType
    comment: str

    @property
    def lake_type(self) -> Type:
        """When nobody declares another one."""
        return natural(self.found) or VARCHAR

    def takes(self, declared: Type) -> bool:
        """Whether every value of the type has its place in the declared one."""
        return takes(self.found, declared)

    @property
    def is_zoned(self) -> bool:
        """Whether its values are moments, and no times of a wall clock."""
        return self.written == _ZONED


class DuckdbFile:
    """One look at the file, at one moment. Tables of the schema main go by their name alone."""

    def __init__(self, source: Source, address: str) -> None:
        path, where = place_of(source, address)
        self._told = partial(told, where, "DuckDB", duckdb.Error)
        with self._told():
            self._file = own_duckdb(str(path), read_only=True)
            self._file.execute("begin")

    def tables(self) -> Mapping[str, Literal["table", "view"]]:
        """Every table and view."""
        tables = "select schema_name, table_name, false as view from duckdb_tables() where not internal"
        views = "select schema_name, view_name, true from duckdb_views() where not internal"
        rows = self.rows(f"{tables} union all {views} order by 1, 2")
        return {_name(schema, name): "view" if is_view else "table" for schema, name, is_view in rows}

    def about_rows(self, table: str) -> int:
        """As the file's catalog says."""
        rows = self.rows("select schema_name, table_name, estimated_size from duckdb_tables() where not internal")
        return sum(int(size) for schema, name, size in rows if _name(schema, name) == table)

    def columns(self, table: str) -> list[FileColumn]:
        """None for a table that is not there."""
        sql = "select column_name, data_type, comment from duckdb_columns() where schema_name = ? and table_name = ?"
        described = self.rows(f"{sql} order by column_index", _parts(table))
        if not described:
            return []
        selected = ", ".join(selected_as(name, kind) for name, kind, _ in described)
        with self._told():
            schema = self._file.sql(f"select {selected} from {quoted_table(table)} limit 0").to_arrow_table().schema
        found = zip(described, schema.types, strict=True)
        return [FileColumn(name, kind, type_, comment or "") for (name, kind, comment), type_ in found]

    def key(self, table: str) -> tuple[str, ...]:
        """The columns of the primary key."""
        sql = "select constraint_column_names from duckdb_constraints() where constraint_type = 'PRIMARY KEY'"
        rows = self.rows(f"{sql} and schema_name = ? and table_name = ?", _parts(table))
        return tuple(rows[0][0]) if rows else ()

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a statement."""
        with self._told():
            return self._file.execute(sql, list(values)).fetchall()

    def stream(self, sql: str, values: Sequence[Any], size: int) -> Iterator[pa.RecordBatch]:
        """So many rows at a time. Raises OutsideError."""
        with self._told():
            yield from self._file.sql(sql, params=list(values)).to_arrow_reader(size)

    def close(self) -> None:
        """May be called more than once."""
        self._file.close()


def selected_as(name: str, written: str) -> str:
    """The column in a SELECT, under its own name."""
    as_text = _AS_TEXT.search(written.replace(_ZONED, ""))
    return f"{quoted(name)}::varchar as {quoted(name)}" if as_text else quoted(name)


def quoted_table(name: str) -> str:
    """A table with its schema."""
    return ".".join(map(quoted, _parts(name)))


def _name(schema: str, name: str) -> str:
    return name if schema == "main" else f"{schema}.{name}"


def _parts(name: str) -> tuple[str, str]:
    schema, dot, table = name.partition(".")
    return (schema, table) if dot else ("main", name)
