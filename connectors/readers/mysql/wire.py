"""Rows of the text protocol as MySQL's servers send them, taken apart a column at a time.

Decides where blocks of rows end: by the rows alone, so that equal tables are equal blocks. Knows no types.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Generator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

BLOCK_BYTES = 4 << 20
READ_BYTES = 1 << 20
_PART_BYTES = 0xFFFFFF
"""A packet of this length is followed by the rest of its row."""
_END, _FAILED, _NULL = 0xFE, 0xFF, 251
_LENGTHS = {252: 2, 253: 3, 254: 8}
"""First byte of a long text -> how many bytes behind it tell its length."""


class ServerError(Exception):
    """The packet with which a server ends an answer that it cannot finish."""

    def __init__(self, packet: bytes) -> None:
        super().__init__(packet)
        self.packet = packet


@dataclass(frozen=True)
class Block:
    """Rows one behind the other: `starts` are the places of their first values in `buffer`."""

    buffer: bytearray
    starts: npt.NDArray[np.int64]

    def columns(self, count: int) -> list[pa.Array]:
        """The `count` columns, as binary arrays of their own."""
        raw = np.frombuffer(self.buffer, np.uint8)
        whole, at, result = pa.py_buffer(self.buffer), self.starts, []
        values = pa.array(np.arange(0, 2 * len(at), 2))
        for _ in range(count):
            begins, ends, valid = _places(raw, at)
            # each value and the gap behind it, of which the gaps are left out: the bytes are copied once, by Arrow
            offsets = np.stack((begins, ends), axis=1).astype(np.int32).ravel()
            both = pa.Array.from_buffers(pa.binary(), len(offsets) - 1, [None, pa.py_buffer(offsets), whole])
            array = both.take(values)
            if valid is not None:
                bits = pa.py_buffer(np.packbits(valid, bitorder="little"))
                array = pa.Array.from_buffers(pa.binary(), len(array), [bits, *array.buffers()[1:]])
            result.append(array)
            at = ends
        return result


def blocks(read: Callable[[int], bytes]) -> Generator[Block, None, None]:
    """Reads an answer to its end. `read` gives at most so many bytes: what is there, nothing when the server is gone.

    Raises ServerError when the server cannot finish the answer, ConnectionError when it is gone.
    """
    buffer, have, at, starts = bytearray(BLOCK_BYTES + READ_BYTES), 0, 0, list[int]()
    header = struct.Struct("<I").unpack_from
    while True:
        last = min(have - 5, BLOCK_BYTES - 1)
        while at <= last:
            length = header(buffer, at)[0] & _PART_BYTES
            if length == _PART_BYTES:
                joined = _join(buffer, at, have)
                if joined is None:
                    break
                length, have = joined
                last = min(have - 5, BLOCK_BYTES - 1)
            end = at + 4 + length
            if end > have:
                break
            if buffer[at + 4] >= _END:
                if buffer[at + 4] == _FAILED:
                    raise ServerError(bytes(buffer[at + 4 : end]))
                if length < 9:
                    if starts:
                        yield Block(buffer, np.array(starts, np.int64))
                    return
            starts.append(at + 4)
            at = end
        if at >= BLOCK_BYTES:
            yield Block(buffer, np.array(starts, np.int64))
            buffer, have = _room(buffer, at, have)
            at, starts = 0, []
            continue
        if have == len(buffer):
            buffer, have = _room(buffer, 0, have)
        got = read(len(buffer) - have)
        if not got:
            raise ConnectionError("lost connection to the server while it sent rows")
        buffer[have : have + len(got)] = got
        have += len(got)


def _room(buffer: bytearray, start: int, have: int) -> tuple[bytearray, int]:
    """Another buffer with what is behind `start`, and room for more."""
    rest = have - start
    fresh = bytearray(max(BLOCK_BYTES + READ_BYTES, 2 * rest))
    fresh[:rest] = memoryview(buffer)[start:have]
    return fresh, rest


def _join(buffer: bytearray, at: int, have: int) -> tuple[int, int] | None:
    """Takes the headers out of a row of several packets: its length, and how much is in the buffer then.

    None when its last packet is not there yet.
    """
    place, headers, total = at, list[int](), 0
    while have - place >= 4:
        length = int.from_bytes(buffer[place : place + 3], "little")
        total += length
        if length < _PART_BYTES:
            if place + 4 + length > have:
                return None
            for header in reversed(headers):
                del buffer[header : header + 4]
            return total, have - 4 * len(headers)
        place += 4 + length
        headers.append(place)
    return None


def _places(
    raw: npt.NDArray[np.uint8], at: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.bool_] | None]:
    """Where the values at these places begin and end, and which are there; None when all are."""
    first = raw[at]
    lengths, begins, valid = first.astype(np.int64), at + 1, None
    if first.max() >= _NULL:
        valid = first != _NULL
        lengths[~valid] = 0
        for mark, width in _LENGTHS.items():
            rows = np.flatnonzero(first == mark)
            if len(rows):
                lengths[rows] = sum(raw[begins[rows] + i].astype(np.int64) << (8 * i) for i in range(width))
                begins[rows] += width
        valid = None if valid.all() else valid
    return begins, begins + lengths, valid
