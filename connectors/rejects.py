"""Rows that could not be held: beside the table's files, with their place, the reason and the original bytes.

Decides the layout of rejects and when there are too many; never why a row is rejected.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from math import ceil
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from connectors.durable import outside
from connectors.kept import kept_row
from connectors.location import Location
from connectors.reader import Reject
from connectors.storage import Storage
from transforms.errors import TooManyRejects
from transforms.snapshot import Snapshot
from transforms.source import Source, SourceTable

FOLDER = "_rejects"
"""Under a run's location; the underscore hides it from engines."""
_SCHEMA = pa.schema(
    [
        ("_file", pa.string()),
        ("_line", pa.int64()),
        ("reason", pa.string()),
        ("raw", pa.binary()),
        ("_ingested_at", pa.timestamp("ms")),
    ]
)
_COLUMN = re.compile(r"[:.]")
"""A reason begins with the name of the column that is at fault, where one is: `amount: ..`, `address.zip: ..`."""
_HELD_BYTES = 8 << 20
_SHOWN = 3


class Rejects:
    """The rejects of one landing, written as they come: a bad file does not fill the memory.

    Those whose digests are given are in the table already, and are read again: they are counted as `known`.
    """

    def __init__(self, location: Location, at: pa.Scalar, known: frozenset[bytes] = frozenset()) -> None:
        self._known, self.known = known, 0
        self.files: list[str] = []
        self.rows = 0
        self.first: list[Reject] = []
        self.columns: Counter[str] = Counter()
        self._location, self._at = location, at
        self._held: list[Reject] = []
        self._held_bytes = 0
        self._writer: pq.ParquetWriter | None = None

    def add(self, rejects: Iterable[Reject]) -> None:
        """Takes rejects in the order in which they stand in the source."""
        for reject in rejects:
            if self._known and hashlib.sha256(reject.raw).digest() in self._known:
                self.known += 1
                continue
            self._held.append(reject)
            self._held_bytes += len(reject.raw) + 100
            self.rows += 1
            self.columns[_COLUMN.split(reject.reason, 1)[0]] += 1
            if len(self.first) < _SHOWN:
                self.first.append(reject)
        if self._held_bytes > _HELD_BYTES:
            self._flush()

    def close(self) -> None:
        """Completes the file; `files` is right after it."""
        self._flush()
        if self._writer is not None:
            with outside(f"write {self._location.relative}"):
                self._writer.close()

    def require_few(self, source: Source, table: SourceTable, read: int) -> None:
        """Raises TooManyRejects when more than `rejects:` of the rows read were rejected; names the first three."""
        if not self.rows or self.rows <= table.rejects * read:
            return
        share = f"{self.rows:,} of {read:,} rows" if read > 1 else "the only row"
        first = "\n".join(f"  {place(reject)}: {reject.reason}" for reject in self.first)
        more = f"\n  and {self.rows - len(self.first):,} more" if self.rows > len(self.first) else ""
        raise TooManyRejects(
            f"{source.path}:{table.line}: {table.name}: {share} could not be held, more than the "
            f"{table.rejects * 100:g}% that `rejects:` allows; nothing was published; "
            f"{self._advice(source, table, read)}; baikal show {table.name} --rejects shows them; "
            f"the first are\n{first}{more}"
        )

    def _advice(self, source: Source, table: SourceTable, read: int) -> str:
        """The line to write: another type of the column that most fail at, or a greater share of rejects."""
        percent = 100 * self.rows / read
        allowed = ceil(percent) if percent > 1 else ceil(percent * 100) / 100
        write = f"`rejects: {allowed:g}%` under `{table.name.table}:` to set such rows aside"
        types = {column.name: column.type.hive for column in table.columns}
        name, count = self.columns.most_common(1)[0]
        if name not in types or 2 * count <= self.rows:
            return f"write {write}"
        most = f"{'most' if count < self.rows else 'all'} because of {name}, which is {types[name]}"
        return f"{most} in {source.schema_path}; write its right type there, or {write}"

    def _flush(self) -> None:
        if not self._held:
            return
        columns = [
            pa.array([reject.file for reject in self._held], pa.string()),
            pa.array([reject.line for reject in self._held], pa.int64()),
            pa.array([reject.reason for reject in self._held], pa.string()),
            pa.array([reject.raw for reject in self._held], pa.binary()),
            pa.repeat(self._at, len(self._held)),
        ]
        with outside(f"write {self._location.relative}"):
            if self._writer is None:
                path = self._location.path / FOLDER / "0.parquet"
                path.parent.mkdir(exist_ok=True)
                self._writer = pq.ParquetWriter(path, _SCHEMA, compression="zstd", use_dictionary=["_file", "reason"])
                self.files.append(path.relative_to(self._location.root).as_posix())
            self._writer.write_table(pa.table(columns, schema=_SCHEMA))
        self._held, self._held_bytes = [], 0


def place(reject: Reject) -> str:
    """`file:line` of a reject."""
    return f"{reject.file}:{reject.line}" if reject.line else reject.file


def as_rejects(rows: pa.RecordBatch, reason: str, *, file: str = "") -> list[Reject]:
    """Typed rows that cannot be held after all; their bytes are the row as JSON."""
    result = []
    for position in range(rows.num_rows):
        row = kept_row(rows, position)
        where, line = row.pop("_file", file), row.pop("_line", 0)
        result.append(Reject(str(where), int(str(line or 0)), reason, row_bytes(row)))
    return result


def row_bytes(row: dict[str, object]) -> bytes:
    """A row as JSON, whatever its values are."""
    return orjson.dumps(row, default=str)


def read_rejects(storage: Storage, snapshot: Snapshot) -> Iterator[dict[str, Any]]:
    """The rejects of a version, newest first: file, line, reason, raw (its text), digest, ingested_at (ISO 8601)."""
    for name in reversed(snapshot.rejects):
        with outside(f"read {name}"):
            rows = pq.read_table(storage.local(name))
        yield from map(_document, reversed(rows.to_pylist()))


def first_rejects(path: Path, count: int) -> list[dict[str, Any]]:
    """The first rejects of a file, in the same form."""
    with outside(f"read {path.name}"):
        batch = next(pq.ParquetFile(path).iter_batches(count), None)
    return [_document(row) for row in batch.to_pylist()] if batch is not None else []


def _document(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "file": row["_file"],
        "line": row["_line"],
        "reason": row["reason"],
        "raw": shown(row["raw"]),
        "digest": digest(row["raw"]),
        "ingested_at": row["_ingested_at"].isoformat(),
    }


def digest(raw: bytes) -> str:
    """Of the original bytes: what tells rejects of one place apart, when several readings counted from the start."""
    return hashlib.sha256(raw).hexdigest()[:16]


def shown(raw: bytes) -> str:
    """The original bytes as a text: what is not UTF-8 as `\\x..`."""
    return raw.decode("utf-8", "backslashreplace")


def rejects_without(location: Location, files: Iterable[str], sources: Collection[str]) -> tuple[tuple[str, ...], int]:
    """The files of rejects without those of these source files, and how many rejects are left.

    A file that loses some is written anew in the location.
    """
    kept, count = [], 0
    gone = pa.array(sorted(sources), pa.string())
    for number, file in enumerate(files):
        with outside(f"read {file}"):
            rows = pq.read_table(location.local(file))
        left = rows.filter(pc.invert(pc.fill_null(pc.is_in(rows.column("_file"), value_set=gone), False)))
        count += left.num_rows
        if left.num_rows == rows.num_rows:
            kept.append(file)
        elif left.num_rows:
            path = location.path / FOLDER / f"kept-{number}.parquet"
            with outside(f"write {location.relative}"):
                path.parent.mkdir(exist_ok=True)
                pq.write_table(left, path, compression="zstd")
            kept.append(path.relative_to(location.root).as_posix())
    return tuple(kept), count


def known_rejects(files: Iterable[Path]) -> frozenset[bytes]:
    """Digests of the original bytes in these files."""
    raw = (value for file in files for value in pq.read_table(file, columns=["raw"]).column(0).to_pylist())
    return frozenset(hashlib.sha256(value).digest() for value in raw)
