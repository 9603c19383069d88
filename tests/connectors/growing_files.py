"""Files of each kind that appear and change while they are read. Starts no thread: the tests fork."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter
from landing_place import NOW

Row = tuple[int, int, datetime]


def _jsonl(rows: Sequence[Row]) -> bytes:
    return _lines(json.dumps({"id": id_, "amount": amount, "at": f"{at:%FT%TZ}"}) for id_, amount, at in rows)


def _csv(rows: Sequence[Row]) -> bytes:
    return _lines(["id,amount,at", *(f"{id_},{amount},{at:%FT%TZ}" for id_, amount, at in rows)])


def _logs(rows: Sequence[Row]) -> bytes:
    return _lines(f"{at:%FT%TZ} order {id_} of {amount} yen" for id_, amount, at in rows)


def _lines(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _parquet(rows: Sequence[Row]) -> bytes:
    ids, amounts, times = zip(*rows, strict=True)
    table = pa.table({"id": ids, "amount": amounts, "at": pa.array(times, pa.timestamp("ms", "UTC"))})
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


def _xlsx(rows: Sequence[Row]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "default_date_format": "yyyy-mm-dd hh:mm:ss"}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ("id", "amount", "at"))
        for number, (id_, amount, at) in enumerate(rows, 1):
            sheet.write_row(number, 0, (id_, amount, at.replace(tzinfo=None)))
    return out.getvalue()


WRITERS: Mapping[str, Callable[[Sequence[Row]], bytes]] = {
    "jsonl": _jsonl,
    "csv": _csv,
    "logs": _logs,
    "parquet": _parquet,
    "xlsx": _xlsx,
}
_PATTERN = r"(?P<at>\S+) order (?P<id>\d+) of (?P<amount>\d+) yen"


def files_words(kind: str, mode: str) -> str:
    """The declaration of the table."""
    words = f"mode: {mode}, path: '{{day}}/*.{kind}'"
    if mode == "upsert":
        words += ", key: id, cursor: at"
    if kind == "logs":
        words += f", pattern: '{_PATTERN}'"
    return f"t: {{{words}}}"


class Files:
    """Files that appear and change."""

    live = True

    def __init__(self, folder: Path, kind: str, mode: str, random: Random) -> None:
        self.folder, self.kind, self.mode, self.random = folder, kind, mode, random
        self.files: dict[str, list[tuple[int, int]]] = {}
        self.written = 0

    def grow(self) -> None:
        """A file more, or another content of one that is there."""
        if self.files and self.mode != "upsert" and self.random.random() < 0.3:
            name = self.random.choice(sorted(self.files))
        else:
            name = f"2024-05-0{self.random.randint(1, 3)}/{len(self.files):04}.{self.kind}"
        self.written += 1
        rows = [(self.random.randint(1, 30) if self.mode == "upsert" else 0, self.written) for _ in range(3)]
        rows = [(id_ or 10 * self.written + n, amount * 10 + n) for n, (id_, amount) in enumerate(rows)]
        self.files[name] = rows
        at = NOW + timedelta(seconds=self.written)
        self.put(name, WRITERS[self.kind]([(id_, amount, at) for id_, amount in rows]))

    def put(self, name: str, content: bytes) -> None:
        """Nobody sees half of a file."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_suffix(".half")
        half.write_bytes(content)
        os.utime(half, ns=(self.written * 10**9,) * 2)
        half.rename(path)

    @property
    def rows(self) -> list[list[int]]:
        every = [row for rows in self.files.values() for row in rows]
        if self.mode == "upsert":
            every = sorted(dict(sorted(every, key=lambda row: row[1])).items())
        return sorted(map(list, every))


class Objects(Files):
    """Of a bucket."""

    def __init__(self, s3: Any, bucket: str, mode: str, random: Random) -> None:
        super().__init__(Path(), "jsonl", mode, random)
        self.s3, self.bucket = s3, bucket

    def put(self, name: str, content: bytes) -> None:
        """By the real protocol."""
        self.s3.put_object(Bucket=self.bucket, Key=name, Body=content)
