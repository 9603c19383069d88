"""Rows of the text protocol, however the network cuts them: every value comes back, blocks end by the rows alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.readers.mysql import wire as mysql_wire
from connectors.readers.mysql.wire import Block, ServerError, blocks

PART = 0xFF
END = bytes((5, 0, 0, 9, 0xFE, 0, 0, 2, 0))
FAILED = bytes((9, 0, 0, 9, 0xFF, 21, 4, 35)) + b"42000"
Row = tuple[bytes | None, ...]
VALUES = (
    st.none()
    | st.binary(max_size=4)
    | st.sampled_from((250, 251, 254, 255, 510, 700, 66_000)).map(lambda size: b"\xfe" * size)
)


@pytest.fixture(autouse=True, scope="module")
def small_packets_and_blocks() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mysql_wire, "_PART_BYTES", PART)
        patch.setattr(mysql_wire, "BLOCK_BYTES", 600)
        patch.setattr(mysql_wire, "READ_BYTES", 100)
        yield


def sent(rows: Sequence[Row], end: bytes = END) -> bytes:
    """What a server sends whose packets hold at most 255 bytes."""
    wire = bytearray()
    for row in rows:
        payload = b"".join(map(encoded, row))
        parts = [payload[i : i + PART] for i in range(0, len(payload), PART)]
        for part in [*parts, *([b""] if len(payload) % PART == 0 else [])]:
            wire += len(part).to_bytes(3, "little") + b"\0" + part
    return bytes(wire + end)


def encoded(value: bytes | None) -> bytes:
    if value is None:
        return b"\xfb"
    if len(value) < 251:
        return bytes((len(value),)) + value
    if len(value) < 1 << 16:
        return b"\xfc" + len(value).to_bytes(2, "little") + value
    return b"\xfd" + len(value).to_bytes(3, "little") + value


def received(wire: bytes, sizes: Sequence[int]) -> list[Block]:
    """The blocks, read in pieces of these sizes at most, over and over."""
    at, turn = 0, 0

    def read(size: int) -> bytes:
        nonlocal at, turn
        piece = wire[at : at + min(size, sizes[turn % len(sizes)])]
        at, turn = at + len(piece), turn + 1
        return piece

    return list(blocks(read))


def rows_of(found: Sequence[Block], width: int) -> list[Row]:
    return [row for block in found for row in zip(*(c.to_pylist() for c in block.columns(width)), strict=True)]


@given(
    st.integers(1, 4).flatmap(lambda width: st.lists(st.tuples(*[VALUES] * width), min_size=1, max_size=9)),
    st.lists(st.integers(50, 900), min_size=3, max_size=5),
)
def test_every_value_comes_back_however_it_is_cut(rows: list[Row], sizes: list[int]) -> None:
    found = received(sent(rows), sizes)
    assert rows_of(found, len(rows[0])) == rows
    assert [len(block.starts) for block in found] == [len(block.starts) for block in received(sent(rows), [1 << 20])]


def test_a_long_value_tells_its_length_in_three_bytes() -> None:
    rows: list[Row] = [(b"a", b"y" * 70_000, b"z"), (None, b"", b"w" * 66_000)]
    assert rows_of(received(sent(rows), [50_000]), 3) == rows


def test_no_rows_are_no_blocks() -> None:
    assert received(END, [1]) == []


def test_an_answer_that_fails_halfway_gives_the_blocks_before_and_the_reason() -> None:
    met, pieces = [], [sent([(b"x" * 700,)] * 3, FAILED)]
    with pytest.raises(ServerError) as raised:
        met.extend(blocks(lambda _: pieces.pop()))
    assert len(met) == 3
    assert raised.value.packet == FAILED[4:]


def test_a_server_that_is_gone_is_no_end() -> None:
    with pytest.raises(ConnectionError, match="lost connection"):
        received(sent([(b"a",), (b"b",)])[:-3], [4])
