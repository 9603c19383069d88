"""Which files a source table has, which of them are new, and their bytes: decompressed, in blocks of whole lines.

A file that changed since it was read is read again and replaces its own rows. Never parses a line.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, Literal
from urllib.parse import unquote, urlsplit

import numpy as np
import pyarrow as pa

from connectors.durable import outside
from connectors.reader import Asked, Reading
from connectors.readers.json_lines import Block
from connectors.readers.manner import Manner
from transforms.errors import DataError, OutsideError
from transforms.source import Source, SourceTable

BLOCK_BYTES = 1 << 20
"""About what a core's cache holds: Arrow parses larger blocks more slowly, and smaller ones too."""
LONGEST_LINE = 32 << 20
"""A longer line is a reject: it would not fit the memory that ingest promises."""
KEPT_OF_LONG_LINE = 1 << 20
_PIECES = {"{day}": r"(?P<day>\d{4}-?\d{2}-?\d{2})", "**/": r"(?:.*/)?", "*": r"[^/]*", "?": r"[^/]"}
_NEWLINE = 10
_PIECE = re.compile(r"\{day\}|\*\*/|\*|\?")


@dataclass(frozen=True)
class Found:
    """A file of a source table. `name` is from the connection's folder; `changed`: older rows of it are replaced."""

    name: str
    path: Path
    size: int
    modified: int
    day: date | None
    changed: bool = False


def folder(source: Source, address: str) -> Path:
    """The connection's folder: a plain path or a file:// address."""
    parts = urlsplit(address)
    path = Path(unquote(parts.path)) if parts.scheme == "file" else Path(address)
    if not path.is_dir():
        line = source.lines.get("connection", 1)
        raise OutsideError(f"{source.path}:{line}: the folder of {source.connection} is not there: {path}")
    return path


def found_files(source: Source, table: SourceTable, address: str) -> list[Found]:
    """Every file that the path of the table means, oldest day first, then by name."""
    root = folder(source, address)
    pattern = _path(table)
    result = []
    with outside(f"list the files of {table.name}"):
        for path in root.glob(pattern.replace("{day}", "*")):
            name = path.relative_to(root).as_posix()
            day = meaning(pattern, name)
            if day is False or not path.is_file():
                continue
            stat = path.stat()
            result.append(Found(name, path, stat.st_size, stat.st_mtime_ns, day))
    return sorted(result, key=lambda file: (file.day or date.min, file.name))


def _path(table: SourceTable) -> str:
    return str(table.options["path"])


def meaning(pattern: str, name: str) -> date | Literal[False] | None:
    """The day of the file that a path names, None where its path has no day; False for a file that it does not name.

    >>> meaning("{day}/*.csv", "2024-05-01/a.csv"), meaning("*.csv", "a.csv"), meaning("*.csv", "a.txt")
    (datetime.date(2024, 5, 1), None, False)
    """
    found = _matcher(pattern).match(name)
    if found is None:
        return False
    return (_day(found["day"]) or False) if "{day}" in pattern else None


@lru_cache(maxsize=32)
def _matcher(pattern: str) -> re.Pattern[str]:
    return re.compile("".join(_regex(pattern)) + r"\Z")


def _regex(pattern: str) -> Iterator[str]:
    start = 0
    for piece in _PIECE.finditer(pattern):
        yield re.escape(pattern[start : piece.start()])
        yield _PIECES[piece[0]]
        start = piece.end()
    yield re.escape(pattern[start:])


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def fresh_files(found: list[Found], known: Mapping[str, Any]) -> tuple[list[Found], dict[str, Any]]:
    """The files that must be read, and what to remember of the others.

    A known file of the same size and time is not opened. Of the same size and another time, its bytes decide.
    """
    fresh, kept = [], dict(known)
    for file in found:
        before = known.get(file.name)
        if before is None:
            fresh.append(file)
            continue
        size, modified, checksum = before
        if (size, modified) == (file.size, file.modified):
            continue
        if size == file.size and _checksum(file.path) == checksum:
            kept[file.name] = [size, file.modified, checksum]
        else:
            fresh.append(replace(file, changed=True))
    return fresh, kept


@dataclass(frozen=True)
class FileReading:
    """The files to read, and the reading that the kind of file gives its batches to."""

    files: list[Found]
    reading: Reading
    manner: Manner


def file_reading(asked: Asked) -> FileReading:
    """What must be read: new and changed files; with `full`, and for a snapshot that changed, every file.

    A file that is gone keeps its rows with `full` too, as long as the path means it.
    """
    source, table, address, state, full = asked.source, asked.table, asked.address, asked.state, asked.full
    known = state.get("files", {})
    found = found_files(source, table, address)
    manner = Manner(source, table, state, meaning)
    here = {file.name for file in found}
    fresh, kept = fresh_files(found, known)
    if full and known and not found:
        raise DataError(
            f"{source.path}:{table.line}: {table.name}: no file of {folder(source, address)} matches path: "
            f"{table.options['path']}, so that --full would leave no row; nothing was published"
        )
    if full and table.mode != "snapshot":
        fresh = [replace(file, changed=file.name in known) for file in found]
        gone = (name for name in known.keys() - here if meaning(_path(table), name) is not False)
        kept = {name: known[name] for name in gone}
        if kept and table.mode == "upsert":
            raise _rows_of_gone_files(source, table, kept)
    elif table.mode == "snapshot":
        again = full or bool(fresh or manner.changed or known.keys() - here)
        fresh, kept = (found, {}) if again else ([], kept)
    if full or not kept:
        manner.forget()
    reading = Reading(iter(()), {"files": kept}, unchanged=not (fresh or full) and kept == known and bool(state))
    if table.mode != "snapshot":
        reading.replaced_files = known.keys() - kept.keys() if full else {file.name for file in fresh if file.changed}
        reading.whole = full and not kept
    if not found:
        root = folder(source, address)
        first = next((path.relative_to(root) for path in root.rglob("*") if path.is_file()), None)
        there = f"there is {first}" if first else "there is no file at all"
        reading.warnings.append(f"no file of {root} matches path: {table.options['path']}; {there}")
    if unnamed := reading.replaced_files - here:
        reading.warnings.append(
            f"{table.name}: path: does not name every file that was read; the rows of the others are gone, "
            f"such as those of {min(unnamed)}"
        )
    reading.warnings.extend(filter(None, [manner.warning()]))
    return FileReading(fresh, reading, manner)


def _rows_of_gone_files(source: Source, table: SourceTable, gone: Collection[str]) -> DataError:
    """Rows that came after those of other files would be replaced by them."""
    return DataError(
        f"{source.path}:{table.line}: {table.name}: files that were read are gone, such as {min(gone)}; "
        "--full would put older rows of the other files in the place of their rows; nothing was published; bring them "
        "back, or give the table a new name, under which the files that are there land anew"
    )


def _checksum(path: Path) -> int:
    checksum = 0
    with outside("read a file"), path.open("rb") as file:
        while piece := file.read(1 << 20):
            checksum = zlib.crc32(piece, checksum)
    return checksum


class Bytes:
    """The decompressed bytes of a file, with the checksum of what was read from the disk.

    `cut` is set when a compressed file ends too early or is damaged: the bytes before that are good.
    """

    def __init__(self, file: Found) -> None:
        self.checksum = 0
        self.raw_bytes = 0
        self.cut = ""
        self._file = file

    def pieces(self) -> Iterator[bytes]:
        """Decompressed pieces, none larger than BLOCK_BYTES."""
        with outside(f"read {self._file.name}"), self._file.path.open("rb") as raw:
            start = raw.read(4)
            raw.seek(0)
            if start[:2] == b"\x1f\x8b":
                yield from self._inflated(raw)
            elif start == b"\x28\xb5\x2f\xfd":
                yield from self._unzstd(raw)
            else:
                while piece := self._read(raw, BLOCK_BYTES):
                    yield piece

    def _read(self, raw: IO[bytes], size: int) -> bytes:
        piece = raw.read(size)
        self.checksum = zlib.crc32(piece, self.checksum)
        self.raw_bytes += len(piece)
        return piece

    def _inflated(self, raw: IO[bytes]) -> Iterator[bytes]:
        """All members of a gzip file: collectors append."""
        inflate = zlib.decompressobj(31)
        rest = b""
        begun = False
        while True:
            data = rest or self._read(raw, 1 << 18)
            if not data:
                break
            try:
                piece = inflate.decompress(data, BLOCK_BYTES)
            except zlib.error:
                self.cut = "the gzip file is damaged from here on"
                while self._read(raw, 1 << 20):
                    pass
                return
            begun = True
            rest = inflate.unconsumed_tail
            if inflate.eof:
                rest = inflate.unused_data.lstrip(b"\0")
                inflate, begun = zlib.decompressobj(31), False
            if piece:
                yield piece
        if begun:
            self.cut = "the gzip file ends too early"

    def _unzstd(self, raw: IO[bytes]) -> Iterator[bytes]:
        stream = pa.CompressedInputStream(pa.PythonFile(_Tapped(raw, self), mode="r"), "zstd")
        while True:
            try:
                piece = stream.read(BLOCK_BYTES)
            except (OSError, pa.ArrowInvalid):
                self.cut = "the zstd file ends too early or is damaged"
                return
            if not piece:
                return
            yield piece


class _Tapped:
    """A file whose reads are counted, in the form that Arrow takes."""

    closed = False

    def __init__(self, raw: IO[bytes], owner: Bytes) -> None:
        self._raw, self._owner = raw, owner

    def read(self, size: int = -1) -> bytes:
        return self._owner._read(self._raw, size)

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self.closed = True


@dataclass(frozen=True)
class LongLine:
    """A line longer than LONGEST_LINE; `start` are its first bytes."""

    file: str
    number: int
    start: bytes
    length: int


def blocks(file: Found, content: Bytes) -> Iterator[Block | LongLine]:
    """Blocks of whole lines with their first line's number; a line that is too long comes alone."""
    held: list[bytes] = []
    size, line, skipped = 0, 1, 0
    start = b""
    cut: tuple[int, int] | None = None
    for whole in content.pieces():
        piece = whole
        if skipped:
            at = piece.find(b"\n")
            if at < 0:
                skipped += len(piece)
                continue
            yield LongLine(file.name, line, start, skipped + at)
            piece, line, skipped = piece[at + 1 :], line + 1, 0
        end = piece.rfind(b"\n") + 1
        cut = (len(held), end) if end else cut
        held.append(piece)
        size += len(piece)
        if size >= BLOCK_BYTES and cut is not None:
            block, rest = _cut(file.name, line, held, *cut)
            yield block
            line += block.lines
            held, size, cut = [rest], len(rest), None
        elif size > LONGEST_LINE:
            start = b"".join(held)[:KEPT_OF_LONG_LINE]
            held, size, skipped = [], 0, size
    if skipped:
        yield LongLine(file.name, line, start, skipped)
    elif size:
        yield _block(file.name, line, b"".join(held))


def _cut(name: str, line: int, held: list[bytes], index: int, end: int) -> tuple[Block, bytes]:
    """The block up to the last line's end, which is in this piece, and the bytes after it; copies each byte once."""
    data = b"".join([*held[:index], memoryview(held[index])[:end]])
    return _block(name, line, data), b"".join([memoryview(held[index])[end:], *held[index + 1 :]])


def _block(name: str, line: int, data: bytes) -> Block:
    newlines = int(np.count_nonzero(np.frombuffer(data, np.uint8) == _NEWLINE))  # three times as fast as data.count
    return Block(name, line, data, newlines + (not data.endswith(b"\n")))
