"""The records of a CSV file with the line on which each begins and its original bytes.

A broken record costs one line: what follows it is read again. Never decides what a cell means.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass

MOST_LINES = 1000
"""A record over more lines has a quote that was never closed."""
_NAMES = {"shift_jis": "cp932", "sjis": "cp932", "shift-jis": "cp932"}
csv.field_size_limit(32 << 20)


@dataclass(frozen=True)
class Record:
    """`cells` are empty when `fault` tells why the record cannot be read."""

    line: int
    cells: list[str]
    raw: bytes
    fault: str = ""


def records(data: bytes, encoding: str, delimiter: str) -> Iterator[Record]:
    """Every record, the header too; lines without any cell are left out."""
    lines = _lines(data, encoding)
    start = 0
    while start < len(lines):
        for record, following in _from(lines, start, delimiter):
            start = following
            if record is not None:
                yield _checked(record, encoding)
            if record is not None and record.fault:
                break


def _from(lines: list[tuple[bytes, str]], start: int, delimiter: str) -> Iterator[tuple[Record | None, int]]:
    """Records from a line on, each with the line after it, until one is broken."""
    reader = csv.reader((text for _, text in lines[start:]), delimiter=delimiter, strict=True)
    first = start
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            yield None, len(lines)
            return
        except csv.Error as error:
            yield Record(first + 1, [], lines[first][0], f"not CSV: {error}"), first + 1
            return
        following = start + reader.line_num
        if following - first > MOST_LINES:
            yield Record(first + 1, [], lines[first][0], "not CSV: a quote is never closed"), first + 1
            return
        raw = b"".join(raw for raw, _ in lines[first:following])
        yield (Record(first + 1, cells, raw.rstrip(b"\r\n")) if any(cells) else None), following
        first = following


def _lines(data: bytes, encoding: str) -> list[tuple[bytes, str]]:
    """Physical lines with their bytes; bytes that are no text stay as lone surrogates."""
    if is_wide(encoding):
        text = data.decode(encoding, "replace")
        return [(line.encode(), line) for line in text.splitlines(keepends=True)]
    found = []
    for line in data.splitlines(keepends=True) if b"\n" not in data else data.split(b"\n"):
        raw = line + b"\n" if b"\n" in data else line
        found.append((raw, _decoded(raw, encoding)))
    if found and found[-1][0] in (b"\n", b""):
        found.pop()
    if found and found[0][1].startswith("\ufeff"):
        found[0] = (found[0][0], found[0][1].removeprefix("\ufeff"))
    return found


def is_wide(encoding: str) -> bool:
    """Whether a line's end is no byte of its own; the records of such files are kept as UTF-8."""
    return encoding.lower().replace("-", "_").startswith(("utf_16", "utf_32"))


def _decoded(raw: bytes, encoding: str) -> str:
    """Of Shift_JIS, the characters that only Windows has are read as Windows does."""
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return raw.decode(_NAMES.get(encoding.lower(), encoding), "surrogateescape")


def _checked(record: Record, encoding: str) -> Record:
    if any("\udc80" <= letter <= "\udcff" or letter == "\ufffd" for cell in record.cells for letter in cell):
        return Record(record.line, record.cells, record.raw, f"not {encoding}")
    return record
