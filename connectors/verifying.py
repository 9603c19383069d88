"""Compares what is published of a source table with what the source has now, row by row. Changes neither.

Decides which rows of both sides are compared, by what kind of source it is; how, is `connectors/compared_rows.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from connectors.address import key, read_from
from connectors.arrow_types import arrow_schema, arrow_type
from connectors.compared_rows import KINDS, Compared, ComparedRows, Difference
from connectors.durable import outside
from connectors.ingest import last_ingested
from connectors.lake import TEMPORARY, Lake
from connectors.landed_table import with_known_columns
from connectors.landing import INGESTED_AT
from connectors.politeness import connected
from connectors.protecting import Protecting
from connectors.reader import MOMENT, Asked, Batch, Reading, Reject
from connectors.readers import reader_for
from connectors.readers.database.agreement import TYPES
from connectors.readers.database.cursor import cursor_of
from connectors.readers.database.kept_values import typed_again
from connectors.readers.database.restated import begin, first_day
from transforms.column import Column
from transforms.errors import DataError
from transforms.names import TableName
from transforms.snapshot import Snapshot
from transforms.source import DAY, Source, SourceTable

PLACE = ("_file", "_line")
HIDDEN = "***"
_UNPUBLISHED = "nothing of it is published yet; the next run reads what waits"


@dataclass(frozen=True)
class Verified:
    """What both sides have of a table, and which rows differ. `kept` kinds are no fault of it; `read_at` is the lake's.

    `rejects` are rows of the source that cannot be held. `notes` tell what was not compared, and what waits.
    """

    table: TableName
    compared: Compared
    rejects: int
    kept: frozenset[Difference]
    read_at: datetime | None
    notes: tuple[str, ...] = ()
    published: bool = True

    @property
    def agrees(self) -> bool:
        """Whether nothing is wrong: what the next run reads is not."""
        return not any(self.compared.rows[kind] for kind in KINDS if kind not in self.kept)


def verify(lake: Lake, source: Source, table: SourceTable) -> Verified:
    """Raises ContentError, OutsideError, DataError, SchemaChanged."""
    lake.content.require(table.name)
    current = lake.catalog.get(table.name)
    known = with_known_columns(source, table, current)
    asked = _asked(lake, source, known, current)
    with connected(lake, source), closing(_reading(asked)) as reading:
        found = _Sides(lake, source, known, current, reading)
        with closing(found), lake.stopping(reading.cancel):
            return found.verified()


def _asked(lake: Lake, source: Source, table: SourceTable, current: Snapshot | None) -> Asked:
    """As the next run asks. Raises SchemaChanged when the declared cursor cannot go on from where the table stands."""
    now, state = lake.now().astimezone(lake.target.timezone), current.state if current else {}
    where, primary = read_from(lake, source)
    secret, home = partial(key, lake, source), lake.content.home
    asked = Asked(source, table, where, state, lake.storage, now, secret, home, primary=primary)
    stands = current.columns if current else ()
    if source.shape == "database" and any(column.name == table.cursor for column in stands):
        cursor_of(asked, stands)
    return asked


def _reading(asked: Asked) -> Reading:
    """Everything that the source has; of an API what the next run would read, which is what it was asked for last."""
    source, table, state = asked.source, asked.table, asked.state
    if source.shape == "files":
        table, state = replace(table, mode="append"), {}
    elif source.shape == "database":
        options = {word: value for word, value in table.options.items() if word != "deletes"}
        table = replace(table, mode="snapshot", options=options)
        state = {word: state[word] for word in (TYPES, MOMENT) if word in state}
    return reader_for(source.kind).read(replace(asked, table=table, state=state))


class _Sides:
    """The rows of both, as they come."""

    def __init__(
        self, lake: Lake, source: Source, table: SourceTable, current: Snapshot | None, reading: Reading
    ) -> None:
        self.lake, self.source, self.table, self.reading = lake, source, table, reading
        self.current, self.state = current, current.state if current else {}
        self.protecting = Protecting.of(lake, source, table)
        self.by_place = source.shape == "files" and table.mode != "upsert"
        self.columns = {column.name: column for column in self._compared_columns()}
        self.key = PLACE if self.by_place else self._key()
        newest = None
        if table.mode == "upsert" and not (reading.unique and source.shape == "database"):
            newest = table.cursor if table.cursor in self.columns else self.key[0]
        mark: str | None = table.options.get("deleted_at")
        schema, scratch = arrow_schema(self.columns.values()), lake.root / TEMPORARY
        self.rows = ComparedRows(schema, self.key, scratch, newest=newest, mark=mark)
        self.rejects = 0

    def _compared_columns(self) -> list[Column]:
        """Those that both sides have, with the types that they have by now."""
        held = self.current.columns if self.current else self.source.raw_columns(self.table)
        wider = {column.name: column for column in self.reading.widened_columns}
        gone = {*self.reading.missing_columns, INGESTED_AT, DAY if self.table.day else ""}
        gone |= set() if self.by_place else set(PLACE)
        return [wider.get(column.name, column) for column in held if column.name not in gone]

    def _key(self) -> tuple[str, ...]:
        """What tells rows apart on both sides; nothing where protection makes equal what is not."""
        found = self.table.key if self.table.mode == "upsert" else self.reading.primary
        there = set(found) <= self.columns.keys() and not self.protecting.lost & set(found)
        return tuple(found) if there else ()

    def verified(self) -> Verified:
        """Reads both to their ends."""
        for batch in self.reading.batches:
            self._take_rejects(batch.rejects)
            rows = self._table(self.protecting.batch(batch).rows)
            rows = rows.filter(self._can_stand(rows)) if rows.num_rows else rows
            self.rows.add("source", rows, self._waiting(rows))
        notes = self._of_files() if self.source.shape == "files" else _OfFiles()
        if self.current is None:
            self.rows.wait(None)
        for rows in self._lake_rows(notes.gone):
            self.rows.add("lake", rows)
        kept: set[Difference] = {"waiting"}
        if self.table.mode == "append":
            kept.add("gone")  # it keeps what the source has no more
        if self.source.shape == "files" and self.table.mode == "upsert":
            kept.add("different")  # the file that came last decides, and nobody knows any more which one that was
        at = last_ingested(self.lake, self.table.name)
        told = (*notes.told, *((_UNPUBLISHED,) if self.current is None else ()))
        compared, published = self._hidden(self.rows.compared()), self.current is not None
        return Verified(self.table.name, compared, self.rejects, frozenset(kept), at, told, published)

    def _take_rejects(self, rejects: Sequence[Reject]) -> None:
        self.rejects += len(rejects)
        if rejects and self.source.shape == "database" and self.key:
            rows = [orjson.loads(one.raw) for one in rejects]
            keys = pa.RecordBatch.from_arrays([self._kept(rows, name) for name in self.key], names=list(self.key))
            self.rows.add_rejects(self.protecting.batch(Batch(keys)).rows)

    def _kept(self, rows: Sequence[Mapping[str, Any]], name: str) -> pa.Array:
        """A column of rows that cannot be held; some are kept by the names in the source."""
        original = next((own for own, its in self.table.options.get("columns", {}).items() if its == name), name)
        values = [row[name] if name in row else row.get(original) for row in rows]
        array, _ = typed_again(values, self.columns[name].type, truncate=True)
        return array

    def _table(self, rows: pa.RecordBatch) -> pa.Table:
        arrays = []
        for column in self.columns.values():
            wanted, index = arrow_type(column.type), rows.schema.get_field_index(column.name)
            try:
                arrays.append(pa.nulls(rows.num_rows, wanted) if index < 0 else rows.column(index).cast(wanted))
            except pa.ArrowInvalid:
                what = f"{column.name} of the source does not fit into {column.type.hive}, as which it stands"
                raise DataError(f"{self.table.name}: {what}; run again before it is compared") from None
        return pa.table(arrays, names=list(self.columns))

    def _can_stand(self, rows: pa.Table) -> pa.Array:
        """Rows without what their table needs are rejects of every run."""
        table = self.table
        needed = [*(table.key if table.mode == "upsert" else ())]
        needed += [table.cursor] if table.mode == "append" and table.cursor and self.source.shape == "database" else []
        needed += [table.day] if table.day not in (None, DAY) and table.day in self.columns else []
        keep = pa.array(np.ones(rows.num_rows, bool))
        for name in needed:
            keep = pc.and_(keep, pc.is_valid(rows.column(name).combine_chunks()))
        self.rejects += rows.num_rows - (pc.sum(keep).as_py() or 0)
        return keep

    def _waiting(self, rows: pa.Table) -> pa.Array | None:
        """Rows that the next run reads whatever this one finds."""
        name = self.table.cursor
        if self.source.shape == "files" or self.table.mode == "snapshot" or name not in self.columns:
            return None
        values = rows.column(name).combine_chunks()
        if self.source.shape == "database":
            since = self._next_since(str(name))
            later = pc.greater_equal(values, limit(since, values.type)) if since is not None else None
        else:
            until = self.state.get("cursor")
            newer = pc.greater if self.reading.replaces is None else pc.greater_equal
            later = newer(values, limit(until, values.type)) if until is not None else None
        return pa.array(np.ones(len(values), bool)) if later is None else pc.fill_null(later, True)

    def _next_since(self, cursor: str) -> Any:
        """Where the next run begins to read; None when it reads everything."""
        now, kind = self.lake.now().astimezone(self.lake.target.timezone), self.columns[cursor].type.name
        day = first_day(self.table, kind, self.state, now)
        return self.state.get("since") if day is None else begin(day, kind, now.tzinfo)

    def _of_files(self) -> _OfFiles:
        """Files that are new, changed or gone since they were read."""
        found, known = self.reading.state.get("files", {}), self.state.get("files", {})
        fresh = [name for name, entry in found.items() if _is_other(known.get(name), entry)]
        names = [each for name in fresh for each in _names(name, found)]
        if names:
            self.rows.wait(names if self.by_place else None)
        gone = known.keys() - found.keys()
        told = (
            [f"new or changed files, which the next run reads: {len(fresh):,}, such as {min(fresh)}"] if fresh else []
        )
        if gone and self.table.mode != "snapshot":
            told.append(f"files that are gone or still written to, whose rows are not compared: {len(gone):,}")
        return _OfFiles(tuple(each for name in gone for each in _names(name, known)), tuple(told))

    def _lake_rows(self, gone: Sequence[str]) -> Iterator[pa.Table]:
        parts = self.current.parts if self.current else {}
        days = self.reading.replaces
        kept = [part for value, part in parts.items() if days is None or date.fromisoformat(value) in days]
        files = [str(self.lake.storage.local(file)) for part in kept for file in part.files]
        if not files:
            return
        names = list(self.columns)
        schema, only = arrow_schema(self.columns.values()), None
        if gone and self.table.mode != "snapshot":
            schema = pa.unify_schemas([schema, pa.schema([("_file", pa.string())])])
            only = ~ds.field("_file").isin(list(gone))
        again = self.reading.again if self.source.shape == "api" else None
        if again is not None:
            kind, cursor = schema.field(again.cursor).type, ds.field(again.cursor)
            only = (cursor >= limit(again.since, kind)) & (cursor <= limit(again.until, kind))
        with outside(f"read {self.table.name}"):
            for batch in ds.dataset(files, schema=schema).to_batches(columns=names, filter=only):
                yield pa.Table.from_batches([batch])

    def _hidden(self, compared: Compared) -> Compared:
        """Without keys that are personal values."""
        open_ = {name for name in self.key if not self.columns[name].personal or name in self.protecting.how}
        keys = {
            kind: [{name: text if name in open_ else HIDDEN for name, text in row.items()} for row in rows]
            for kind, rows in compared.keys.items()
        }
        return replace(compared, keys=keys)

    def close(self) -> None:
        """Gives back what they took."""
        self.rows.close()


@dataclass(frozen=True)
class _OfFiles:
    """The names in `_file` of files that are gone, and what a person is told."""

    gone: tuple[str, ...] = ()
    told: tuple[str, ...] = ()


def _is_other(known: Sequence[Any] | None, found: Sequence[Any]) -> bool:
    """Whether a file is not what was read of it: its size and version differ, and its bytes."""
    if known is None or known[0] != found[0]:
        return True
    return known[1] != found[1] and (known[2] is None or known[2] != found[2])


def _names(file: str, known: Mapping[str, Any]) -> Sequence[str]:
    """Those that its rows have in `_file`."""
    return known[file][3] if len(known[file]) > 3 else [file]


def limit(value: Any, kind: pa.DataType) -> pa.Scalar:
    """A cursor's value, as the state has it or as a value, in the lake's type: of moments no microseconds."""
    if pa.types.is_timestamp(kind):
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        return pa.scalar(moment, pa.timestamp("us")).cast(kind, safe=False)
    if pa.types.is_date(kind) and isinstance(value, str):
        return pa.scalar(date.fromisoformat(value), kind)
    return pa.scalar(value, kind)
