"""What a DuckDB file says of its tables: columns, comments, keys, how many rows. Never writes."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.live import Access, LiveColumn, LiveTable, Sort
from connectors.readers.duckdb.file import DuckdbFile, FileColumn, quoted_table
from transforms.lake_types import VARCHAR
from transforms.names import quoted
from transforms.source import Source

SAMPLED_ROWS = 200


class DuckdbLive:
    """One read transaction, so that tables and columns are those of one moment."""

    def __init__(self, source: Source, address: str) -> None:
        self._file = DuckdbFile(source, address)

    def tables(self) -> Mapping[str, Sort]:
        """Those of the schema main by their name alone, others as `schema.table`."""
        return self._file.tables()

    def table(self, name: str) -> LiveTable:
        """Its rows are counted."""
        name = name.removeprefix("main.")
        columns = self._file.columns(name)
        if not columns:
            return LiveTable(name, ())
        sort = self._file.tables().get(name, "table")
        rows = int(self._file.rows(f"select count(*) from {quoted_table(name)}")[0][0])
        described = tuple(_column(column, self._samples(name, column) if sort == "table" else ()) for column in columns)
        return LiveTable(name, described, self._file.key(name), rows, sort=sort)

    def _samples(self, name: str, column: FileColumn) -> tuple[str, ...]:
        if column.lake_type != VARCHAR:
            return ()
        sql = f"select {quoted(column.name)}::varchar from {quoted_table(name)} limit {SAMPLED_ROWS}"
        return tuple(value for (value,) in self._file.rows(sql) if value)

    def close(self) -> None:
        """Ends the transaction."""
        self._file.close()


def live(source: Source, access: Access) -> DuckdbLive:
    """A look at the file at this address."""
    return DuckdbLive(source, access.address)


def _column(column: FileColumn, samples: tuple[str, ...]) -> LiveColumn:
    finer = column.lake_type.name == "timestamp"
    return LiveColumn(
        column.name, column.lake_type, column.written, column.takes, column.comment, finer, samples=samples
    )
