"""The lines of a block by their outline: which may be objects, which cannot be. Looks at first and last bytes, and
at the brackets of long lines.

Never decides that a line is a row: only that it must be looked at alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

Numbers = np.ndarray[tuple[int], np.dtype[np.int64]]
_NEWLINE, _RETURN, _QUOTE, _OPEN, _CLOSE = 10, 13, 34, 123, 125
_MOST_LEVELS = 5000
"""Brackets within each other that Arrow's parser bears: at some ten thousand it ends the process."""
_OTHERS = bytes(letter for letter in range(256) if letter not in b'"{[]}')


@dataclass(frozen=True)
class Lines:
    """Lines that stand in `data`, one after the other: line i from starts[i] to a byte before starts[i + 1].

    `numbers` are theirs in the file.
    """

    data: bytes
    starts: Numbers
    numbers: Numbers

    @staticmethod
    def of(lines: Sequence[tuple[int, bytes]]) -> Lines:
        """Lines with their numbers, which may come from anywhere."""
        starts = np.cumsum([0, *(len(line) + 1 for _, line in lines)])
        numbers = np.array([number for number, _ in lines], np.int64)
        return Lines(b"\n".join([line for _, line in lines]), starts, numbers)

    def __len__(self) -> int:
        return len(self.numbers)

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        places = zip(self.starts[:-1].tolist(), self.starts[1:].tolist(), strict=True)
        for number, (start, end) in zip(self.numbers.tolist(), places, strict=True):
            yield number, self.data[start : end - 1]

    def part(self, begin: int, end: int) -> Lines:
        """The lines from `begin` to before `end`; copies nothing."""
        return Lines(self.data, self.starts[begin : end + 1], self.numbers[begin:end])

    def stride(self, begin: int, size: int) -> Lines:
        """The lines from `begin` on that fit into so many bytes, at least one."""
        end = int(np.searchsorted(self.starts, self.starts[begin] + size, "right")) - 1
        return self.part(begin, max(end, begin + 1))

    def ends(self, size: int) -> list[int]:
        """How many lines end in the first bytes of this size, in twice as many, and so on, at last all of them."""
        ends = self.starts[1:] - self.starts[0]
        counts = np.searchsorted(ends, np.arange(size, int(ends[-1]) + size, size), "right")
        return [*counts[:-1].tolist(), len(self)]

    @property
    def text(self) -> memoryview:
        """The bytes of all lines."""
        return memoryview(self.data)[self.starts[0] : self.starts[-1]]

    def only(self, word: bytes) -> int | None:
        """The place of the one line that holds the word; None when it stands nowhere or more than once."""
        start, end = int(self.starts[0]), int(self.starts[-1])
        at = self.data.find(word, start, end)
        if at < 0 or self.data.find(word, at + 1, end) >= 0:
            return None
        return int(np.searchsorted(self.starts, at, "right")) - 1


def newlines_of(data: bytes) -> Numbers:
    """The places of the newlines."""
    return np.flatnonzero(np.frombuffer(data, np.uint8) == _NEWLINE)


def outline(data: bytes, newlines: Numbers) -> tuple[Lines, list[tuple[int, bytes]]]:
    """Lines that begin with { and end with } in valid UTF-8, and the odd ones, numbered from 0."""
    raw = np.frombuffer(data, np.uint8)
    starts = np.concatenate(([0], newlines + 1))
    if starts[-1] != len(data):
        starts = np.append(starts, len(data) + 1)
    begins, ends = starts[:-1], starts[1:] - 1
    last = np.maximum(ends - 1, 0)
    last = np.where(raw[last] == _RETURN, np.maximum(last - 1, 0), last)
    plain = (ends > begins) & (raw[np.minimum(begins, len(raw) - 1)] == _OPEN) & (raw[last] == _CLOSE)
    every = Lines(data, starts, np.arange(len(plain)))
    for at in np.flatnonzero(plain & (ends - begins > _MOST_LEVELS)).tolist():
        plain[at] = not is_deep(data[starts[at] : starts[at + 1]])
    kept, odd = _parted(every, plain)
    if is_utf8(kept.text):
        return kept, odd
    text = np.ones(len(kept), bool)
    text[list(_broken_text(kept, 0))] = False
    kept, broken = _parted(kept, text)
    return kept, sorted(odd + broken)


def _parted(lines: Lines, plain: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> tuple[Lines, list[tuple[int, bytes]]]:
    """The plain lines, copied in stretches, and the others."""
    odd = np.flatnonzero(~plain).tolist()
    if not odd:
        return lines, []
    stretches, begin = [], 0
    for position in odd:
        stretches.append(lines.part(begin, position))
        begin = position + 1
    stretches.append(lines.part(begin, len(lines)))
    starts = np.concatenate(([0], np.cumsum(np.diff(lines.starts)[plain])))
    others = [next(iter(lines.part(position, position + 1))) for position in odd]
    return Lines(b"".join([part.text for part in stretches]), starts, lines.numbers[plain]), others


def broken_texts(data: bytes, starts: Numbers) -> list[int]:
    """Places of the lines that are no UTF-8."""
    if is_utf8(data):
        return []
    ends = np.append(starts, len(data) + (not data.endswith(b"\n")))
    return list(_broken_text(Lines(data, ends, np.arange(len(starts))), 0))


def _broken_text(lines: Lines, begin: int) -> Iterator[int]:
    """Places of the lines that are no UTF-8, by halves."""
    if is_utf8(lines.text):
        return
    if len(lines) == 1:
        yield begin
        return
    half = len(lines) // 2
    yield from _broken_text(lines.part(0, half), begin)
    yield from _broken_text(lines.part(half, len(lines)), begin + half)


def is_deep(text: bytes) -> bool:
    """Whether brackets stand within each other that deep, those in strings not counted."""
    if len(text) <= _MOST_LEVELS:
        return False
    opens = (np.frombuffer(text, np.uint8) | 32) == _OPEN  # which makes [ a {; four times as fast as to count both
    if np.count_nonzero(opens) <= _MOST_LEVELS:
        return False
    if b"\\" in text:
        text = text.replace(b"\\\\", b"").replace(b'\\"', b"")
    marks = np.frombuffer(text.translate(None, _OTHERS), np.uint8)
    quotes = marks == _QUOTE
    within = np.cumsum(quotes, dtype=np.uint8) & 1 != 0
    brackets = marks[~(quotes | within)] | 32
    levels = np.cumsum(124 - brackets.view(np.int8), dtype=np.int32)  # { is 123, } is 125
    return int(levels.max(initial=0)) > _MOST_LEVELS


def is_utf8(text: bytes | memoryview) -> bool:
    """Whether the bytes are text."""
    offsets = pa.py_buffer((0).to_bytes(4, "little") + len(text).to_bytes(4, "little"))
    try:
        pa.StringArray.from_buffers(1, offsets, pa.py_buffer(text)).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True
