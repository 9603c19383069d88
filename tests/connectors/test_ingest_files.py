"""Which files are read and when: small ones together, days in any form, uploads that are still under way, zip files."""

from __future__ import annotations

import gzip
import json
import os
import time
import zipfile
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from landing_place import Place, gzipped

from connectors.readers.files import contents as contents_module
from connectors.readers.files.contents import Content
from connectors.readers.json_lines import LineParser
from connectors.readers.jsonl.blocks import BadPart, line_blocks

SCHEMA = "t: {id: bigint}"
FLAT = 't: {mode: append, path: "*", rejects: 50%}'


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    place = Place(tmp_path)
    monkeypatch.setenv("PLACE_URL", str(place.files))
    place.declare("jsonl", FLAT, SCHEMA)
    return place


def put(place: Place, name: str, text: str, age_s: float = 0) -> None:
    path = place.files / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, (time.time() - age_s,) * 2)


def test_rows_and_rejects_of_many_small_files_keep_their_places(place: Place) -> None:
    place.declare("jsonl", 't: {mode: append, path: "{day}/*", rejects: 50%}', SCHEMA)
    for number in range(40):
        bad = "broken\n" if number % 7 == 3 else ""
        last = "" if number % 2 else "\n"
        put(
            place,
            f"2024-05-0{1 + number // 20}/{number:02}",
            f'{{"id": {number}}}\n{bad}{{"id": {100 + number}}}{last}',
        )
    place.ingest()
    assert place.rows("t", "id", "_file", "_line", "day") == sorted(
        (row for n in range(40) for row in _two_rows(n)), key=repr
    )
    assert [(row["_file"], row["_line"]) for row in place.rejects()] == [
        (f"2024-05-0{1 + n // 20}/{n:02}", 2) for n in range(3, 40, 7)
    ]


def _two_rows(number: int) -> list[tuple[int, str, int, str]]:
    day = f"2024-05-0{1 + number // 20}"
    file = f"{day}/{number:02}"
    return [(number, file, 1, day), (100 + number, file, 3 if number % 7 == 3 else 2, day)]


def test_a_day_has_three_forms_and_folders_below_it(place: Place) -> None:
    place.declare("jsonl", 't: {mode: append, path: "**/{day}/*/x"}', SCHEMA)
    for number, name in enumerate(("2024-05-01/10/x", "a/b/2024/05/02/11/x", "a/20240503/12/x", "a/2024/13/01/1/x")):
        put(place, name, f'{{"id": {number}}}')
    place.ingest()
    assert place.rows("t", "id", "day") == [(0, "2024-05-01"), (1, "2024-05-02"), (2, "2024-05-03")]


def test_a_file_that_changed_a_moment_ago_is_left_for_the_next_run(place: Place) -> None:
    place.declare("jsonl", FLAT.replace("rejects", "settle: 5m, rejects"), SCHEMA)
    put(place, "a", '{"id": 1}\n{"id":')
    (warning,) = place.ingest().warnings
    assert warning.endswith("changed less than settle: ago, such as a")
    put(place, "b", '{"id": 2}', age_s=400)
    assert place.ingest().rows == 1
    put(place, "a", '{"id": 1}\n{"id": 3}', age_s=400)
    assert place.ingest().rows == 2
    put(place, "a", '{"id": 9}')
    assert place.ingest(full=True).rows == 1
    assert place.rows("t", "id") == [1, 2, 3]


def test_a_snapshot_waits_for_a_file_that_is_being_written(place: Place) -> None:
    place.declare("jsonl", 't: {mode: snapshot, path: "*", settle: 5m}', SCHEMA)
    put(place, "a", '{"id": 1}', age_s=400)
    place.ingest()
    put(place, "a", '{"id": 2}')
    put(place, "b", '{"id": 3}', age_s=400)
    assert place.ingest().unchanged
    assert place.rows("t", "id") == [1]


def test_words_of_listing_are_no_other_manner_of_reading(place: Place) -> None:
    put(place, "a", '{"id": 1}', age_s=9)
    place.ingest()
    place.declare("jsonl", FLAT.replace("rejects", "settle: 5s, margin: 3 days, names: growing, rejects"), SCHEMA)
    assert place.ingest().warnings == ()


@pytest.mark.parametrize("broken", ["cut", "secret", "text"])
def test_a_zip_file_that_cannot_be_read_is_a_reject(place: Place, broken: str) -> None:
    path = place.files / "a.zip"
    with zipfile.ZipFile(path, "w") as members:
        members.writestr("x.jsonl", '{"id": 1}\n' * 50)
    data = path.read_bytes()
    if broken == "secret":  # the bit that says so, in both headers
        at = data.index(b"PK\x01\x02")
        data = data[:6] + b"\x01" + data[7 : at + 8] + b"\x01" + data[at + 9 :]
    path.write_bytes({"cut": data[:-30], "secret": data, "text": data.replace(b'{"id": 1}', b'{"id": 2}', 1)}[broken])
    put(place, "b", '{"id": 5}\n' * 99)
    landed = place.ingest()
    told = {"cut": "ends too early or is damaged", "secret": "password", "text": "damaged from here on"}[broken]
    assert told in place.rejects()[-1]["reason"]
    assert landed.rejects == 1


FIREHOSE = '{"id":1}{"id":2,"note":"}{"}{"id": 3}{"id":"x"}{"id":4}'


def test_records_without_a_newline_between_them_have_their_own_numbers(place: Place) -> None:
    put(place, "a", FIREHOSE)
    assert place.ingest().rejects == 1
    assert place.rows("t", "id", "_line") == [(1, 1), (2, 2), (3, 3), (4, 5)]
    assert [(row["_line"], row["raw"]) for row in place.rejects()] == [(4, b'{"id":"x"}')]


def test_a_large_file_without_any_newline_has_bounded_memory(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents_module, "BLOCK_BYTES", 1 << 12)
    monkeypatch.setattr(LineParser, "block_bytes", 1 << 12)
    (place.files / "a.gz").write_bytes(gzip.compress(b"".join(b'{"id":%d}' % n for n in range(5000))))
    with (place.files / "a.gz").open("rb") as raw:
        blocks = list(line_blocks([Content("a.gz", None, raw)], 1 << 12, records=True))
    assert max(len(block.data) for block in blocks if not isinstance(block, BadPart)) < 3 << 12
    place.ingest()
    assert place.rows("t", "id", "_line") == sorted(((n, n + 1) for n in range(5000)), key=repr)


@pytest.mark.parametrize("block", [1000, 1 << 12])
def test_a_gzip_file_that_is_cut_anywhere_gives_what_stands_before(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    """isal holds the last symbol before a cut back, where zlib does not."""
    monkeypatch.setattr(contents_module, "BLOCK_BYTES", block)
    raw = gzip.compress(b"".join(b'{"id":%d}\n' % (n * 7919 % 10007) for n in range(3000)) + b"a" * 50_000)
    for end in range(4, len(raw), 61):
        content = Content("a.gz", None, BytesIO(raw[:end]))
        assert b"".join(content.pieces()) == zlib.decompressobj(31).decompress(raw[:end])
        assert content.cut == "the gzip file ends too early"


def test_a_broken_record_takes_no_other_along(place: Place) -> None:
    put(place, "a", '{"id":1}{"id":' + "".join(f'{{"id":{n}}}' for n in range(100)))
    landed = place.ingest()
    assert (landed.rows, landed.rejects) == (100, 1)


@given(
    st.lists(
        st.dictionaries(st.text('{}"\\a\n', max_size=6), st.text('{}"\\b', max_size=6), min_size=1),
        min_size=1,
        max_size=8,
    ),
    st.lists(st.sampled_from(["", "\n", "\r\n", " "]), min_size=8, max_size=8),
)
def test_records_come_out_as_they_were_put_together(records: list[dict[str, str]], between: list[str]) -> None:
    text = "".join(json.dumps(record) + gap for record, gap in zip(records, between, strict=False))
    content = Content("a", None, BytesIO(text.encode()))
    blocks = line_blocks([content], 1 << 20, records=True)
    lines = [line for block in blocks if not isinstance(block, BadPart) for line in _lines(block.data)]
    found = [record for line in lines for record in _loaded(line)]
    assert found == records


def _lines(data: bytes) -> list[bytes]:
    return [line for line in data.split(b"\n") if line.strip()]


def _loaded(line: bytes) -> list[object]:
    """A line's objects: blanks between two of them leave them on one line."""
    decoder, text, at, found = json.JSONDecoder(), line.decode().strip(), 0, []
    while at < len(text):
        value, at = decoder.raw_decode(text, at)
        found.append(value)
        at += len(text[at:]) - len(text[at:].lstrip())
    return found


def test_members_of_gzip_files_of_all_sizes_are_read(place: Place) -> None:
    gzipped(place.files / "empty.gz")
    put(place, "nothing", "")
    put(place, "blank", "\n\n")
    gzipped(place.files / "a.gz", '{"id": 1}')
    assert place.ingest().rows == 1
