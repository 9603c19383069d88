"""JSON lines: each file once, each good line a row, each bad line a reject with its place."""

from __future__ import annotations

import gzip
import json
import os
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from landing_place import Place, gzipped, types

from connectors.failed_attempt import failed_attempt
from connectors.pace import Advance
from connectors.readers.files import contents as contents_module
from connectors.readers.json_lines import LineParser
from connectors.readers.jsonl import blocks as blocks_module
from connectors.readers.pieces import Block
from connectors.readers.pieces import Place as Lines
from transforms.column import Column
from transforms.errors import ContentError, OutsideError, SchemaChanged, TooManyRejects
from transforms.lake_types import Type
from transforms.names import TableName

SCHEMA = """
    t:
      id: bigint
      at: timestamp
      price: decimal(12,2)
      user: struct<name:string,tags:array<string>>
    """
DAILY = 't: {mode: append, path: "dt={day}/*.jsonl.gz", rejects: 50%}'
FLAT = 't: {mode: append, path: "*.jsonl*", rejects: 50%}'


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    place = Place(tmp_path)
    monkeypatch.setenv("PLACE_URL", str(place.files))
    place.declare("jsonl", DAILY, SCHEMA)
    return place


def line(number: int, **more: object) -> str:
    return json.dumps({"id": number, "at": "2024-05-01T10:00:00.500+09:00", "price": 1.25, **more})


def test_rows_carry_their_file_line_and_day(place: Place) -> None:
    gzipped(place.files / "dt=2024-05-01" / "a.jsonl.gz", line(1, user={"name": "雪", "tags": ["x"]}), line(2))
    gzipped(place.files / "dt=2024-05-02" / "b.jsonl.gz", line(3))
    landed = place.ingest()
    assert (landed.rows, landed.rejects, landed.unchanged) == (3, 0, False)
    assert place.rows("t", "id", "_file", "_line", "day") == [
        (1, "dt=2024-05-01/a.jsonl.gz", 1, "2024-05-01"),
        (2, "dt=2024-05-01/a.jsonl.gz", 2, "2024-05-01"),
        (3, "dt=2024-05-02/b.jsonl.gz", 1, "2024-05-02"),
    ]
    first = next(row for row in place.rows() if row["id"] == 1)
    assert first["at"] == datetime(2024, 5, 1, 1, 0, 0, 500000)
    assert str(first["price"]) == "1.25"
    assert first["user"] == {"name": "雪", "tags": ["x"]}


def test_the_engine_reads_what_was_landed(place: Place) -> None:
    gzipped(place.files / "dt=2024-05-01" / "a.jsonl.gz", line(1), line(2))
    place.ingest()
    _, reader = place.lake().query(
        "select count(*) as n, sum(price) as p from raw_place.t where day = date '2024-05-01'"
    )
    assert [(row["n"], str(row["p"])) for row in reader.read_all().to_pylist()] == [(2, "2.50")]


def test_a_file_is_ingested_once_and_later_files_are_added(place: Place) -> None:
    gzipped(place.files / "dt=2024-05-01" / "a.jsonl.gz", line(1))
    place.ingest()
    again = place.ingest()
    assert (again.unchanged, again.rows, again.version) == (True, 0, 1)
    gzipped(place.files / "dt=2024-05-01" / "b.jsonl.gz", line(2))
    assert place.ingest().rows == 1
    assert place.rows("t", "id") == [1, 2]
    assert place.orphans() == set()


def test_a_touched_file_changes_nothing_and_a_grown_file_replaces_its_rows(place: Place) -> None:
    first = gzipped(place.files / "dt=2024-05-01" / "a.jsonl.gz", line(1), line(2))
    gzipped(place.files / "dt=2024-05-01" / "b.jsonl.gz", line(9))
    place.ingest()
    os.utime(first, (1, 1))
    assert place.ingest().rows == 0
    gzipped(first, line(1), line(5), line(6))
    assert place.ingest().rows == 3
    assert place.rows("t", "id") == [1, 5, 6, 9]


def test_every_kind_of_dirt_is_a_reject_with_its_line_and_bytes(place: Place) -> None:
    place.declare("jsonl", FLAT, SCHEMA)
    dirt = [
        line(1),
        '{"id": 2, "at": "2024-',
        b'{"id": 3, "user": {"name": "\xff"}}',
        "",
        '{"id": "four"}',
        "null",
        '{"id": 6, "price": 1.234}',
        '{"id": 7, "at": "yesterday"}',
        '{"id": 8, "id": 9}',
        '{"id": 1}{"id": 2}',
        '{"id": 11.5}',
        '{"id": 9223372036854775808}',
        '{"id": 13, "user": ["x"]}',
        '{"id": NaN}',
        line(15),
        line(16),
        *[line(n) for n in range(17, 30)],
    ]
    gzipped(place.files / "a.jsonl.gz", *dirt)
    landed = place.ingest()
    assert place.rows("t", "id", "_line") == sorted(
        [(1, 1), (1, 10), (2, 10), (15, 15), (16, 16), *((n, n) for n in range(17, 30))], key=repr
    )
    assert landed.rejects == 11
    rejects = {row["_line"]: row for row in place.rejects()}
    assert sorted(rejects) == [2, 3, 5, 6, 7, 8, 9, 11, 12, 13, 14]
    assert rejects[3]["raw"] == dirt[2]
    assert rejects[3]["reason"] == "not UTF-8"
    assert rejects[5]["reason"] == "id: text (four) is not bigint"
    assert rejects[7]["reason"] == "price: 1.234 has more than 2 decimals"
    assert rejects[13]["reason"] == "user: an array is not struct<name:string,tags:array<string>>"
    assert all(row["_file"] == "a.jsonl.gz" for row in rejects.values())


@pytest.mark.parametrize("begin", ["null", "[1]", "1", "true", '"x"', "{", "}", "{}null{}", "\x00"])
def test_a_block_may_begin_with_anything(place: Place, begin: str) -> None:
    place.declare("jsonl", FLAT, SCHEMA)
    (place.files / "a.jsonl").write_text(f"{begin}\n{line(2)}\n{line(3)}")
    assert place.ingest().rejects == 1
    assert place.rows("t", "id", "_line") == [(2, 2), (3, 3)]


def test_plain_zstd_and_gzip_of_several_members_are_read_and_empty_files_are_none(place: Place) -> None:
    place.declare("jsonl", FLAT, SCHEMA)
    (place.files / "a.jsonl").write_text(line(1) + "\r\n" + line(2) + "\r\n")
    (place.files / "b.jsonl.gz").write_bytes(gzip.compress(line(3).encode() + b"\n") + gzip.compress(line(4).encode()))
    (place.files / "c.jsonl.zst").write_bytes(pa.compress(line(5).encode(), codec="zstd", asbytes=True))
    (place.files / "d.jsonl").write_bytes(b"")
    gzipped(place.files / "e.jsonl.gz")
    assert place.ingest().rows == 5
    assert place.rows("t", "id") == [1, 2, 3, 4, 5]


def test_a_cut_gzip_keeps_its_good_lines_until_the_rest_arrives(place: Place) -> None:
    lines = [line(n, user={"name": str(n) * 50}) for n in range(3000)]
    whole = gzip.compress("\n".join(lines).encode())
    target = place.files / "dt=2024-05-01" / "a.jsonl.gz"
    target.parent.mkdir()
    target.write_bytes(whole[: len(whole) // 2])
    landed = place.ingest()
    assert 0 < landed.rows < 3000
    assert place.rejects()[-1]["reason"] == "the gzip file ends too early"
    target.write_bytes(whole)
    assert place.ingest().rows == 3000
    assert place.rows("t", "_line") == sorted(range(1, 3001), key=repr)


def test_long_lines_are_rows_and_longer_ones_are_rejects(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.declare("jsonl", FLAT, SCHEMA)
    monkeypatch.setattr(contents_module, "BLOCK_BYTES", 1 << 16)
    monkeypatch.setattr(LineParser, "block_bytes", 1 << 16)
    monkeypatch.setattr(blocks_module, "LONGEST_LINE", 1 << 18)
    long, longer = line(2, user={"name": "x" * 200_000}), line(3, user={"name": "y" * 2_000_000})
    (place.files / "a.jsonl").write_text("\n".join([line(1), long, longer, line(4), longer]))
    assert place.ingest().rejects == 2
    assert place.rows("t", "id", "_line") == [(1, 1), (2, 2), (4, 4)]
    assert [(row["_line"], "too many for one row" in row["reason"]) for row in place.rejects()] == [
        (3, True),
        (5, True),
    ]


@pytest.mark.river
def test_blocks_are_cut_at_lines_wherever_they_end(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.declare("jsonl", FLAT, SCHEMA)
    (place.files / "a.jsonl").write_text("\n".join(line(n, user={"name": "z" * (n % 97)}) for n in range(500)))
    for size in (64, 257, 4096):
        monkeypatch.setattr(contents_module, "BLOCK_BYTES", size)
        monkeypatch.setattr(LineParser, "block_bytes", size)
        again = Place(place.home / str(size))
        again.declare("jsonl", FLAT, SCHEMA)
        assert again.ingest().rows == 500
        assert again.rows("t", "id", "_line") == sorted(((n, n + 1) for n in range(500)), key=repr)


def test_new_keys_become_columns_with_their_types_and_are_kept(place: Place) -> None:
    gzipped(place.files / "dt=2024-05-01" / "a.jsonl.gz", line(1))
    place.ingest()
    more = {"app": {"build": 7}, "score": 1, "userId": "u", "user": {"name": "n", "age": 3}, "nothing": None}
    gzipped(place.files / "dt=2024-05-02" / "b.jsonl.gz", line(2, **more), line(3, score=1.5))
    landed = place.ingest()
    assert types(landed) == {
        "user": "struct<name:string,tags:array<string>,age:bigint>",
        "app": "struct<build:bigint>",
        "score": "double",
        "userid": "string",
    }
    gzipped(place.files / "dt=2024-05-03" / "c.jsonl.gz", line(4, score=2, userId="v"))
    assert types(place.ingest()) == {}
    assert place.rows("t", "id", "score", "userid") == [(1, None, None), (2, 1.0, "u"), (3, 1.5, None), (4, 2.0, "v")]
    assert next(row for row in place.rows() if row["id"] == 2)["user"] == {"name": "n", "tags": None, "age": 3}


@pytest.mark.parametrize("mode", ["append", "snapshot"])
def test_a_column_that_was_met_on_the_way_is_read_once_it_is_declared(place: Place, mode: str) -> None:
    place.declare("jsonl", f't: {{mode: {mode}, path: "dt={{day}}/*.jsonl"}}', "t: {id: int}")
    for day, text in (("2024-05-01", '{"id": 1}'), ("2024-05-02", '{"id": 2, "x": "new"}')):
        file = place.files / f"dt={day}" / "a.jsonl"
        file.parent.mkdir()
        file.write_text(text)
    assert types(place.ingest()) == {"x": "string"}
    place.declare("jsonl", f't: {{mode: {mode}, path: "dt={{day}}/*.jsonl"}}', "t: {id: int, x: string}")
    _, reader = place.lake().query("select id, x from raw_place.t order by id")
    assert reader.read_all().to_pylist() == [{"id": 1, "x": None}, {"id": 2, "x": "new"}]
    (place.files / "dt=2024-05-01" / "a.jsonl").write_text('{"id": 11}')
    place.ingest()
    _, reader = place.lake().query("select id, x from raw_place.t order by id")
    assert reader.read_all().to_pylist() == [{"id": 2, "x": "new"}, {"id": 11, "x": None}]


def test_a_new_column_is_read_beside_rows_that_were_written_anew_without_it(place: Place) -> None:
    tables = 't: {mode: upsert, key: id, path: "*.jsonl"}'
    place.declare("jsonl", tables, "t: {id: int}")
    (place.files / "a.jsonl").write_text('{"id": 1}\n{"id": 2}\n{"id": 3}')
    place.ingest()
    for number in (2, 3):
        (place.files / f"{number}.jsonl").write_text(f'{{"id": {number}, "x": "new"}}')
        place.ingest()
    place.declare("jsonl", tables, "t: {id: int, x: string}")
    _, reader = place.lake().query("select id, x from raw_place.t order by id")
    assert [tuple(row.values()) for row in reader.read_all().to_pylist()] == [(1, None), (2, "new"), (3, "new")]


def test_a_new_key_whose_type_grows_later_is_as_wide_as_its_widest_value(place: Place) -> None:
    place.declare("jsonl", FLAT, SCHEMA)
    (place.files / "a.jsonl").write_text("\n".join(line(n, x=n) for n in range(5)))
    (place.files / "b.jsonl").write_text("\n".join([line(5, x=0.5), line(6, x="six"), line(7, x={"k": 1.50})]))
    assert types(place.ingest()) == {"x": "string"}
    found = ["0", "1", "2", "3", "4", "0.5", "six", '{"k":1.5}']
    assert place.rows("t", "x") == sorted(found, key=repr)


@pytest.mark.river
def test_a_new_key_whose_type_grows_far_down_a_block(place: Place) -> None:
    place.declare("jsonl", FLAT, SCHEMA)
    lines = [line(n, x=n) for n in range(9000)] + [line(9000, x={"k": 1}), line(9001, x="six")]
    (place.files / "a.jsonl").write_text("\n".join([*lines, *(line(n, y=0.5) for n in range(9002, 18000))]))
    assert types(place.ingest()) == {"x": "string", "y": "double"}
    found = {row["id"]: (row["x"], row["y"]) for row in place.rows()}
    assert len(found) == 18000
    assert [found[n] for n in (0, 8999, 9000, 9001, 9002)] == [
        ("0", None),
        ("8999", None),
        ('{"k":1}', None),
        ("six", None),
        (None, 0.5),
    ]


def test_dirty_lines_among_clean_ones_are_told_apart_wherever_they_stand(place: Place) -> None:
    """Arrow names some dirty lines by number, some by their value, some not at all."""
    place.declare("jsonl", FLAT, "t: {id: bigint, at: timestamp}")
    dirty = {
        0: '{"id": "many"}',
        70: '{"id": 1.5}',
        71: '{"at": "no time 1"}',
        3000: '{"at": "no time"}',
        3001: '{"at": "no time"}',
        9999: '{"id": 1, "id": 2}',
        12000: '{"id": }',
        15000: '{"id": 1}}',
        15001: "\udcff",
        19998: '{"id": "last"}',
        19999: '{"id": "\udcff"}',
    }
    lines = [dirty.get(n, f'{{"id": {n}, "at": "2024-05-01T10:00:00Z"}}') for n in range(20000)]
    (place.files / "a.jsonl").write_bytes("\n".join(lines).encode("utf-8", "surrogateescape"))
    assert place.ingest().rejects == len(dirty)
    assert [row["_line"] - 1 for row in place.rejects()] == sorted(dirty)
    assert [row["raw"] for row in place.rejects()] == [
        dirty[n].encode("utf-8", "surrogateescape") for n in sorted(dirty)
    ]
    assert place.rows("t", "id", "_line") == sorted(((n, n + 1) for n in range(20000) if n not in dirty), key=repr)


def test_a_changed_type_is_refused_with_the_line_to_write(place: Place) -> None:
    gzipped(place.files / "dt=2024-05-01" / "a.jsonl.gz", *[line(n) for n in range(50)])
    place.ingest()
    gzipped(place.files / "dt=2024-05-02" / "b.jsonl.gz", *[line(n, id=f"x{n}") for n in range(50, 200)])
    with pytest.raises(
        SchemaChanged, match=r"id is no longer bigint .* write `id: string` under `t:` in .*place\.schema"
    ):
        place.ingest()
    assert len(place.rows()) == 50
    place.declare("jsonl", DAILY, SCHEMA.replace("id: bigint", "id: string"))
    assert place.ingest().rows == 150
    assert place.lake().catalog.get(place.lake().content.sources["place"].tables[0].name).rows == 200


def test_text_columns_hold_any_value_as_its_json(place: Place) -> None:
    place.declare("jsonl", FLAT, "t: {v: string}")
    (place.files / "a.jsonl").write_text('{"v": "a"}\n{"v": 1.10}\n{"v": {"b": [1, "é"]}}\n{"v": null}')
    place.ingest()
    assert place.rows("t", "v") == sorted(["a", "1.10", '{"b":[1,"é"]}', None], key=repr)


def test_digits_under_a_millisecond_are_rejects_unless_they_may_go(place: Place) -> None:
    place.declare("jsonl", FLAT, "t: {at: timestamp}")
    (place.files / "a.jsonl").write_text('{"at": "2024-05-01T10:00:00.123456Z"}\n{"at": "2024-05-01T10:00:00.123000Z"}')
    assert place.ingest().rejects == 1
    assert "write timestamps: truncate" in place.rejects()[0]["reason"]
    truncating = Place(place.home / "other")
    truncating.declare("jsonl", FLAT, "t: {at: timestamp}", top="timestamps: truncate\n")
    assert truncating.ingest().rejects == 0
    assert truncating.rows("t", "at") == [datetime(2024, 5, 1, 10, 0, 0, 123000)] * 2


def test_too_many_rejects_publish_nothing_and_name_the_first_three(place: Place) -> None:
    place.declare("jsonl", FLAT.replace("50%", "10%"), "t: {id: bigint, email: {type: bigint, personal: true}}")
    lines = ['{"id": 1}'] * 20 + ['{"id": "x"}', '{"email": "a@b.example"}', "{", "["]
    (place.files / "a.jsonl").write_text("\n".join(lines))
    with pytest.raises(TooManyRejects) as caught:
        place.ingest()
    message = str(caught.value)
    assert "connectors/sources/place.yaml:6: raw_place.t: 4 of 24 rows" in message
    assert "a.jsonl:21: id: text (x) is not bigint" in message
    assert "a.jsonl:22: email: a value that does not fit" in message
    assert "a@b.example" not in message
    assert "and 1 more" in message
    assert "baikal show raw_place.t --rejects shows them" in message
    assert place.rows() == []
    assert place.orphans() == set()


def test_too_many_rejects_name_the_column_its_type_and_the_line_to_write(place: Place) -> None:
    place.declare("jsonl", FLAT.replace("50%", "1%"), "t: {id: bigint}")
    (place.files / "a.jsonl").write_text('{"id": 1}\n' * 199 + '{"id": "x"}\n' * 6)
    with pytest.raises(TooManyRejects) as caught:
        place.ingest()
    assert (
        "6 of 205 rows could not be held, more than the 1% that `rejects:` allows; nothing was published; "
        "all because of id, which is bigint in connectors/sources/place.schema.yaml; write its right type there, or "
        "`rejects: 3%` under `t:` to set such rows aside"
    ) in str(caught.value)
    place.declare("jsonl", FLAT.replace("50%", "3%"), "t: {id: bigint}")
    assert place.ingest().rejects == 6


def test_too_many_rejects_of_many_reasons_blame_no_column(place: Place) -> None:
    place.declare("jsonl", FLAT.replace("50%", "1%"), "t: {id: bigint, at: date}")
    (place.files / "a.jsonl").write_text('{"id": "x"}\n{"at": "x"}\n[]\n{"id": 1}\n')
    with pytest.raises(TooManyRejects, match="nothing was published; write `rejects: 75%` under `t:`"):
        place.ingest()
    (place.files / "b.jsonl").write_text('{"id": "y"}\n{"id": "z"}\n')
    with pytest.raises(TooManyRejects, match="; most because of id, which is bigint in "):
        place.ingest()


def test_too_many_rejects_of_a_mapped_key_name_its_column(place: Place) -> None:
    place.declare("jsonl", FLAT.replace("50%", "1%, columns: {Nr: id}"), "t: {id: bigint}")
    (place.files / "a.jsonl").write_text('{"Nr": "x"}\n')
    with pytest.raises(TooManyRejects, match=r"the only row could not be held, .* all because of id, which is bigint"):
        place.ingest()


def test_the_rejects_of_an_attempt_that_failed_can_be_looked_at_until_one_succeeds(place: Place) -> None:
    place.declare("jsonl", FLAT.replace("50%", "0%"), "t: {id: bigint}")
    (place.files / "a.jsonl").write_text('{"id": 1}\n{"id": "x"}\n')
    name = TableName("raw_place", "t")
    assert failed_attempt(place.lake(), name) is None
    with pytest.raises(TooManyRejects):
        place.ingest()
    failed = failed_attempt(place.lake(), name)
    assert failed is not None
    assert (failed.read, failed.reject_rows) == (2, 1)
    (reject,) = failed.rejects
    assert (reject["file"], reject["line"], reject["raw"]) == ("a.jsonl", 2, '{"id": "x"}')
    assert place.orphans() == set()
    (place.files / "a.jsonl").write_text('{"id": 1}\n')
    place.now += timedelta(minutes=1)
    place.ingest()
    assert failed_attempt(place.lake(), name) is None
    assert not list((place.home / "lake").rglob("_failed.json")), "rows that nobody needs any more"


def test_rejects_that_cannot_be_kept_do_not_hide_why_an_attempt_failed(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.declare("jsonl", FLAT.replace("50%", "0%"), "t: {id: bigint}")
    (place.files / "a.jsonl").write_text('{"id": 1}\n{"id": "x"}\n')

    def broken(path: Path) -> None:
        raise OSError(f"{path} cannot be read")

    monkeypatch.setattr("connectors.rejects.pq.ParquetFile", broken)
    with pytest.raises(TooManyRejects):
        place.ingest()


def test_a_change_of_type_keeps_what_it_was_told_by(place: Place) -> None:
    place.declare("jsonl", FLAT.replace("50%", "0%"), "t: {id: bigint}")
    (place.files / "a.jsonl").write_text('{"id": "x"}\n' * 3000)
    with pytest.raises(SchemaChanged):
        place.ingest()
    failed = failed_attempt(place.lake(), TableName("raw_place", "t"))
    assert failed is not None
    assert (failed.reject_rows, len(failed.rejects)) == (3000, 1000)


def test_a_missing_folder_or_variable_is_named(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLACE_URL", str(place.home / "gone"))
    with pytest.raises(OutsideError, match=r"place\.yaml:4: the folder of place is not there"):
        place.ingest()
    monkeypatch.delenv("PLACE_URL")
    with pytest.raises(ContentError, match="PLACE_URL is not set"):
        place.ingest()


def test_no_files_make_an_empty_table_with_its_columns(place: Place) -> None:
    landed = place.ingest()
    assert (landed.rows, landed.version) == (0, 1)
    _, reader = place.lake().query("select count(*) as n from raw_place.t")
    assert reader.read_all().to_pylist() == [{"n": 0}]


def test_progress_is_told_of_every_row_and_byte(place: Place) -> None:
    path = gzipped(place.files / "dt=2024-05-01" / "a.jsonl.gz", *[line(n) for n in range(100)], "{")
    told: list[Advance] = []
    place.ingest(progress=told.append)
    assert (sum(one.rows for one in told), sum(one.bytes for one in told)) == (101, path.stat().st_size)
    assert told[-1].done == 1.0


def test_a_column_that_is_declared_later_is_there_without_a_new_file(place: Place) -> None:
    gzipped(place.files / "dt=2024-05-01" / "a.jsonl.gz", line(1, met="x"))
    place.ingest()
    place.declare("jsonl", DAILY, SCHEMA + "  later: string\n")
    assert place.ingest().unchanged
    _, reader = place.lake().query("select id, later from raw_place.t")
    assert reader.read_all().to_pylist() == [{"id": 1, "later": None}]
    gzipped(place.files / "dt=2024-05-01" / "b.jsonl.gz", line(2, later="y"))
    place.ingest()
    assert place.rows("t", "id", "met", "later") == [(1, "x", None), (2, None, "y")]


def test_rows_of_an_upsert_without_any_key_are_rejects(place: Place) -> None:
    place.declare("jsonl", 't: {mode: upsert, key: id, path: "*", rejects: 100%}', "t: {id: bigint, a: bigint}")
    (place.files / "a.jsonl").write_text('{"a": 1}\n{"a": 2}\n')
    assert place.ingest().rejects == 2
    assert {reject["reason"] for reject in place.rejects()} == {"id is the key and NULL"}


def test_a_key_that_is_always_null_makes_no_line_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    columns = [Column("id", Type.parse("bigint")), Column("at", Type.parse("row(n bigint)"))]
    parser = LineParser(columns, {}, truncate=False)
    monkeypatch.setattr(parser, "_one_by_one", lambda *_: pytest.fail("a clean line was looked at alone"))
    lines = [b'{"id":%d,"nothing":null,"at":{"n":%d,"less":null}}' % (n, n) for n in range(5000)]
    parsed = parser.parse(Block((Lines("a", 1, len(lines)),), b"\n".join(lines)))
    assert parsed.rows.column("id").to_pylist() == list(range(5000))
    assert parsed.rows.column("at")[4999].as_py() == {"n": 4999}
