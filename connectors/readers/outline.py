"""The lines of a block by their outline: which may be objects, which cannot be. Looks at first and last bytes only.

Never decides that a line is a row: only that it must be looked at alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

_NEWLINE, _RETURN, _OPEN, _CLOSE = 10, 13, 123, 125


@dataclass(frozen=True)
class Outline:
    """`data` holds the lines that may be objects, `numbers` counts them as they stood in the block, from 0."""

    data: bytes
    numbers: np.ndarray[tuple[int], np.dtype[np.int64]]
    odd: list[tuple[int, bytes]]


def outline(data: bytes) -> Outline:
    """Lines that begin with { and end with } in valid UTF-8, apart from the odd ones."""
    raw = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(raw == _NEWLINE)
    if len(data) and (not len(ends) or ends[-1] != len(data) - 1):
        ends = np.append(ends, len(data))
    starts = np.concatenate(([0], ends[:-1] + 1)) if len(ends) else ends
    if not len(ends):
        return Outline(b"", starts, [])
    last = np.maximum(ends - 1, 0)
    last = np.where(raw[last] == _RETURN, np.maximum(last - 1, 0), last)
    plain = (ends > starts) & (raw[np.minimum(starts, len(raw) - 1)] == _OPEN) & (raw[last] == _CLOSE)
    if _not_utf8(data):
        plain &= np.fromiter((is_utf8(data[s:e]) for s, e in zip(starts, ends, strict=True)), bool, len(ends))
    numbers = np.flatnonzero(plain)
    if len(numbers) == len(ends):
        return Outline(data, numbers, [])
    odd = [(int(i), data[starts[i] : ends[i]]) for i in np.flatnonzero(~plain)]
    return Outline(_kept(data, starts, ends, plain), numbers, odd)


def _kept(data: bytes, starts: np.ndarray, ends: np.ndarray, plain: np.ndarray) -> bytes:
    """The plain lines, copied in stretches."""
    pieces, begin = [], 0
    for i in np.flatnonzero(~plain):
        pieces.append(data[begin : starts[i]])
        begin = min(int(ends[i]) + 1, len(data))
    pieces.append(data[begin:])
    return b"".join(pieces)


def _not_utf8(data: bytes) -> bool:
    offsets = pa.py_buffer((0).to_bytes(4, "little") + len(data).to_bytes(4, "little"))
    return _fails(lambda: pa.StringArray.from_buffers(1, offsets, pa.py_buffer(data)).validate(full=True))


def _fails(check: Callable[[], None]) -> bool:
    try:
        check()
    except pa.ArrowInvalid:
        return True
    return False


def is_utf8(line: bytes) -> bool:
    """Whether the bytes are text."""
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
