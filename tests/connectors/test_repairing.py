"""Rejects can be mended and join the rows, once, whatever happens meanwhile."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from landing_place import Place

from connectors.lake import Lake
from connectors.rejects import read_rejects
from connectors.repairing import Texts, read_texts
from transforms.errors import UsageError
from transforms.names import TableName

SCHEMA = "t:\n  id: {type: bigint, description: Number}\n  at: {type: timestamp, description: When}\n"
TABLE = 't: {mode: append, path: "{day}/*.jsonl", rejects: 100%}'
FINE = '{"id": 1, "at": "2024-05-01T00:00:00Z"}'


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    place = Place(tmp_path)
    place.declare("jsonl", TABLE, SCHEMA)
    monkeypatch.setenv("PLACE_URL", str(place.files))
    return place


def write(place: Place, name: str, *lines: str | bytes) -> None:
    path = place.files / "2024-05-01" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines))


def shown(lake: Lake) -> list[dict[str, Any]]:
    snapshot = lake.catalog.get(TableName("raw_place", "t"))
    assert snapshot
    return list(read_rejects(lake.storage, snapshot))


def test_a_declaration_that_was_corrected_takes_in_what_it_refused(place: Place) -> None:
    write(place, "a.jsonl", FINE, '{"id": 2, "at": "2024-05-01T00:00:00.123456Z"}', '{"id": ')
    place.ingest()
    assert len(place.rejects()) == 2
    assert (place.repair().rows, len(place.rejects())) == (0, 2)
    place.declare("jsonl", TABLE.replace("{mode", "{timestamps: truncate, mode"), SCHEMA)
    landed = place.repair()
    assert (landed.rows, landed.rejects) == (1, 1)
    assert place.rows("t", "id", "_file", "_line", "day") == [
        (1, "2024-05-01/a.jsonl", 1, "2024-05-01"),
        (2, "2024-05-01/a.jsonl", 2, "2024-05-01"),
    ]
    assert [row["_line"] for row in place.rejects()] == [3]
    assert place.ingest().unchanged


def test_a_text_that_was_mended_stands_for_its_line(place: Place) -> None:
    write(place, "a.jsonl", FINE, '{"id": 2, "at"', b'{"id": 3, "at": "\x83"}')
    place.ingest()
    document = {"rejects": shown(place.lake())}
    document["rejects"][0]["raw"] = '{"id": 2, "at": null}'
    assert {one["line"] for one in document["rejects"]} == {2, 3}
    (line,) = [one for one in document["rejects"] if one["line"] == 2]
    line["raw"] = '{"id": 2, "at": null}'
    others = [one for one in document["rejects"] if one["line"] == 3]
    others[0]["raw"] = shown(place.lake())[[one["line"] for one in shown(place.lake())].index(3)]["raw"]
    landed = place.repair(read_texts(json.dumps(document), "mended.json"))
    assert (landed.rows, landed.rejects) == (1, 1)
    assert place.rows("t", "id") == [1, 2]
    assert [bytes(row["raw"]) for row in place.rejects()] == [b'{"id": 3, "at": "\x83"}']


def test_a_record_of_a_csv_is_mended_in_its_own_encoding(place: Place) -> None:
    schema = "t:\n  name: {type: string, description: Who}\n  yen: {type: bigint, description: How much}\n"
    place.declare("csv", 't: {mode: append, path: "*.csv", encoding: shift_jis, rejects: 100%}', schema)
    rows = ["名前,yen".replace("名前", "name"), "花子,12", "太郎,十二", '"a,b"', "次郎,x"]
    (place.files / "a.csv").write_bytes("\n".join(rows).encode("shift_jis"))
    place.ingest()
    assert len(place.rejects()) == 3
    landed = place.repair({("a.csv", 3): "太郎～,12", ("a.csv", 4): "葉子,4\nx,1"})
    assert (landed.rows, landed.rejects) == (1, 2)
    assert place.rows("t", "name", "yen", "_line") == [("太郎～", 12, 3), ("花子", 12, 2)]
    assert {row["_line"]: row["reason"][:13] for row in place.rejects()} == {4: "2 records, an", 5: 'yen: "x" is n'}
    (place.files / "a.csv").unlink()
    assert "a.csv is gone" in place.repair({("a.csv", 5): "次郎,5"}).warnings[0]
    assert len(place.rejects()) == 2


def test_a_file_that_is_read_again_brings_its_own_rows_and_rejects(place: Place) -> None:
    write(place, "a.jsonl", FINE, '{"id": 2')
    place.ingest()
    place.repair({("2024-05-01/a.jsonl", 2): '{"id": 2}'})
    write(place, "a.jsonl", FINE, '{"id": 2}', '{"id": 3}')
    place.ingest()
    assert place.rows("t", "id") == [1, 2, 3]
    assert place.rejects() == []


def test_a_mended_row_never_takes_the_place_of_a_newer_one(place: Place) -> None:
    table = 't: {mode: upsert, key: id, path: "{day}/*.jsonl", rejects: 100%}'
    place.declare("jsonl", table, SCHEMA)
    write(place, "a.jsonl", '{"id": 1, "at": "old"}', '{"id": 2, "at": "old"}')
    place.ingest()
    write(place, "b.jsonl", FINE)
    place.ingest()
    a, stamp = "2024-05-01/a.jsonl", "2020-01-01T00:00:00Z"
    mended: Texts = {(a, line): json.dumps({"id": line, "at": stamp}) for line in (1, 2)}
    landed = place.repair(mended)
    assert landed.rows == 1
    assert landed.warnings == ("raw_place.t: 1 repaired row has a key of which a newer row is there, and was left out",)
    assert [(row[0], row[1].year) for row in place.rows("t", "id", "at")] == [(1, 2024), (2, 2020)]


def test_a_row_without_its_key_is_no_text_of_its_file(place: Place) -> None:
    schema = "t: {id: string, text: string, raw: binary, x: double}"
    place.declare("csv", 't: {mode: upsert, key: id, path: "*.csv", rejects: 100%}', schema)
    (place.files / "a.csv").write_text("id,text,raw,x\na,one,,\n,two,ab,1.5\n")
    place.ingest()
    assert place.repair().rows == 0
    assert place.rows("t", "id", "text") == [("a", "one")]
    (reject,) = place.rejects()
    assert (reject["_line"], reject["reason"]) == (3, "id is the key and NULL")
    assert place.repair().unchanged
    place.declare("csv", 't: {mode: upsert, key: text, path: "*.csv", rejects: 100%}', schema)
    assert place.repair().rows == 1
    assert place.rows("t", "id", "text", "raw", "x", "_file", "_line") == [
        ("a", "one", None, None, "a.csv", 2),
        (None, "two", b"ab", 1.5, "a.csv", 3),
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{}", 'f:1: this is no reject; write {"file": "a.csv", "line": 7, "raw": "the text as it should be"}'),
        ('\n{"file": "a", "line": 1, "raw": 3}', "f:2: this is no reject"),
        ("not JSON", "f:1: this is no reject"),
        (
            '{"file": "a", "line": 1, "raw": ""}\n{"file": "a", "line": 1, "raw": ""}',
            "f:2: a:1 stands in the file twice",
        ),
    ],
)
def test_a_file_of_something_else_is_refused(content: str, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_texts(content, "f")
    assert told in str(caught.value)


def test_a_place_without_a_reject_is_told(place: Place) -> None:
    with pytest.raises(UsageError, match=r"raw_place\.t has no rejects"):
        place.repair()
    write(place, "a.jsonl", "{")
    place.ingest()
    with pytest.raises(
        UsageError, match=r"raw_place\.t has no reject at a:9; write baikal show raw_place\.t --rejects"
    ):
        place.repair({("a", 9): "x"})
