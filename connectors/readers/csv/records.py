"""The records of a CSV file with the line on which each begins and its original bytes.

A broken record costs one line: what follows it is read again. Never decides what a cell means.
"""

from __future__ import annotations

import csv
from codecs import getincrementaldecoder, lookup, register_error
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Literal

from connectors.readers.grid.sheet import letters
from transforms.errors import DataError

if TYPE_CHECKING:
    import _csv

MOST_LINES = 1000
"""A record over more lines has a quote that was never closed."""
NEVER_CLOSED = "a quote is never closed"
LONGEST_LINE, LOOKED_AT = 32 << 20, 1 << 20
HELD_LINES = 20_000
"""More than MOST_LINES."""
csv.field_size_limit(LONGEST_LINE)
_NO_TEXT = "baikal: no text"

NO_HEADER = "none"
"""What `header:` says of files that do not name their columns."""


@dataclass(frozen=True)
class Record:
    """`cells` are empty when `fault` tells why the record cannot be read."""

    line: int
    cells: list[str]
    raw: bytes
    fault: str = ""


@dataclass(frozen=True)
class Dialect:
    """How a file is written. `quote` is empty where none has a meaning."""

    encoding: str = "utf-8-sig"
    delimiter: str = ","
    quote: str = '"'

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Dialect:
        """As the words of a table say."""
        delimiter = options.get("delimiter", cls.delimiter)
        return cls(
            encoding=meant(str(options.get("encoding", cls.encoding))),
            delimiter="\t" if delimiter in ("tab", "\\t") else delimiter,
            quote=str(options.get("quote", cls.quote)),
        )

    def reader(self, lines: Iterable[str]) -> _csv.Reader:
        """The cells of each record. Raises csv.Error."""
        quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if self.quote else csv.QUOTE_NONE
        return csv.reader(lines, delimiter=self.delimiter, quotechar=self.quote or None, quoting=quoting, strict=True)


def records(pieces: Iterable[bytes], dialect: Dialect, file: str = "") -> Iterator[Record]:
    """Every record, the header too; lines without any cell are left out. Holds HELD_LINES of a file of any size.

    Raises DataError when one, or a line without any cell, does not begin where the one before it ended.
    """
    source = _lines(pieces, dialect.encoding)
    held: list[tuple[bytes, str]] = []
    above, ended = 0, False
    while not ended:
        more = list(islice(source, HELD_LINES - len(held)))
        held += more
        ended = len(held) < HELD_LINES
        known = len(held) if ended else len(held) - MOST_LINES  # what begins there is seen to its end
        start = 0
        while start < known:
            for record, following in _from(held, start, known, dialect):
                begin, start = start, following
                found = following - 1 if record is None else record.line - 1
                if found > begin:
                    raise _lost(file, begin + above + 1, found + above)
                if record is not None:
                    yield _checked(replace(record, line=record.line + above), dialect.encoding)
                if record is not None and record.fault:
                    break
        held, above = held[start:], above + start


def lettered(width: int) -> Record:
    """The header of a file without one: its cells have the letters of a sheet's columns."""
    return Record(1, [letters(column) for column in range(1, max(width, 1) + 1)], b"")


def _lost(file: str, first: int, last: int) -> DataError:
    return DataError(
        f"{file}: the lines from {first:,} to {last:,} came out as no record; nothing was published; to run again "
        "is safe; if it happens again, it is a fault of the reader"
    )


def _from(
    lines: list[tuple[bytes, str]], start: int, known: int, dialect: Dialect
) -> Iterator[tuple[Record | None, int]]:
    """Records from a line on, each with the line after it, until one is broken or begins at `known`."""
    reader = dialect.reader(text for _, text in lines[start:])
    first = start
    while first < known:
        try:
            cells = next(reader)
        except StopIteration:
            yield None, len(lines)
            return
        except csv.Error as error:
            ended = str(error) == "unexpected end of data" or start + reader.line_num - first > MOST_LINES
            told = NEVER_CLOSED if ended else str(error)
            yield Record(first + 1, [], lines[first][0], f"not CSV: {told}"), first + 1
            return
        following = start + reader.line_num
        if following - first > MOST_LINES:
            yield Record(first + 1, [], lines[first][0], f"not CSV: {NEVER_CLOSED}"), first + 1
            return
        raw = b"".join(raw for raw, _ in lines[first:following])
        yield (Record(first + 1, cells, raw.rstrip(b"\r\n")) if any(cells) else None), following
        first = following


def _lines(pieces: Iterable[bytes], encoding: str) -> Iterator[tuple[bytes, str]]:
    """Physical lines with their bytes, without a byte order mark; bytes that are no text stay as lone surrogates."""
    found = _wide_lines(pieces, encoding) if is_wide(encoding) else _plain_lines(pieces, encoding)
    for raw, text in found:
        yield raw, text.removeprefix("\ufeff")
        yield from found


def _plain_lines(pieces: Iterable[bytes], encoding: str) -> Iterator[tuple[bytes, str]]:
    """They end with a newline; where the first megabyte has none, with what old Macs wrote."""
    rest, newline = b"", b""
    for piece in chain(pieces, [b""]):
        rest += piece
        if not newline and (b"\n" in rest or len(rest) > LOOKED_AT or not piece):
            newline = b"\r" if b"\r" in rest and b"\n" not in rest else b"\n"
        if newline:
            *lines, rest = rest.split(newline)
            yield from ((line + newline, _decoded(line + newline, encoding)) for line in lines)
        if len(rest) > LONGEST_LINE:  # no record: it comes in parts, which are rejects
            yield rest, _decoded(rest, encoding)
            rest = b""
    if rest:
        yield rest, _decoded(rest, encoding)


def _wide_lines(pieces: Iterable[bytes], encoding: str) -> Iterator[tuple[bytes, str]]:
    """The same, their bytes as UTF-8."""
    decoder = getincrementaldecoder(encoding)(_NO_TEXT)
    rest, newline = "", ""
    for piece in chain(pieces, [b""]):
        rest += decoder.decode(piece, final=not piece)
        if not newline and ("\n" in rest or len(rest) > LOOKED_AT or not piece):
            newline = "\r" if "\r" in rest and "\n" not in rest else "\n"
        if newline:
            *lines, rest = rest.split(newline)
            yield from ((_utf8(line + newline), line + newline) for line in lines)
        if len(rest) > LONGEST_LINE:
            yield _utf8(rest), rest
            rest = ""
    if rest:
        yield _utf8(rest), rest


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _no_text(error: UnicodeError) -> tuple[str, int]:
    """A lone surrogate for bytes that are no text, as Python has it for other encodings."""
    if isinstance(error, UnicodeDecodeError):
        return "\udcff", error.end
    raise error


register_error(_NO_TEXT, _no_text)


def is_wide(encoding: str) -> bool:
    """Whether a line's end is no byte of its own; the records of such files are kept as UTF-8."""
    return encoding.lower().replace("-", "_").startswith(("utf_16", "utf_32"))


def meant(encoding: str) -> str:
    """Shift_JIS is what Windows writes under that name: other letters for some bytes, and for more of them."""
    return "cp932" if lookup(encoding).name == "shift_jis" else encoding


def _decoded(raw: bytes, encoding: str) -> str:
    return raw.decode(encoding, "surrogateescape")


def _checked(record: Record, encoding: str) -> Record:
    if any("\udc80" <= letter <= "\udcff" for cell in record.cells for letter in cell):
        return Record(record.line, record.cells, record.raw, f"not {encoding}")
    return record
