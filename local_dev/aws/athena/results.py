"""Result files as pages of rows: GetQueryResults reads the object that the statement has written."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

Row = list[str | None]
BLOCK = 1 << 20
_FIELD = re.compile(rb'(?:"([^"]*(?:""[^"]*)*)")?([,\n])')
"""A value in quotes or none, and what ends it."""


def csv_page(path: Path, token: str | None, size: int) -> tuple[list[Row], str | None]:
    """At most `size` rows, the header among them, and the token of the next page. Raises ValueError for a bad token."""
    with path.open("rb") as file:
        start = file.seek(_offset(token))
        rows: list[Row] = []
        for row, end in _csv_rows(file):
            if len(rows) == size:
                return rows, _token(start)
            rows.append(row)
            start = end
    return rows, None


def text_page(path: Path, token: str | None, size: int) -> tuple[list[Row], str | None]:
    """At most `size` lines, each a row of one value, and the token of the next page. Raises ValueError."""
    lines = path.read_text(encoding="utf-8").splitlines()
    start = _offset(token)
    more = start + size < len(lines)
    return [[line] for line in lines[start : start + size]], _token(start + size) if more else None


def _csv_rows(file: BinaryIO) -> Iterator[tuple[Row, int]]:
    """Each row and where it ends in the file."""
    start, held, at = file.tell(), file.read(BLOCK), 0
    row: Row = []
    row_start = 0
    while True:
        found = _FIELD.match(held, at)
        if found is None:
            block = file.read(BLOCK)
            if not block:
                return
            start += row_start
            held, at, row, row_start = held[row_start:] + block, 0, [], 0
            continue
        value = found[1]
        row.append(None if value is None else value.replace(b'""', b'"').decode())
        at = found.end()
        if found[2] == b"\n":
            yield row, start + at
            row, row_start = [], at


def _token(offset: int) -> str:
    return urlsafe_b64encode(b"at:%d" % offset).decode()


def _offset(token: str | None) -> int:
    if token is None:
        return 0
    try:
        word, _, number = urlsafe_b64decode(token.encode()).partition(b":")
    except (Error, ValueError):
        word, number = b"", b""
    if word != b"at" or not number.isdigit():
        raise ValueError("the token is not one of this service")
    return int(number)
