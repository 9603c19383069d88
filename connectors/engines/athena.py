"""Athena, as the platform's engine: the author's own SELECT, staged by CTAS, under tables that Glue knows.

What is not published (staged rows, an input that never had any, a view that is not deployed) stands in the statement
in the place of its name; nothing else of the author's text changes. Decides nothing about what is published.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from connectors.aws.athena import RESULTS, Ended, NotThere, Queries, Retryable
from connectors.aws.bucket import Bucket
from connectors.catalogs.glue import GlueCatalog, Seen
from connectors.engine import Journal, Sent, Staged
from connectors.engines.athena_staging import StagingTables, staged_files
from connectors.engines.athena_values import batches, result_schema
from connectors.engines.relations import with_columns
from connectors.engines.text_engine import TextEngine
from transforms.analysis import Compiled
from transforms.aws_target import Aws
from transforms.column import Column
from transforms.errors import Rejected, Stopped
from transforms.names import TableName
from transforms.query_stats import SOMEBODY_ASKS, Purpose, QueryStats
from transforms.renaming import placed, renamed
from transforms.snapshot import Snapshot

if TYPE_CHECKING:
    import pyarrow as pa

ATTEMPTS = 3
"""Of a statement that fails for a reason of Athena's own, each to a location of its own."""


class AthenaEngine(TextEngine):
    """See `connectors.engine.Engine`."""

    def __init__(
        self,
        queries: Queries,
        bucket: Bucket,
        catalog: GlueCatalog,
        staging: StagingTables,
        owners: Mapping[TableName, str],
        first: AthenaEngine | None = None,
    ) -> None:
        """`first` is the session that made the engine; None: this one is."""
        self.queries, self._bucket, self._catalog, self._staging = queries, bucket, catalog, staging
        super().__init__(owners)
        self._first = first or self
        self._places: list[str] = []
        self._unpublished: dict[tuple[TableName, frozenset[str]], str] = {}

    def session(self, urgency: int = 0) -> AthenaEngine:
        """An engine with tables of its own; Athena itself decides which statement goes first."""
        return AthenaEngine(self.queries, self._bucket, self._catalog, self._staging, self._owners, self._first)

    @property
    def ran(self) -> Sequence[QueryStats]:
        """Every query of all sessions that has ended."""
        return self.queries.ran

    def attach(self, snapshots: Iterable[Snapshot], columns: Mapping[TableName, tuple[Column, ...]]) -> None:
        """See TextEngine. Another run may have published since a snapshot was pinned, so that Glue is asked again."""
        snapshots = list(snapshots)
        for snapshot in snapshots:
            self._catalog.get(snapshot.table)
        super().attach(snapshots, columns)

    def counts(self, asked: Sequence[tuple[Snapshot, Compiled]]) -> list[list[int]]:
        """See TextEngine. Where days are read of the published table, Glue is asked again: staging took its time."""
        for table in {snapshot.table for snapshot, _ in asked}:
            seen = self._catalog.seen(table)
            if seen is not None and any(_shared(seen, snapshot) for snapshot, _ in asked):
                self._catalog.get(table)
        return super().counts(asked)

    def query(self, compiled: Compiled) -> pa.RecordBatchReader:
        """Run a query; rows come in pages. Raises Rejected when Athena rejects it or it fails there."""
        import pyarrow as pa

        sql = self._sql(compiled)
        with _placed(SOMEBODY_ASKS.before(sql), compiled):
            id_ = self._run(sql, SOMEBODY_ASKS)
        rows = batches(self.queries.rows(id_), compiled.columns)
        return pa.RecordBatchReader.from_batches(result_schema(compiled.columns), rows)

    def stage(self, compiled: Compiled, location: str, partition: str | None, journal: Journal | None = None) -> Staged:
        """One CTAS into a fresh folder of the location; the files' footers say the rest."""
        journal = journal or Journal(None, lambda sent: None)
        if journal.left is not None and (found := self._taken_up(journal.left, partition)) is not None:
            return found
        for attempt in range(1, ATTEMPTS + 1):
            folder = f"{location}/{_label(compiled)}-{secrets.token_hex(3)}"
            try:
                return self._staged(compiled, folder, partition, journal)
            except Retryable:
                if attempt == ATTEMPTS:
                    raise
        raise AssertionError("unreachable: the last attempt returns or raises")

    def create_view(self, name: TableName, compiled: Compiled) -> None:
        """Writes the view as other tools read it: over tables and views by their names in Glue."""
        sql = self._text(compiled, {one: self._catalog.read_place(one).sql for one in compiled.inputs})
        place = self._catalog.place(name)
        self._catalog.make_database(place.database)
        self.queries.run(f"create or replace view {place.sql} as {sql}", self._for("view", name))

    def interrupt(self) -> None:
        """Stop every running statement of all sessions, from another thread."""
        self.queries.interrupt()

    def close(self) -> None:
        """Take away what stands in Glue beside the published tables; its files stay."""
        while self._places:
            self._staging.remove(self._places.pop())
        if self._first is self:
            self.queries.close()

    def _relation(self, snapshot: Snapshot, expected: Sequence[Column]) -> str:
        """The published table where that is the snapshot; another version, or staged rows, under another name."""
        seen = self._catalog.seen(snapshot.table)
        same = seen is not None and (seen.snapshot.run, seen.snapshot.version) == (snapshot.run, snapshot.version)
        if seen is not None and same and _shared(seen, snapshot) == snapshot.parts.keys():
            return with_columns(seen.place.sql, snapshot, expected)
        return with_columns(self._beside(snapshot, seen), snapshot, expected)

    def _beside(self, snapshot: Snapshot, seen: Seen | None) -> str:
        """A snapshot that is not published: what differs from the published one is registered, the rest read there."""
        shared = set() if seen is None or seen.snapshot.partition is None else _shared(seen, snapshot)
        own = {value: part for value, part in snapshot.parts.items() if value not in shared}
        place = self._register(replace(snapshot, parts=own))
        if seen is None or not shared:
            return place
        others = ", ".join(f"date '{value}'" for value in sorted(seen.snapshot.parts.keys() - shared))
        where = f' where "{seen.snapshot.partition}" not in ({others})' if others else ""
        return f"(select * from {place} union all select * from {seen.place.sql}{where})"

    def _register(self, snapshot: Snapshot) -> str:
        """Once for the same files, and not at all where they are those of tables that CTAS has made."""
        files = frozenset(file for part in snapshot.parts.values() for file in part.files)
        known = self._unpublished.get((snapshot.table, files))
        if known is not None:
            return known
        pieces = {its: place for (name, its), place in self._unpublished.items() if name == snapshot.table}
        inside = [its for its in pieces if its and its <= files]
        if sum(map(len, inside)) == len(frozenset[str]().union(*inside)) == len(files):
            return f"({' union all '.join(f'select * from {pieces[its]}' for its in inside)})"
        return self._stands(snapshot.table, files, self._staging.register(snapshot))

    def _stands(self, name: TableName, files: frozenset[str], place: str) -> str:
        """Notes a table of Glue over files that are not published; the place."""
        self._places.append(place)
        self._unpublished[name, files] = place
        return place

    def _row(self, sql: str, purpose: Purpose) -> Sequence[Any]:
        (row,) = self.queries.rows(self._run(sql, purpose))
        return row

    def _run(self, sql: str, purpose: Purpose) -> str:
        """The id of a query that only reads, and may be sent again."""
        for _ in range(ATTEMPTS - 1):
            with suppress(Retryable):
                return self.queries.run(sql, purpose)
        return self.queries.run(sql, purpose)

    def _text(self, compiled: Compiled, relations: Mapping[TableName, str]) -> str:
        """A name that stands for itself stays as it was written."""
        elsewhere = {name: text for name, text in relations.items() if text != _plain(name)}
        return renamed(compiled.athena.rstrip().removesuffix(";"), elsewhere)

    def _staged(self, compiled: Compiled, folder: str, partition: str | None, journal: Journal) -> Staged:
        """The statement is noted before it is sent, and with its id after it: a process may die in between."""
        table = TableName(*folder.split("/")[:2])
        purpose, place = self._for("build", table), self._staging.name()
        self._places.append(place)
        ctas = _ctas(place, self._bucket.url(folder), partition, self._sql(compiled))
        sent = Sent(secrets.token_hex(16), ctas, folder)
        journal.note(sent)
        try:
            with _placed(purpose.before(ctas), compiled):
                id_ = self.queries.run(
                    ctas, purpose, token=sent.token, started=lambda id_: journal.note(replace(sent, id=id_))
                )
        except (Rejected, Ended, Stopped):  # it has ended, and nobody can go on with it
            journal.note(None)
            raise
        staged = self._counted(id_, staged_files(self._bucket, folder, partition))
        files = frozenset(file for part in staged.parts.values() for file in part.files)
        self._unpublished[table, files] = place
        return staged

    def _taken_up(self, left: Sent, partition: str | None) -> Staged | None:
        """What a query made, or makes, that a run which died has sent; None when that cannot be had.

        The table that it made is left alone: that run may be alive, and read it.
        """
        purpose = self._for("build", TableName(*left.folder.split("/")[:2]))
        try:
            id_, manifest = self.queries.outcome(left.id, left.sql, purpose, left.token)
        except NotThere:
            return None
        if not manifest:
            return None
        written = self._bucket.named(manifest)
        if written is None or written != {name for name, _ in self._bucket.objects(left.folder)}:
            return None
        return self._counted(id_, staged_files(self._bucket, left.folder, partition))

    def _counted(self, id_: str, staged: Staged) -> Staged:
        self.queries.counted(id_, sum(part.rows for part in staged.parts.values()))
        return staged


@contextmanager
def _placed(sent: str, compiled: Compiled) -> Iterator[None]:
    """Faults are told at their place in the author's own text."""
    try:
        yield
    except Rejected as rejected:
        faults = []
        for fault in rejected.problems:
            line, column = placed(sent, compiled.athena, fault.line, fault.column)
            faults.append(replace(fault, line=line, column=column))
        raise Rejected(faults) from rejected


def _plain(name: TableName) -> str:
    return f'"{name.database}"."{name.table}"'


def _shared(seen: Seen, snapshot: Snapshot) -> set[str]:
    """The days of which both have the same files."""
    return {value for value, part in snapshot.parts.items() if seen.snapshot.parts.get(value) == part}


def _ctas(place: str, url: str, partition: str | None, sql: str) -> str:
    """On one line before the author's text, so that Athena's places are those of the file."""
    days = f", partitioned_by = array['{partition}']" if partition else ""
    options = f"format = 'PARQUET', write_compression = 'ZSTD', external_location = '{url}/'{days}"
    return f"create table {place} with ({options}) as {sql}"


def _label(compiled: Compiled) -> str:
    """Of a statement's folder: the days, or the whole table."""
    return f"{compiled.window.start:%Y%m%d}" if compiled.window else "all"


def open_athena(bucket: Bucket, catalog: GlueCatalog, aws: Aws, owners: Mapping[TableName, str]) -> AthenaEngine:
    """The engine of a target; `owners` are told with the cost of the tables' queries.

    Whoever has tables of their own there shares its slots.
    """
    queries = Queries(catalog.shared_bucket, aws, bucket.url(RESULTS) + "/")
    return AthenaEngine(queries, bucket, catalog, StagingTables(bucket, catalog), owners)
