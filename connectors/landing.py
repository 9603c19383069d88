"""Batches of rows become Parquet files under a run's location, split into company days, rejects beside.

Adds when each row was read. Never decides which rows are read or what is published.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from connectors.arrow_types import arrow_type
from connectors.location import Location
from connectors.parquet_parts import PartWriter
from connectors.reader import Batch
from connectors.rejects import Rejects, as_rejects
from connectors.row_digest import BatchDigest, RowDigest
from transforms.column import Column
from transforms.snapshot import WHOLE, Part

INGESTED_AT = "_ingested_at"
Compared = Literal["batches", "rows"]


class Landing:
    """One landing of one table. `columns` are the raw table's, without its day; `learn` changes them on the way.

    `day` names the column that splits the rows; None when the table has no days or each batch carries its day.
    `compared` asks for fingerprints of the rows themselves, so that a snapshot that did not change is noticed: of
    batches where a system gives them in one order and size, of rows where pages may be cut otherwise.
    `aside`: rows are written while more of them arrive.
    """

    def __init__(
        self,
        location: Location,
        columns: Sequence[Column],
        at: datetime,
        timezone: ZoneInfo,
        *,
        day: str | None = None,
        compared: Compared | None = None,
        known_rejects: frozenset[bytes] = frozenset(),
        aside: bool = False,
    ) -> None:
        self.location, self.day, self.timezone, self.compared = location, day, timezone, compared
        self.at = pa.scalar(at.astimezone(UTC).replace(tzinfo=None), pa.timestamp("ms"))
        self.columns = tuple(columns)
        self.rejects = Rejects(location, self.at, known_rejects)
        self.rows = 0
        self._parts = PartWriter(location, aside=aside)
        self._written: set[tuple[str, ...]] = set()
        self._digests: dict[str, BatchDigest | RowDigest] = {}

    def learn(self, columns: Sequence[Column]) -> None:
        """The raw table's columns as they are known by now: rows before a new one have NULL there."""
        self.columns = tuple(columns)

    @property
    def evolved(self) -> bool:
        """Whether files with different columns were written: a column was met on the way."""
        return len(self._written) > 1

    def add(self, batch: Batch) -> None:
        """Takes the rows of a batch; rows whose day is not known become rejects."""
        self.rejects.add(batch.rejects)
        if not batch.rows.num_rows:
            return
        if batch.day is not None:
            self._write(batch.day.isoformat(), batch.rows)
        elif self.day is None:
            self._write(WHOLE, batch.rows)
        else:
            for value, rows in self._by_day(batch.rows, self.day):
                self._write(value, rows)

    def close(self) -> dict[str, Part]:
        """The staged parts. Their fingerprints are of the rows when `compared`, else of this location."""
        self.rejects.close()
        parts = self._parts.close()
        return {
            value: replace(self._final(value, part), fingerprint=self._fingerprint(value))
            for value, part in parts.items()
        }

    def stop(self) -> None:
        """Nothing more is written, when the reading failed: the location can be removed."""
        self._parts.stop()
        for digest in self._digests.values():
            digest.stop()

    def _by_day(self, rows: pa.RecordBatch, day: str) -> Iterator[tuple[str, pa.RecordBatch]]:
        days = company_days(rows.column(day), self.timezone)
        if days.null_count:
            unknown = rows.filter(pc.is_null(days))
            self.rejects.add(as_rejects(unknown, f"{day} is NULL, so the day of the row is not known"))
            rows, days = rows.filter(pc.is_valid(days)), days.drop_null()
        found = pc.unique(days)
        for value in found:
            same = rows if len(found) == 1 else rows.take(pc.indices_nonzero(pc.equal(days, value)))
            yield value.as_py().isoformat(), same

    def _write(self, value: str, rows: pa.RecordBatch) -> None:
        self.rows += rows.num_rows
        if self.compared:
            if value not in self._digests:
                self._digests[value] = BatchDigest() if self.compared == "batches" else RowDigest()
            self._digests[value].add(rows)
        self._parts.write(value, self._table(rows))

    def _table(self, rows: pa.RecordBatch) -> pa.Table:
        names, arrays = [], []
        for column in self.columns:
            wanted = arrow_type(column.type)
            index = rows.schema.get_field_index(column.name)
            if column.name == INGESTED_AT:
                array = pa.repeat(self.at, rows.num_rows)
            elif index < 0:
                array = pa.nulls(rows.num_rows, wanted)
            else:
                array = rows.column(index)
                if array.type != wanted and not pa.types.is_dictionary(array.type):
                    array = array.cast(wanted)
            names.append(column.name)
            arrays.append(array)
        self._written.add(tuple(names))
        return pa.table(arrays, names=names)

    def _final(self, value: str, part: Part) -> Part:
        """The part with the columns' last types: a column met on the way may have become wider since."""
        wanted = {column.name: arrow_type(column.type) for column in self.columns}
        old = [file for file in part.files if not _holds(pq.read_schema(self.location.local(file)), wanted)]
        if not old:
            return part
        writer = PartWriter(self.location, stem="r")
        for file in old:
            for rows in pq.ParquetFile(self.location.local(file)).iter_batches(32_000):
                writer.write(value, self._table(rows))
            (self.location.root / file).unlink()
        fresh = writer.close()[value]
        files = (*(file for file in part.files if file not in old), *fresh.files)
        return Part(files, part.rows, sum((self.location.root / file).stat().st_size for file in files), "")

    def _fingerprint(self, value: str) -> str:
        rows = self._digests[value].text() if self.compared else self.location.relative
        columns = [(column.name, str(column.type)) for column in self.columns]
        return fingerprint(rows, value, repr(columns))


def company_days(values: pa.Array, timezone: ZoneInfo) -> pa.Array:
    """The company's calendar day of each UTC timestamp (or the date itself), as date32."""
    if pa.types.is_date(values.type):
        return values
    local = pc.local_timestamp(values.cast(pa.timestamp("ms", "UTC")).cast(pa.timestamp("ms", timezone.key)))
    return pc.floor_temporal(local, unit="day").cast(pa.date32())


def fingerprint(*words: str) -> str:
    """Equal words, equal fingerprint."""
    return hashlib.sha256("\0".join(words).encode()).hexdigest()[:32]


def _holds(schema: pa.Schema, wanted: Mapping[str, pa.DataType]) -> bool:
    types: Iterable[pa.Field] = schema
    return all(field.name == INGESTED_AT or field.type == wanted.get(field.name, field.type) for field in types)
