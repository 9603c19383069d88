"""Rows on their way from one reading into one table: landed, counted, merged with those that stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from connectors.accounting import Account
from connectors.deletes import Deletes
from connectors.failed_attempt import keep_failure
from connectors.lake import TEMPORARY, Lake
from connectors.landing import Compared, Landing, fingerprint
from connectors.location import Location
from connectors.merging import key_values, superseded, without, without_positions
from connectors.pace import Advance, Progress
from connectors.protecting import STATE, Protecting
from connectors.reader import Batch, Reading
from connectors.rejects import Rejects, as_rejects, rejects_without
from connectors.repairing import Repair
from connectors.retyping import retyped
from connectors.standing import Standing, as_stood
from transforms.column import Column
from transforms.errors import DataError
from transforms.snapshot import WHOLE, Part, Snapshot
from transforms.source import DAY, Source, SourceTable


@dataclass(frozen=True)
class Attempt:
    """One try of a run to take in what a source table has, begun `at`, in UTC. `last`, `full`, `primary`: see Asked."""

    lake: Lake
    source: Source
    table: SourceTable
    run: str
    at: datetime
    last: datetime | None = None
    full: bool = False
    repair: Repair | None = None
    primary: str = ""

    @cached_property
    def protecting(self) -> Protecting:
        """What is kept of personal values. Raises ContentError when a key is not there."""
        return Protecting.of(self.lake, self.source, self.table)


class Arrival:
    """Rows on their way from one reading into one table, of which something may stand already."""

    def __init__(self, attempt: Attempt, current: Snapshot | None, reading: Reading, location: Location) -> None:
        self.attempt, self.current, self.reading, self.location = attempt, current, reading, location
        self.source, self.table = source, table = attempt.source, attempt.table
        self.protecting = attempt.protecting
        standing = Standing.of(location.storage, table, current, whole=reading.whole)
        self.standing = standing.typed(location, table.name, self._columns())
        again = reading.again is not None or reading.replaces is not None
        by_batches: Compared | None = "batches" if table.mode == "snapshot" else None
        self.landing = Landing(
            location,
            self._written_columns(),
            attempt.at,
            attempt.lake.target.timezone,
            day=None if table.day in (None, DAY) and source.shape == "files" else table.day,
            compared="rows" if source.shape == "api" or table.restate_days else by_batches,
            aside=source.shape in ("api", "files"),
            known_rejects=self.standing.known_rejects() if again else frozenset(),
        )
        gone = {*reading.missing_columns, DAY if table.day else ""}
        columns = [column for column in self._columns() if column.name not in gone]
        self._known = self.standing.known_rows(
            self.protecting.again(reading.again), columns, by_key=table.mode == "append"
        )
        self.account, self.read_bytes = Account(), 0
        self.deletes = Deletes(location, table, attempt.lake.root / TEMPORARY)

    def __enter__(self) -> None:
        """What is left of it is given back in the end."""

    def __exit__(self, *_: object) -> None:
        self.deletes.close()

    @property
    def rejects(self) -> Rejects:
        """The rows that could not be held."""
        return self.landing.rejects

    def take(self, progress: Progress | None) -> dict[str, Part]:
        """Lands every batch, then says how many rejects are too many; what failed for its data is kept to be shown."""
        try:
            staged = self._taken(progress)
            if not self.reading.rejects_again:
                self.rejects.require_few(self.source, self.table, self.account.read)
        except DataError:
            attempt = self.attempt
            keep_failure(attempt.lake, self.table.name, attempt.at, attempt.run, self.account.read, self.rejects)
            raise
        finally:
            self.landing.stop()
        return staged

    def _taken(self, progress: Progress | None) -> dict[str, Part]:
        for batch in self.reading.batches:
            if batch.keys:
                self.deletes.take(self.protecting.batch(batch).rows)
                continue
            rows = batch.rows.num_rows + len(batch.rejects)
            self.account.read += rows
            self.landing.learn(self._written_columns())
            self.landing.add(self._checked(self.protecting.batch(batch)))
            self.read_bytes += batch.bytes
            if progress:
                progress(Advance(rows, batch.bytes, self._done()))
        self.landing.learn(self._written_columns())
        return self.landing.close()

    def _done(self) -> float | None:
        """The share of the reading that has arrived, where the reader knows about how much there is."""
        for read, expected in (
            (self.read_bytes, self.reading.expected_bytes),
            (self.account.read, self.reading.expected_rows),
        ):
            if expected:
                return min(read / expected, 1.0)
        return None

    def snapshot(self, staged: dict[str, Part]) -> Snapshot:
        """What the table is after this reading, in whose course columns may have grown."""
        self.standing = self.standing.typed(self.location, self.table.name, self._columns(), stem="grown-")
        if self.table.mode == "upsert" and not self.reading.unique:
            gone = superseded(self.location, staged, self.table.key, self.table.cursor)
            staged = without_positions(self.location, staged, gone) if gone else staged
            self.account.replaced = sum(map(len, gone.values()))
        self.account.known += self.rejects.known
        self.account.require_balance(self.location, self.table.name, staged, self.rejects.files)
        standing, (rejects, reject_rows) = self.standing, self._standing_rejects()
        columns = self._columns()
        parts = retyped(self.location, self.table.name, self._parts(staged), standing.columns, columns)
        if self.reading.unique and self.deletes.missing > reject_rows + self.rejects.rows:
            self.reading.warnings.append(_missing(self.table, self.deletes.missing))
        here = self.location.relative + "/"
        files = [file for part in parts.values() for file in part.files if file.startswith(here)]
        return Snapshot(
            table=self.table.name,
            version=self.current.version if self.current else 0,
            run=self.attempt.run,
            published_at=self.attempt.at,
            columns=columns if _written(staged) or not standing.columns else as_stood(standing.columns, columns),
            partition=DAY if self.table.day else None,
            parts=parts or ({} if self.table.day else {WHOLE: Part((), 0, 0, fingerprint("empty"))}),
            rejects=(*rejects, *self.rejects.files),
            reject_rows=reject_rows + self.rejects.rows,
            state=standing.next_state(self.reading.state, files) | self._protection(),
            evolved=self.landing.evolved or self._outgrown(),
        )

    def _outgrown(self) -> bool:
        """Whether rows that stand may be in files of other columns or types, their own ones or written anew."""
        if self.current is None or not self.standing.parts:
            return False
        now = [(column.name, column.type) for column in self._columns()]
        return self.current.evolved or now != [(column.name, column.type) for column in self.current.columns]

    def _protection(self) -> dict[str, object]:
        history = self.protecting.history(standing_of(self.table, self.reading, self.current))
        return {STATE: history} if history else {}

    def _columns(self) -> tuple[Column, ...]:
        """Columns that were met come after the declared ones; structs have the fields that were met."""
        reading = self.reading
        found = self.protecting.kept((*reading.new_columns, *reading.widened_columns))
        met = {column.name: column for column in found}
        known = tuple(met.pop(column.name, column) for column in self.table.columns)
        return self.source.raw_columns(replace(self.table, columns=(*known, *met.values())))

    def _written_columns(self) -> tuple[Column, ...]:
        """Those that files hold: a day is in the name of their folder."""
        return self._columns()[: -1 if self.table.day else None]

    def _checked(self, batch: Batch) -> Batch:
        """Without the rows that the table has, and with rows without a key among the rejects."""
        rows, rejects = batch.rows, list(batch.rejects)
        key = self.table.key if self.table.mode == "upsert" else ()
        for name in key if rows.num_rows else ():
            there = rows.schema.get_field_index(name) >= 0
            missing = pc.is_null(rows.column(name)) if there else pa.repeat(True, rows.num_rows)
            if pc.any(missing).as_py():
                rejects += as_rejects(rows.filter(missing), f"{name} is the key and NULL", file=str(self.table.name))
                rows = rows.filter(pc.invert(missing))
        if self._known is not None and rows.num_rows:
            fresh = self._known.fresh(rows)
            self.account.known += rows.num_rows - fresh.num_rows
            rows = fresh
        if self.reading.unique and not self.standing.parts:
            living = self.deletes.living(rows)
            self.account.deleted += rows.num_rows - living.num_rows
            rows = living
        return replace(batch, rows=rows, rejects=tuple(rejects))

    def _parts(self, staged: Mapping[str, Part]) -> dict[str, Part]:
        if self.reading.replaces is not None:
            return self.standing.with_days(self.reading.replaces, staged)
        rewritten = self._rewritten(staged)
        living = self.deletes.of_living(staged, self.standing.parts, rewritten)
        return self.deletes.of_there(self.standing.with_rows(living, rewritten, self.location.relative))

    def _rewritten(self, staged: Mapping[str, Part]) -> dict[str, Part]:
        """The parts that stand without the rows that this reading replaces; those that lose none are left out."""
        old, key = self.standing.parts, list(self.table.key)
        files = pa.array(sorted(self.reading.replaced_files), pa.string())
        if self.table.mode != "upsert" or not staged:
            of_files = (lambda rows: pc.is_in(rows.column(0), value_set=files)) if len(files) else None
            return without(self.location, old, ["_file"], of_files) if of_files else {}
        tables = [pq.read_table(self.location.local(f), columns=key) for part in staged.values() for f in part.files]
        rows = pa.concat_tables(tables).select(key)
        keys = key_values(rows)
        if len(files):
            return without(
                self.location,
                old,
                ["_file", *key],
                lambda part: pc.or_(
                    pc.is_in(part.column(0), value_set=files), pc.is_in(key_values(part.select(key)), value_set=keys)
                ),
            )
        limits = pc.min_max(rows.column(0)).as_py()
        return without(
            self.location,
            old,
            key,
            lambda part: pc.is_in(key_values(part), value_set=keys),
            (limits["min"], limits["max"]),
        )

    def _standing_rejects(self) -> tuple[tuple[str, ...], int]:
        """The files and the rows of rejects that stand, without those of files that this reading replaces."""
        standing, gone = self.standing, self.reading.replaced_files
        if self.reading.rejects_again:
            return (), 0
        if not gone or not standing.rejects:
            return standing.rejects, standing.reject_rows
        return rejects_without(self.location, standing.rejects, gone)


def _missing(table: SourceTable, count: int) -> str:
    rows = "1 row of the source is" if count == 1 else f"{count:,} rows of the source are"
    return (
        f"{table.name}: {rows} neither in the table nor among its rejects: their {table.cursor} lay before what "
        f"was read when they came; write a greater margin:, and baikal run {table.name} --full"
    )


def _written(staged: Mapping[str, Part]) -> bool:
    """Whether there are files with the columns of this reading; a column that no file holds is not the snapshot's."""
    return any(part.files for part in staged.values())


def standing_of(table: SourceTable, reading: Reading, current: Snapshot | None) -> Snapshot | None:
    """Of which some rows will stay."""
    return None if table.mode == "snapshot" or reading.whole else current
