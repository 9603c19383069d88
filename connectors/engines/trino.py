"""Trino, as the platform's engine: the author's own SELECT as Trino reads it, over exactly the parts that are meant.

A name stands for a query over the parts of one version (`connectors.trino.part_tables`), a view for its own query.
Rows are staged by INSERT into a table over a fresh folder. Decides nothing about what is published.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from connectors.catalogs.trino import TrinoCatalog
from connectors.durable import outside
from connectors.engine import Journal, Staged
from connectors.engines.text_engine import TextEngine
from connectors.trino.session import TrinoSession
from transforms.analysis import Compiled
from transforms.column import Column
from transforms.dialect.trino_text import trino_text
from transforms.errors import OutsideError
from transforms.names import TableName
from transforms.query_stats import Purpose, QueryStats
from transforms.renaming import renamed
from transforms.snapshot import Snapshot

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq


class TrinoEngine(TextEngine):
    """See `connectors.engine.Engine`."""

    def __init__(self, session: TrinoSession, catalog: TrinoCatalog, owners: Mapping[TableName, str]) -> None:
        super().__init__(owners)
        self._session, self._catalog = session, catalog

    def session(self, urgency: int = 0) -> TrinoEngine:
        """An engine with tables of its own; Trino itself decides which statement goes first."""
        return TrinoEngine(self._session, self._catalog, self._owners)

    @property
    def ran(self) -> Sequence[QueryStats]:
        """Every query of all sessions that has ended."""
        return self._session.ran

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

    def interrupt(self) -> None:
        """Stop every running statement of all sessions, from another thread."""
        self._session.interrupt()

    def close(self) -> None:
        """Nothing: what is registered over the lake's files stays, and gc takes what nobody needs."""

    def _relation(self, snapshot: Snapshot, expected: Sequence[Column]) -> str:
        return self._catalog.select(snapshot, expected)

    def _row(self, sql: str, purpose: Purpose) -> Sequence[Any]:
        (row,) = self._session.select(sql, purpose).rows
        return row

    def _text(self, compiled: Compiled, relations: Mapping[TableName, str]) -> str:
        """With what Trino reads otherwise than Athena."""
        schema = compiled.origin.schema if compiled.origin else {}
        return renamed(trino_text(compiled.athena.strip().removesuffix(";"), schema), relations)

    def _footers(self, folder: str) -> Iterator[tuple[str, int, pq.FileMetaData]]:
        """Of the files that Trino wrote, under names that say what they are."""
        import pyarrow.parquet as pq

        root = self._catalog.root
        with outside(f"read {folder}"):
            for path in sorted(path for path in (root / folder).rglob("*") if path.is_file()):
                file = path.rename(path.with_name(f"{path.name.removesuffix('.parquet')}.parquet"))
                yield file.relative_to(root).as_posix(), file.stat().st_size, pq.read_metadata(file)
