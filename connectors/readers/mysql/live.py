"""What a MySQL or MariaDB says of its tables: columns, types, comments, keys, about how many rows.

Tells the tables of the address's database, though others may be seen. Never writes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from connectors.live import Access, LiveTable, Sort
from connectors.readers.mysql.transaction import Transaction
from connectors.readers.mysql.types import ZERO, SourceColumn, quoted, quoted_table
from transforms.source import Source

COUNTED_ROWS = 100_001
"""A table of which the server has no estimate is counted up to here; so far zero dates are looked for."""
SAMPLED_ROWS = 100
SAMPLED_LETTERS = 200


class MysqlLive:
    """One transaction, so that the rows that are looked at are those of one moment."""

    def __init__(self, source: Source, address: str) -> None:
        self._database = Transaction(source, address)
        self._found: dict[str, tuple[int, str, Sort]] = {}

    def tables(self) -> Mapping[str, Sort]:
        """Those that may be read."""
        for name, rows, comment, kind in self._database.tables():
            is_view = kind == "VIEW"
            self._found[name] = int(rows or 0), "" if is_view else comment, "view" if is_view else "table"
        return {name: sort for name, (_, _, sort) in self._found.items()}

    def table(self, name: str) -> LiveTable:
        """A table without an estimate of its rows is counted as far as it matters; `other.t` is of another database."""
        if not self._found:
            self.tables()
        columns = self._database.columns(name) if name in self._found or "." in name else ()
        if not columns:
            return LiveTable(name, ())
        rows, comment, sort = self._found.get(name, (0, "", "table"))
        if not rows:
            bounded = f"select count(*) from (select 1 from {quoted_table(name)} limit {COUNTED_ROWS}) t"
            rows = int(self._database.rows(bounded)[0][0])
        primary, _ = self._database.unique_keys(name)
        samples = self._samples(name, [column for column in columns if column.charset]) if sort == "table" else {}
        dated = [column for column in columns if column.dated and not column.live.zeros] if sort == "table" else []
        zeros = self._zeros(name, dated)
        described = tuple(
            replace(live, samples=samples.get(live.name, ()), zeros=live.zeros or live.name in zeros)
            for live in (column.live for column in columns)
        )
        return LiveTable(name, described, primary, rows, comment, sort)

    def _samples(self, name: str, columns: Sequence[SourceColumn]) -> Mapping[str, tuple[str, ...]]:
        if not columns:
            return {}
        values = ", ".join(f"left({quoted(column.name)}, {SAMPLED_LETTERS})" for column in columns)
        rows = self._database.rows(f"select {values} from {quoted_table(name)} limit {SAMPLED_ROWS}")
        return {column.name: tuple(str(row[i]) for row in rows if row[i]) for i, column in enumerate(columns)}

    def _zeros(self, name: str, columns: Sequence[SourceColumn]) -> set[str]:
        """The columns of dates that have a zero one among the first rows."""
        if not columns:
            return set()
        names = [quoted(column.name) for column in columns]
        first = f"select {', '.join(names)} from {quoted_table(name)} limit {COUNTED_ROWS}"
        asked = ", ".join(f"max(cast({column} as char) like '{ZERO}%')" for column in names)
        (row,) = self._database.rows(f"select {asked} from ({first}) t")
        return {column.name for column, found in zip(columns, row, strict=True) if str(found) == "1"}

    def close(self) -> None:
        """Ends the transaction."""
        self._database.close()


def live(source: Source, access: Access) -> MysqlLive:
    """A look at the database at this address."""
    return MysqlLive(source, access.address)
