"""Trino, as the platform's engine: the author's own SELECT as Trino reads it, over exactly the parts that are meant.

A name stands for a query over the parts of one version (`connectors.trino.part_tables`), a view for its own query.
Rows are staged by INSERT into a table over a fresh folder. Decides nothing about what is published.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from connectors.catalogs.trino import TrinoCatalog
from connectors.durable import outside
from connectors.engine import Journal, Staged
from connectors.engines.relations import all_counts, no_rows, read_counts
from connectors.trino.session import TrinoSession
from transforms.analysis import Compiled
from transforms.column import Column
from transforms.dialect.trino_text import trino_text
from transforms.errors import OutsideError, UsageError
from transforms.names import TableName
from transforms.query_stats import Purpose, QueryKind, QueryStats
from transforms.renaming import renamed
from transforms.snapshot import Snapshot

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq


class TrinoEngine:
    """See `connectors.engine.Engine`."""

    def __init__(self, session: TrinoSession, catalog: TrinoCatalog, owners: Mapping[TableName, str]) -> None:
        self._session, self._catalog, self._owners = session, catalog, owners
        self._relations: dict[TableName, str] = {}

    def session(self, urgency: int = 0) -> TrinoEngine:
        """An engine with tables of its own; Trino itself decides which statement goes first."""
        return TrinoEngine(self._session, self._catalog, self._owners)

    @property
    def ran(self) -> Sequence[QueryStats]:
        """Every query of all sessions that has ended."""
        return self._session.ran

    def attach(self, snapshots: Iterable[Snapshot], columns: Mapping[TableName, tuple[Column, ...]]) -> None:
        """Make published tables, and staged rows, readable under their names, each at exactly this version."""
        for snapshot in snapshots:
            expected = columns.get(snapshot.table, snapshot.columns)
            self._relations[snapshot.table] = self._catalog.select(snapshot, expected)

    def attach_empty(self, name: TableName, columns: tuple[Column, ...]) -> None:
        """A typed relation without rows, in the place of the name."""
        self._relations[name] = no_rows(columns)

    def attach_view(self, name: TableName, compiled: Compiled) -> None:
        """The view's own query, in the place of its name; what it reads is attached before."""
        self._relations[name] = f"(\n{self._sql(compiled)}\n)"

    def attach_rows(self, name: TableName, columns: tuple[Column, ...], rows: Sequence[Mapping[str, Any]]) -> None:
        """Raises UsageError: test cases run on the laptop, without any cluster."""
        raise UsageError("cases are run on DuckDB; leave --target out")

    def rows(self, compiled: Compiled) -> list[dict[str, Any]]:
        """The rows of a query that has few of them, by column name."""
        found: list[dict[str, Any]] = self.query(compiled).read_all().to_pylist()
        return found

    def counts(self, asked: Sequence[tuple[Snapshot, Compiled]]) -> list[list[int]]:
        """All of them in one statement."""
        if not asked:
            return []
        queries: list[str] = []
        for snapshot, compiled in asked:
            self.attach([snapshot], {})
            queries.append(self._sql(compiled))
        found = self._session.select(all_counts(queries), self._for("audit", asked[0][0].table))
        (row,) = found.rows
        return read_counts(row, (compiled for _, compiled in asked))

    def query(self, compiled: Compiled) -> pa.RecordBatchReader:
        """Run a query; rows stream. Raises Rejected when Trino rejects it or it fails there."""
        import pyarrow as pa

        from connectors.engines.trino_values import batches, result_schema

        schema = result_schema(compiled.columns)
        found = self._session.select(self._sql(compiled))
        return pa.RecordBatchReader.from_batches(schema, batches(found.rows, compiled.columns))

    def stage(self, compiled: Compiled, location: str, partition: str | None, journal: Journal | None = None) -> Staged:
        """One INSERT into a fresh folder of the location; the files' footers say the rest.

        Nothing is kept in the journal: a statement of Trino ends with whoever waits for it.
        """
        from connectors.engines.footers import staged_of

        label = f"{compiled.window.start:%Y%m%d}" if compiled.window else "all"
        folder = f"{location}/{label}-{secrets.token_hex(3)}"
        with outside(f"write {folder}"):
            (self._catalog.root / folder).mkdir()
        columns = [column.column for column in compiled.columns]
        with self._catalog.parts.staging(folder, columns, partition) as place:
            purpose = self._for("build", TableName(*folder.split("/")[:2]))
            written = self._session.write(f"insert into {place} {self._sql(compiled)}", purpose)
        staged = staged_of(self._footers(folder), partition)
        found = sum(part.rows for part in staged.parts.values())
        if found != written:
            there = self._session.place.location.rstrip("/")
            raise OutsideError(
                f"Trino wrote {written} rows to {there}/{folder}, and {found} are in "
                f"{self._catalog.root / folder}; correct folder: and location: of the target, which name one folder"
            )
        return staged

    def create_view(self, name: TableName, compiled: Compiled) -> None:
        """Writes the view as other tools read it: over tables and views by their names in Trino."""
        sql = self._text(compiled, {one: self._catalog.place(one) for one in compiled.inputs})
        self._catalog.parts.make_schema(name.database)
        self._session.write(f"create or replace view {self._catalog.place(name)} as {sql}", self._for("view", name))

    def progress(self) -> float | None:
        """None: a statement tells how far it is only to who fetches its rows."""
        return None

    def interrupt(self) -> None:
        """Stop every running statement of all sessions, from another thread."""
        self._session.interrupt()

    def close(self) -> None:
        """Nothing: what is registered over the lake's files stays, and gc takes what nobody needs."""

    def _for(self, kind: QueryKind, table: TableName) -> Purpose:
        return Purpose(kind, table, self._owners.get(table))

    def _sql(self, compiled: Compiled) -> str:
        return self._text(compiled, self._relations)

    @staticmethod
    def _text(compiled: Compiled, relations: Mapping[TableName, str]) -> str:
        """The author's text with what Trino reads otherwise than Athena, and relations in the place of names."""
        schema = compiled.origin.schema if compiled.origin else {}
        text = trino_text(compiled.athena.strip().removesuffix(";"), schema)
        return renamed(text, {name: relations[name] for name in compiled.inputs if name in relations})

    def _footers(self, folder: str) -> Iterator[tuple[str, int, pq.FileMetaData]]:
        """Of the files that Trino wrote, under names that say what they are."""
        import pyarrow.parquet as pq

        root = self._catalog.root
        with outside(f"read {folder}"):
            for path in sorted(path for path in (root / folder).rglob("*") if path.is_file()):
                file = path.rename(path.with_name(f"{path.name.removesuffix('.parquet')}.parquet"))
                yield file.relative_to(root).as_posix(), file.stat().st_size, pq.read_metadata(file)
