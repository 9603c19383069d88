"""Rejects of a raw table, read once more: under the declaration as it stands now, or with texts that a person mended.

What can be held now joins the rows, the rest stays a reject, in one publish. Never reads the source.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from connectors.arrow_types import arrow_type
from connectors.durable import outside
from connectors.merging import key_values
from connectors.protecting import NOT_KEPT
from connectors.reader import Asked, Batch, Reader, Reading, Reject, no_rows
from connectors.readers import reader_for
from connectors.readers.csv.records import is_wide, meant
from connectors.readers.database.again import kept_again
from connectors.rejects import digest, shown
from connectors.storage import Storage
from transforms.errors import UsageError
from transforms.file_path import FilePath
from transforms.snapshot import Snapshot
from transforms.source import SourceTable
from transforms.widening import widens

_LINES = ("csv", "logs")
"""Kinds whose own texts are other than the rows that came of them."""
Spot = tuple[str, int] | tuple[str, int, str]
"""The file and the line of a reject, and its digest where several have them, as of several readings of a database."""
Texts = Mapping[Spot, str]
"""What a person wrote in the place of a reject."""


@dataclass(frozen=True)
class Repair:
    """`texts` stand for the rejects of their places; the others are tried as they are."""

    texts: Texts


def require_rejects(storage: Storage, table: SourceTable, current: Snapshot | None, repair: Repair) -> list[Reject]:
    """The rejects that stand. Raises UsageError when there is nothing that can be repaired, or a text has no reject."""
    name = table.name
    if table.mode == "snapshot":
        raise UsageError(f"{name} is read whole each time, its rejects too; write baikal run {name}")
    rejects = list(rejects_of(storage, current)) if current else []
    if not rejects:
        raise UsageError(f"{name} has no rejects")
    there: dict[tuple[str, int], set[str]] = {}
    for one in rejects:
        there.setdefault((one.file, one.line), set()).add(digest(one.raw))
    for file, line, *which in sorted(repair.texts):
        known = there.get((file, line), set())
        if not known or not known.issuperset(which):
            hint = f"write baikal show {name} --rejects for those it has"
            raise UsageError(f"{name} has no {'such ' if known else ''}reject at {file}:{line}; {hint}")
        if len(known) > 1 and not which:
            hint = f"leave in what baikal show {name} --rejects --raw --json prints as digest"
            raise UsageError(f"{name} has {len(known)} rejects at {file}:{line}; {hint}")
    return rejects


def reading(storage: Storage, asked: Asked, repair: Repair, current: Snapshot | None) -> Reading:
    """The rejects of the current version as a reading; raises what `require_rejects` raises."""
    rejects = require_rejects(storage, asked.table, current, repair)
    assert current
    encoding = {**asked.source.options, **asked.table.options}.get("encoding", "utf-8")
    encoding = "utf-8" if is_wide(encoding) else meant(encoding.removesuffix("-sig"))
    mended = [_mended(one, repair.texts, encoding) for one in rejects]
    declared = {column.name: column.type for column in asked.table.columns}
    wider = [one for one in current.columns if one.name in declared and widens(one.type, declared[one.name])]
    result = Reading(iter(()), dict(current.state), widened_columns=wider, rejects_again=True)
    result.batches = _batches(storage, asked, mended, current, result)
    return result


def read_texts(content: str, path: str) -> dict[Spot, str]:
    """The texts of a file: what `baikal show NAME --rejects --raw --json` prints, or one of its rejects a line.

    Raises UsageError for what is none.
    """
    texts = dict[Spot, str]()
    for number, one in _documents(content):
        try:
            place: Spot = (str(one["file"]), int(one["line"]))
            text, which = one["raw"], one.get("digest")
            if which is not None:
                place = (*place[:2], str(which))
            if not isinstance(text, str):
                raise TypeError
        except (ValueError, KeyError, TypeError, AttributeError):
            write = 'write {"file": "a.csv", "line": 7, "raw": "the text as it should be"}'
            raise UsageError(f"{path}:{number}: this is no reject; {write}") from None
        if place in texts:
            raise UsageError(f"{path}:{number}: {place[0]}:{place[1]} stands in the file twice")
        texts[place] = text
    return texts


def _documents(content: str) -> Iterator[tuple[int, Any]]:
    """With the line on which each stands."""
    whole = None
    with suppress(ValueError):
        whole = orjson.loads(content)
    if isinstance(whole, dict) and isinstance(whole.get("rejects"), list):
        yield from ((1, one) for one in whole["rejects"])
        return
    for number, line in enumerate(content.splitlines(), 1):
        if line.strip():
            one = None
            with suppress(ValueError):
                one = orjson.loads(line)
            yield number, one


def _mended(reject: Reject, texts: Texts, encoding: str) -> Reject:
    """A text that a person left as it was shown stands for the bytes, of which it may not show all."""
    place = (reject.file, reject.line)
    text = texts.get((*place, digest(reject.raw)), texts.get(place))
    return reject if text in (None, shown(reject.raw)) else replace(reject, raw=str(text).encode(encoding))


def rejects_of(storage: Storage, current: Snapshot) -> Iterator[Reject]:
    """Those of a version."""
    for name in current.rejects:
        with outside(f"read {name}"):
            rows = pq.read_table(storage.local(name), columns=["_file", "_line", "reason", "raw"]).to_pylist()
        yield from (Reject(row["_file"], row["_line"], row["reason"], row["raw"]) for row in rows)


def _batches(
    storage: Storage, asked: Asked, rejects: Sequence[Reject], current: Snapshot, reading: Reading
) -> Iterator[Batch]:
    reader = reader_for(asked.source.kind)
    standing = _StandingKeys.of(storage, asked, current)
    left_out = 0
    for file, group in groupby(rejects, key=lambda one: one.file):
        of_file = list(group)
        tried = [one for one in of_file if _has_text(asked, one)]
        day = FilePath(str(asked.table.options["path"])).day_of(file) if asked.source.shape == "files" else None
        for batch in _again(reader, asked, file, tried, reading):
            rows = standing.without(batch.rows)
            left_out += batch.rows.num_rows - rows.num_rows
            yield replace(batch, rows=rows, day=day)
        yield Batch(no_rows(), tuple(one for one in of_file if not _has_text(asked, one)))
    if left_out:
        told = "1 repaired row has a key" if left_out == 1 else f"{left_out:,} repaired rows have keys"
        reading.warnings.append(f"{asked.table.name}: {told} of which a newer row is there, and was left out")


def _again(reader: Reader, asked: Asked, file: str, tried: Sequence[Reject], reading: Reading) -> Iterator[Batch]:
    texts = [one for one in tried if not _is_row(asked, one)]
    rows = [one for one in tried if _is_row(asked, one)]
    if texts:
        yield from reader.parse_again(asked, file, texts, reading)
    if rows:
        yield from kept_again(asked, file, rows, reading)


def _has_text(asked: Asked, reject: Reject) -> bool:
    """Of a file that was cut, or of a protected table, there is none."""
    return bool(reject.line or _is_row(asked, reject)) and not reject.raw.startswith(NOT_KEPT)


def _is_row(asked: Asked, reject: Reject) -> bool:
    """Whether it was a row of the lake's types already, which lacked its key or its day: no text of the source."""
    if asked.source.shape == "database":
        return not reject.line
    if asked.source.kind not in _LINES or not reject.raw.startswith(b"{"):
        return False
    with suppress(ValueError):
        names = {column.name for column in asked.table.columns}
        return isinstance(found := orjson.loads(reject.raw), dict) and found.keys() <= names
    return False


@dataclass(frozen=True)
class _StandingKeys:
    """A row that stands is newer than a reject of its key, or was mended at the source, as one of a restated day.

    Rejects of an append of files go with their file, and its key says nothing.
    """

    key: tuple[str, ...]
    values: pa.Array | None

    @classmethod
    def of(cls, storage: Storage, asked: Asked, current: Snapshot) -> _StandingKeys:
        key, mode = asked.table.key, asked.table.mode
        files = [str(storage.local(file)) for part in current.parts.values() for file in part.files]
        types = {column.name: arrow_type(column.type) for column in current.columns}
        told = mode == "upsert" or (mode == "append" and asked.source.shape != "files")
        if not (told and key and files and types.keys() >= {*key}):
            return cls(key, None)
        stand = ds.dataset(files, schema=pa.schema([(name, types[name]) for name in key])).to_table()
        return cls(key, key_values(stand).combine_chunks())

    def without(self, rows: pa.RecordBatch) -> pa.RecordBatch:
        if self.values is None or not rows.num_rows:
            return rows
        keys = key_values(pa.Table.from_batches([rows]).select(list(self.key))).combine_chunks()
        known = pc.is_in(keys, value_set=self.values.cast(keys.type), skip_nulls=True)  # no key is no other row's
        return rows.filter(pc.invert(known))
