"""What a PostgreSQL says of its tables: columns, types, comments, keys, about how many rows.

Decides which relations are tables: partitions, and what inherits without columns of its own, belong to their parent.
Never writes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from connectors.live import Access, LiveTable, Sort
from connectors.readers.postgres.transaction import Transaction
from connectors.readers.postgres.types import SourceColumn, quoted_table
from transforms.source import Source

SAMPLED_ROWS, SAMPLED_LETTERS = 200, 200
COUNTED_ROWS = 100_001
"""A table of which the database has no estimate is counted up to here."""
_TABLES = """
select case when n.nspname = 'public' and strpos(c.relname, '.') = 0 then '' else n.nspname || '.' end || c.relname,
  greatest(c.reltuples, 0)::bigint, coalesce(obj_description(c.oid, 'pg_class'), ''),
  c.relkind in ('v', 'f') or not c.relispopulated
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'm', 'v', 'f') and not c.relispartition and n.nspname not like 'pg\\_%'
  and n.nspname <> 'information_schema' and has_table_privilege(c.oid, 'select')
  and not exists (
    select from pg_inherits i where i.inhrelid = c.oid and has_table_privilege(i.inhparent, 'select') and not exists (
      select from pg_attribute a
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attinhcount = 0))
order by 1"""
"""What another server holds, and a materialized view that was never filled, may fail when it is read: as views, they
are left out unless they are named."""


class PostgresLive:
    """One transaction, so that tables and columns are those of one moment."""

    def __init__(self, source: Source, address: str) -> None:
        self._database = Transaction(source, address)
        self._found: dict[str, tuple[int, str, Sort]] = {}

    def tables(self) -> Mapping[str, Sort]:
        """Those of the schema public by their name alone if that has no dot, others as `schema.table`."""
        for name, rows, comment, is_view in self._database.rows(_TABLES):
            self._found[str(name)] = int(rows), str(comment), "view" if is_view else "table"
        return {name: sort for name, (_, _, sort) in self._found.items()}

    def table(self, name: str) -> LiveTable:
        """A table without an estimate of its rows is counted, as far as it matters."""
        short = name.removeprefix("public.")
        name = name if "." in short else short
        if not self._found:
            self.tables()
        columns = self._database.columns(name)
        if not columns:
            return LiveTable(name, ())
        rows, comment, sort = self._found.get(name, (0, "", "table"))
        if not rows and name in self._found:
            bounded = f"select count(*) from (select 1 from {quoted_table(name)} limit {COUNTED_ROWS}) t"
            rows = int(self._database.rows(bounded)[0][0])
        primary, _ = self._database.unique_keys(name)
        samples = self._samples(name, [column for column in columns if column.is_text]) if sort == "table" else {}
        described = tuple(replace(column.live, samples=samples.get(column.name, ())) for column in columns)
        return LiveTable(name, described, primary, rows, comment, sort)

    def _samples(self, name: str, columns: Sequence[SourceColumn]) -> Mapping[str, tuple[str, ...]]:
        if not columns:
            return {}
        values = ", ".join(f"left({column.quoted}::text, {SAMPLED_LETTERS})" for column in columns)
        rows = self._database.rows(f"select {values} from {quoted_table(name)} limit {SAMPLED_ROWS}")
        return {column.name: tuple(row[i] for row in rows if row[i]) for i, column in enumerate(columns)}

    def close(self) -> None:
        """Ends the transaction."""
        self._database.close()


def live(source: Source, access: Access) -> PostgresLive:
    """A look at the database at this address."""
    return PostgresLive(source, access.address)
