"""What a SQLite file says of its tables: columns, keys, how many rows. Never writes."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.live import Access, LiveColumn, LiveTable, Sort
from connectors.readers.sqlite.file import FileColumn, SqliteFile
from connectors.readers.sqlite.values import shown
from transforms.lake_types import VARCHAR
from transforms.names import quoted
from transforms.source import Source

SAMPLED_ROWS = 200
_DYNAMIC = "no type that SQLite knows: it is read as text, and blobs become rejects"


class SqliteLive:
    """One read transaction, so that tables and columns are those of one moment."""

    def __init__(self, source: Source, address: str) -> None:
        self._file = SqliteFile(source, address)

    def tables(self) -> Mapping[str, Sort]:
        """Every table and view."""
        return self._file.tables()

    def table(self, name: str) -> LiveTable:
        """Its rows are counted."""
        columns = self._file.columns(name)
        if not columns:
            return LiveTable(name, ())
        sort = self._file.tables().get(name, "table")
        rows = int(self._file.rows(f"select count(*) from {quoted(name)}")[0][0])
        found = self._file.rows(f"select * from {quoted(name)} limit {SAMPLED_ROWS}") if sort == "table" else []
        texts = {column.name: tuple(filter(None, (shown(row[i]) for row in found))) for i, column in enumerate(columns)}
        return LiveTable(
            name,
            tuple(_column(column, texts[column.name]) for column in columns),
            self._file.key(name),
            rows,
            sort=sort,
        )

    def close(self) -> None:
        """Ends the transaction."""
        self._file.close()


def live(source: Source, access: Access) -> SqliteLive:
    """A look at the file at this address."""
    return SqliteLive(source, access.address)


def _column(column: FileColumn, samples: tuple[str, ...]) -> LiveColumn:
    type_ = column.lake_type
    note = _DYNAMIC if not column.written.strip() else ""
    finer = type_.name == "timestamp"
    texts = samples if type_ == VARCHAR else ()
    return LiveColumn(column.name, type_, column.written or "none", column.takes, "", finer, note, texts)
