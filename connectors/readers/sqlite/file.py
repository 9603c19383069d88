"""A SQLite file as a database: its tables and columns, and one read transaction over it. Never writes into it.

Decides which type of the lake a declared type means: SQLite itself lets a column hold anything.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal
from urllib.parse import quote

from connectors.readers.database.file import place_of, told
from transforms.lake_types import BIGINT, BOOLEAN, DATE, DOUBLE, TIMESTAMP, VARCHAR, Type, decimal
from transforms.names import quoted
from transforms.source import Source

WAIT_S = 30
"""For a writer that holds the file."""
_NESTED = ("array", "map", "row")
_DECIMAL = re.compile(r"(?:DECIMAL|NUMERIC)\s*\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)")
_TYPES: Sequence[tuple[str, Type]] = (
    (r"BOOL", BOOLEAN),
    (r"DATETIME|TIMESTAMP", TIMESTAMP),
    (r"DATE\Z", DATE),
    (r"DECIMAL|NUMERIC", decimal(38, 9)),
    (r".*INT", BIGINT),
    (r".*(CHAR|CLOB|TEXT)", VARCHAR),
    (r".*BLOB", Type("varbinary")),
    (r".*(REAL|FLOA|DOUB)", DOUBLE),
)
"""By how a declared type begins, in the order of SQLite's own rules, after the names that people mean more by."""


class Text(bytes):
    """A text as it stands in the file; other bytes are a blob."""


@dataclass(frozen=True)
class FileColumn:
    """A column; `written` is its declared type, which may be empty."""

    name: str
    written: str
    comment: str = ""

    @property
    def lake_type(self) -> Type:
        """When nobody declares another one; text for what SQLite knows no type of."""
        upper = self.written.strip().upper()
        if found := _DECIMAL.match(upper):
            precision, scale = int(found[1]), int(found[2] or 0)
            return decimal(precision, scale) if 0 < precision <= 38 and scale <= precision else VARCHAR
        return next((type_ for form, type_ in _TYPES if re.match(form, upper)), VARCHAR)

    def takes(self, declared: Type) -> bool:
        """Each value is looked at: those that do not fit are rejects."""
        return declared.name not in _NESTED


class SqliteFile:
    """One look at the file, at one moment."""

    def __init__(self, source: Source, address: str) -> None:
        path, where = place_of(source, address)
        self._told = partial(told, where, "SQLite", sqlite3.Error)
        with self._told():
            self._file = sqlite3.connect(
                f"file:{quote(str(path))}?mode=ro",
                uri=True,
                timeout=WAIT_S,
                isolation_level=None,
                check_same_thread=False,
            )
            self._file.text_factory = Text
            self._file.execute("begin")

    def tables(self) -> Mapping[str, Literal["table", "view"]]:
        """Every table and view, without SQLite's own."""
        rows = self.rows("select name, type = 'view' from sqlite_schema where type in ('table', 'view') order by name")
        names = {name.decode(): bool(view) for name, view in rows}
        return {name: "view" if view else "table" for name, view in names.items() if not name.startswith("sqlite_")}

    def columns(self, table: str) -> list[FileColumn]:
        """None for a table that is not there."""
        rows = self.rows("select name, type from pragma_table_xinfo(?) where hidden <> 1 order by cid", (table,))
        return [FileColumn(name.decode(), kind.decode()) for name, kind in rows]

    def key(self, table: str) -> tuple[str, ...]:
        """The columns of the primary key."""
        rows = self.rows("select name from pragma_table_xinfo(?) where pk > 0 order by pk", (table,))
        return tuple(name.decode() for (name,) in rows)

    def about_rows(self, table: str) -> int:
        """Counted: it costs little beside reading them."""
        return (
            int(self.rows(f"select count(*) from {quoted(table)}")[0][0]) if self.tables().get(table) == "table" else 0
        )

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a statement."""
        return [row for some in self.stream(sql, values, 1_000) for row in some]

    def stream(self, sql: str, values: Sequence[Any], size: int) -> Iterator[list[tuple[Any, ...]]]:
        """So many rows at a time. Raises OutsideError."""
        with self._told():
            cursor = self._file.execute(sql, values)
        while True:
            with self._told():
                rows = cursor.fetchmany(size)
            if not rows:
                return
            yield rows

    def close(self) -> None:
        """May be called more than once."""
        self._file.close()
