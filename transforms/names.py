"""Names: of tables, `database.table`, as Athena spells them, whose layer they say; and of anything in SQL."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Layer = Literal["raw", "core", "view"]
_PART = re.compile(r"[a-z_][a-z0-9_]*\Z")


@dataclass(frozen=True, order=True, slots=True)
class TableName:
    """A table or view. Lower case, as Glue stores it (an AWS rule)."""

    database: str
    table: str

    @classmethod
    def parse(cls, text: str) -> TableName:
        """Raises ValueError unless the text is `database.table` in lower case letters, digits and underscores."""
        database, dot, table = text.partition(".")
        if not dot or not _PART.match(database) or not _PART.match(table):
            raise ValueError(f'"{text}" is not a table name; write database.table in lower case')
        return cls(database, table)

    def __str__(self) -> str:
        return f"{self.database}.{self.table}"

    @property
    def layer(self) -> Layer:
        """raw: written by ingest only; core: built tables; view: what people read."""
        if self.database.startswith("raw_"):
            return "raw"
        return "core" if self.database.startswith("core_") else "view"

    @property
    def source(self) -> str:
        """The source that lands a raw table; only for raw ones."""
        return self.database.removeprefix("raw_")


def quoted(name: str) -> str:
    """A name in SQL, whatever is in it: as the standard quotes it, and so Athena, DuckDB, PostgreSQL and SQLite.

    >>> quoted('a"b')
    '"a""b"'
    """
    return '"' + name.replace('"', '""') + '"'
