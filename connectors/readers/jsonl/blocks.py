"""Blocks of whole lines: a large file in several, many small files in one.

Never decides what a line is.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from connectors.readers.outline import newlines_of
from connectors.readers.pieces import Block, Place
from connectors.readers.records import JOINT, apart, whole_records

LONGEST_LINE = 32 << 20
"""A longer line is a reject: it would not fit the memory that ingest promises."""
KEPT_OF_LONG_LINE = 1 << 20
_LOOK = 1 << 14
"""Bytes in which records that stand on one line are seen at once; further behind, their parser finds them."""


class Content(Protocol):
    """What is cut into lines: as of `files.contents`. `header` is told with the first piece."""

    name: str
    day: date | None
    raw_bytes: int
    cut: str
    header: tuple[str, ...]

    def pieces(self) -> Iterator[bytes]: ...


@dataclass(frozen=True)
class BadPart:
    """A part of a file that cannot be cut into lines: `raw` are its first bytes."""

    file: str
    day: date | None
    line: int
    reason: str
    raw: bytes = b""


def line_blocks(contents: Iterable[Content], size: int, *, records: bool) -> Iterator[Block | BadPart]:
    """Blocks of one day each, in the order of the files, of about this size. Small ones are joined.

    `records`: lines are JSON, of which several may stand on one.
    """
    held: list[Block] = []
    for content in contents:
        line = 1
        for block in _blocks(content, size, records):
            if held and (isinstance(block, BadPart) or not _fits(held, block, size)):
                yield _joined(held)
                held = []
            if isinstance(block, BadPart):
                line = block.line + 1
                yield block
            else:
                line = block.next_line
                held.append(block)
        if content.cut:
            if held:
                yield _joined(held)
                held = []
            yield BadPart(content.name, content.day, line, content.cut)
    if held:
        yield _joined(held)


def _fits(held: list[Block], block: Block, most: int) -> bool:
    size = sum(len(one.data) for one in held) + len(block.data)
    return (held[0].day, held[0].header) == (block.day, block.header) and size <= most


def _joined(held: list[Block]) -> Block:
    if len(held) == 1:
        return held[0]
    return replace(
        held[0],
        places=tuple(place for block in held for place in block.places),
        data=b"".join(block.data if block.data.endswith(b"\n") else block.data + b"\n" for block in held),
        bytes=sum(block.bytes for block in held),
        known_newlines=None,
    )


def _blocks(content: Content, block_bytes: int, records: bool) -> Iterator[Block | BadPart]:
    """Those of one file; a line that is too long comes alone."""
    held: list[bytes] = []
    size, line, skipped, told = 0, 1, 0, 0
    start = b""
    cut: tuple[int, int] | None = None
    for whole in _unmarked(content.pieces()):
        piece = whole
        if skipped:
            at = piece.find(b"\n")
            if at < 0:
                skipped += len(piece)
                continue
            yield _long(content, line, start, skipped + at)
            piece, line, skipped = piece[at + 1 :], line + 1, 0
        end = piece.rfind(b"\n") + 1
        cut = (len(held), end) if end else cut
        held.append(piece)
        size += len(piece)
        if size < block_bytes:
            continue
        data, rest = _cut(held, *cut) if cut else whole_records(b"".join(held), records)
        if data:
            block = _block(content, line, data, content.raw_bytes - told, records)
            yield block
            line, told = block.next_line, content.raw_bytes
        held, size, cut = [rest], len(rest), None
        if size > LONGEST_LINE:
            start = rest[:KEPT_OF_LONG_LINE]
            held, size, skipped = [], 0, size
    if skipped:
        yield _long(content, line, start, skipped)
    elif size:
        yield _block(content, line, b"".join(held), content.raw_bytes - told, records)


def _unmarked(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Without the byte order mark that a file may begin with."""
    start = b""
    for piece in pieces:
        start += piece
        if len(start) >= len(BOM_UTF8):
            break
    yield start.removeprefix(BOM_UTF8)
    yield from pieces


def _cut(held: list[bytes], index: int, end: int) -> tuple[bytes, bytes]:
    """The bytes up to the last line's end, which is in this piece, and those after it; copies each byte once."""
    data = b"".join([*held[:index], memoryview(held[index])[:end]])
    return data, b"".join([memoryview(held[index])[end:], *held[index + 1 :]])


def _long(content: Content, line: int, start: bytes, length: int) -> BadPart:
    reason = f"the line has {length:,} bytes, too many for one row; its first bytes are kept"
    return BadPart(content.name, content.day, line, reason, start)


def _block(content: Content, line: int, data: bytes, size: int, records: bool) -> Block:
    newlines = newlines_of(data)
    place = Place(content.name, line, len(newlines) + (not data.endswith(b"\n")))
    block = Block((place,), data, content.day, size, content.header, newlines, records)
    return apart(block) if records and JOINT in data[:_LOOK] else block
