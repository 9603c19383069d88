"""JSON records that stand one behind the other on a line, as Firehose writes them: each gets a line of its own.

Never decides that a line is a reject.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import orjson

from connectors.readers.pieces import Block, Place

JOINT = b"}{"
"""What stands between two records, and may stand in a text of one."""
_MOST_JOINTS = 32
"""In the texts of one record."""


class Joined(Exception):
    """A line of a block may be several records: the block is to be parsed apart."""


def apart(block: Block) -> Block:
    """A line for each record, with the number of the line that it stands on; its own where that is the only line."""
    lines = block.data.removesuffix(b"\n").split(b"\n")
    places, records, begin = list[Place](), list[bytes](), 0
    for place in block.places:
        found = [_records(line) for line in lines[begin : begin + place.lines]]
        places += _places(place, [len(one) for one in found])
        records += (record for one in found for record in one)
        begin += place.lines
    data = b"".join(record + b"\n" for record in records)
    return replace(block, places=tuple(places), data=data, records=False, known_newlines=None)


def _places(place: Place, counts: Sequence[int]) -> Iterator[Place]:
    """Of lines that are so many records each."""
    if len(counts) == 1:
        yield replace(place, lines=counts[0])
        return
    begin = 0
    for number, count in enumerate(counts):
        if count != 1:
            if number > begin:
                yield Place(place.file, place.first + begin, number - begin)
            yield from (Place(place.file, place.first + number, 1) for _ in range(count))
            begin = number + 1
    if len(counts) > begin:
        yield Place(place.file, place.first + begin, len(counts) - begin)


def whole_records(data: bytes, records: bool) -> tuple[bytes, bytes]:
    """Of bytes without a newline, the records that end in them, a line each, and the rest."""
    *found, rest = _records(data) if records else (data,)
    return b"".join(record + b"\n" for record in found), rest


def _records(line: bytes) -> list[bytes]:
    """The JSON objects of a line; a line that is one, or none, as it is.

    >>> _records(b'{"a":1}{"a":"}{"}{"a"'), _records(b'{"a":"}{"}')
    ([b'{"a":1}', b'{"a":"}{"}', b'{"a"'], [b'{"a":"}{"}'])
    """
    if JOINT not in line or _is_json(line):
        return [line]
    found: list[bytes] = []
    start = joints = 0
    first = end = line.find(JOINT) + 1
    while end:
        if _is_json(line[start:end]):
            found.append(line[start:end])
            start, joints = end, 0
        elif joints == _MOST_JOINTS:  # a broken one, which must not take those behind it along
            found.append(line[start:first])
            start, joints, end = first, 0, first
        else:
            joints += 1
        end = line.find(JOINT, end) + 1
        first = first if joints else end
    return [*found, line[start:]]


def _is_json(text: bytes) -> bool:
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True
