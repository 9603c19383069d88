"""Blocks of log lines become columns: the fields of clean lines are found all at once, the others line by line.

A clean line has the right number of delimiters outside of quotes and no escaped quote. Decides which line is a reject.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from connectors.readers.logs.formats import LogField, LogFormat

Positions = np.ndarray[tuple[int], np.dtype[np.int64]]
Pairs = np.ndarray[tuple[int, int], np.dtype[np.int64]]
Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]
_RETURN, _QUOTE, _BACKSLASH, _OPEN, _CLOSE = 13, 34, 92, 91, 93


@dataclass(frozen=True)
class Fields:
    """The texts of each field of some lines; `lines` are their numbers in the block."""

    lines: Positions
    texts: Sequence[pa.Array]


@dataclass(frozen=True)
class LineEnds:
    """Where the lines of a block begin and end, without what ends them."""

    data: bytes
    starts: Positions
    ends: Positions

    @staticmethod
    def of(data: bytes, newlines: Positions) -> LineEnds:
        """Of whole lines; the last one may lack its end."""
        raw = np.frombuffer(data, np.uint8)
        if not data.endswith(b"\n"):
            newlines = np.append(newlines, len(data))
        starts = np.concatenate(([0], newlines[:-1] + 1))
        returned = (newlines > starts) & (raw[np.maximum(newlines - 1, 0)] == _RETURN)
        return LineEnds(data, starts, newlines - returned)

    def texts(self, numbers: Positions) -> pa.Array:
        """Some of them, which are text."""
        return _texts(self.data, [self.starts[numbers]], [self.ends[numbers]])[0]

    def line(self, number: int) -> bytes:
        """One of them."""
        return self.data[self.starts[number] : self.ends[number]]


def clean_fields(lines: LineEnds, form: LogFormat) -> tuple[Fields, Mask]:
    """The fields of the clean lines, and which those are.

    First the quotes part each line into what is quoted and the stretches between, which are short; then the delimiters
    part the stretches.
    """
    clean, numbers, opens, closes = _quoted(lines, form)
    stretches = _Stretches(lines, form, numbers, opens, closes)
    good = stretches.good
    clean[numbers[~good]] = False
    plain = iter(stretches.texts())
    quoted = iter(_texts(lines.data, list((opens[good] + 1).T), list(closes[good].T)) if opens.shape[1] else ())
    texts = [next(quoted) if _is_quoted(one, form) else next(plain) for one in form.fields]
    return Fields(numbers[good], [*texts, *plain]), clean


def _is_quoted(field: LogField, form: LogFormat) -> bool:
    return field.form == "quoted" and not form.header


def _quoted(lines: LineEnds, form: LogFormat) -> tuple[Mask, Positions, Pairs, Pairs]:
    """Which lines may be clean, their numbers, and where the quotes of their quoted fields open and close."""
    clean = np.ones(len(lines.starts), bool)
    pairs = sum(_is_quoted(one, form) for one in form.fields)
    if form.header:
        none = np.empty((len(clean), 0), np.int64)
        return clean, np.arange(len(clean), dtype=np.int64), none, none
    raw = np.frombuffer(lines.data, np.uint8)
    quotes = np.flatnonzero(raw == _QUOTE)
    escaped = quotes[raw[np.maximum(quotes - 1, 0)] == _BACKSLASH] if b"\\" in lines.data else quotes[:0]
    found = None if len(escaped) else _alike(quotes, lines.starts[:, None], lines.ends[:, None], [2 * pairs])
    if found is None:
        before = np.searchsorted(quotes, lines.starts)
        counts = np.diff(np.append(before, len(quotes)))
        clean &= counts >= 2 * pairs if form.more else counts == 2 * pairs
        clean[np.searchsorted(lines.starts, escaped, "right") - 1] = False
    numbers = np.flatnonzero(clean)
    if found is None:
        places = before[numbers][:, None] + np.arange(2 * pairs)
        found = quotes[places] if len(numbers) else np.empty((0, 2 * pairs), int)
    return clean, numbers, found[:, 0::2], found[:, 1::2]


def _alike(places: Positions, starts: Pairs, ends: Pairs, counts: Sequence[int]) -> Pairs | None:
    """A row for each line, when all have as many places in each stretch; None when one has not.

    It takes a comparison where a search for each line is the dearest part of a clean block.
    """
    width = sum(counts)
    if not width or len(places) != len(starts) * width:
        return None
    rows, first = places.reshape(-1, width), 0
    for stretch, count in enumerate(counts):
        if count:
            inside = (rows[:, first] >= starts[:, stretch]) & (rows[:, first + count - 1] < ends[:, stretch])
            if not inside.all():
                return None
        first += count
    return rows


class _Stretches:
    """What stands before, between and behind the quoted fields of lines, and the plain fields in it.

    `good` are the lines in which these stand as they should.
    """

    def __init__(self, lines: LineEnds, form: LogFormat, numbers: Positions, opens: Pairs, closes: Pairs) -> None:
        self._form = form
        starts = np.column_stack([lines.starts[numbers], closes + 1])
        ends = np.column_stack([opens, lines.ends[numbers]])
        self._last = starts.shape[1] - 1
        self._copied = _texts(lines.data, [starts.reshape(-1)], [ends.reshape(-1)])[0]
        held, start = self._copied.buffers()[1], 4 * self._copied.offset
        offsets = np.frombuffer(held, np.int32, len(self._copied) + 1, start).astype(np.int64)
        self._bytes = self._copied.buffers()[2] or pa.py_buffer(b"")
        self._raw = np.frombuffer(self._bytes, np.uint8)
        shape = (len(numbers), self._last + 1)
        self._starts, self._ends = offsets[:-1].reshape(shape), offsets[1:].reshape(shape)
        self._delimiters = _Delimiters(np.flatnonzero(self._raw == ord(form.delimiter)), offsets, shape)
        self.good = np.ones(len(numbers), bool)
        self._spans: list[tuple[Positions, Positions]] = []
        for stretch, fields in enumerate(self._fields()):
            self._look(stretch, fields)

    def texts(self) -> list[pa.Array]:
        """Those of the plain fields of the good lines, and of whatever follows."""
        spans = [(start[self.good], end[self.good]) for start, end in self._spans]
        return _texts(self._bytes, [start for start, _ in spans], [end for _, end in spans]) if spans else []

    def _fields(self) -> list[list[LogField]]:
        found: list[list[LogField]] = [[]]
        for one in self._form.fields:
            if _is_quoted(one, self._form):
                found.append([])
            else:
                found[-1].append(one)
        return found

    def _look(self, stretch: int, fields: Sequence[LogField]) -> None:
        """Finds the plain fields of one stretch, with delimiters around them towards its neighbours."""
        follows, leads = stretch > 0, stretch < self._last
        units = sum(_units(one) for one in fields)
        wanted = int(follows) + units - 1 + int(leads) if units else int(follows and leads)
        more = self._form.more is not None and not leads
        counts, starts, ends = self._delimiters.counts[:, stretch], self._starts[:, stretch], self._ends[:, stretch]
        self.good &= counts >= wanted if more else counts == wanted
        if follows and (units or leads):
            self.good &= self._delimiters.at(stretch, 0) == starts
        if leads and wanted:
            self.good &= self._delimiters.at(stretch, wanted - 1) == ends - 1
        elif leads:
            self.good &= starts == ends
        unit = 0
        for one in fields:
            begin = unit - 1 + follows
            unit += _units(one)
            end = unit - 1 + follows
            from_ = starts if begin < 0 else self._delimiters.at(stretch, begin) + 1
            to = np.where(counts > end, self._delimiters.at(stretch, end), ends)
            self._add(one, from_, to)
        if more:
            there = counts > wanted
            from_ = np.where(there, self._delimiters.at(stretch, wanted) + 1, ends)
            if not units:
                self.good &= np.where(there, self._delimiters.at(stretch, 0) == starts, starts == ends)
            self._spans.append((from_, ends))
        elif not units and not leads:
            self.good &= starts == ends

    def _add(self, field: LogField, start: Positions, end: Positions) -> None:
        if field.form == "bracketed":
            last = max(len(self._raw) - 1, 0)
            opens, closes = self._raw[np.minimum(start, last)], self._raw[np.maximum(np.minimum(end, last + 1) - 1, 0)]
            self.good &= (end - start >= 2) & (opens == _OPEN) & (closes == _CLOSE)
            start, end = start + 1, end - 1
        self._spans.append((start, end))


class _Delimiters:
    """Where they are in stretches that follow one another; `counts` are theirs, a row for each line."""

    def __init__(self, places: Positions, offsets: Positions, shape: tuple[int, int]) -> None:
        self._places, self.counts = places, np.zeros(shape, np.int64)
        self._rows: Pairs | None = None
        if not len(places):
            return
        of_first = np.diff(np.searchsorted(places, offsets[: shape[1] + 1]))
        self._rows = _alike(places, offsets[:-1].reshape(shape), offsets[1:].reshape(shape), of_first.tolist())
        if self._rows is not None:
            self.counts = np.broadcast_to(of_first, shape)
            self._begins = np.cumsum(of_first) - of_first
        else:
            first = np.searchsorted(places, offsets)
            self._first, self.counts = first[:-1].reshape(shape), np.diff(first).reshape(shape)

    def at(self, stretch: int, number: int) -> Positions:
        """Where a delimiter of the stretch is; anywhere when there is none."""
        if not len(self._places):
            return np.zeros(len(self.counts), np.int64)
        found: Positions
        if self._rows is not None:
            found = self._rows[:, min(int(self._begins[stretch]) + number, self._rows.shape[1] - 1)]
        else:
            found = self._places[np.minimum(self._first[:, stretch] + number, len(self._places) - 1)]
        return found


def _units(field: LogField) -> int:
    """How many words a plain field is."""
    return 2 if field.form == "bracketed" else 1


def _texts(data: bytes | pa.Buffer, starts: Sequence[Positions], ends: Sequence[Positions]) -> list[pa.Array]:
    """Each field's texts: all of them and what lies between are one array over the bytes, from which each is taken."""
    width, count = 2 * len(starts), len(starts[0])
    offsets = np.empty(count * width + 1, np.int32)
    for index, (start, end) in enumerate(zip(starts, ends, strict=True)):
        offsets[2 * index : -1 : width] = start
        offsets[2 * index + 1 : -1 : width] = end
    offsets[-1] = ends[-1][-1] if count else 0
    tiles = pa.StringArray.from_buffers(count * width, pa.py_buffer(offsets), pa.py_buffer(data))
    return [tiles.take(pa.array(np.arange(2 * index, count * width, width))) for index in range(len(starts))]
