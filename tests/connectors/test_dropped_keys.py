"""Lines of JSON that no longer have a key: its column is told as gone, once a reading has lines enough to say so."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest
from landing_place import Place

from connectors.readers.json_lines import LineParser
from connectors.readers.unmet import UnmetColumns
from transforms.column import Column
from transforms.lake_types import BIGINT

SCHEMA = "t: {id: bigint, userid: string, note: string}"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    place = Place(tmp_path)
    monkeypatch.setenv("PLACE_URL", str(place.files))
    place.declare("jsonl", 't: {mode: append, path: "*.jsonl", rejects: 50%}', SCHEMA)
    return place


def lines(place: Place, name: str, count: int, **more: object) -> None:
    text = "".join(json.dumps({"id": number, **more}) + "\n" for number in range(count))
    (place.files / name).write_text(text)


def test_a_key_that_is_gone_is_told_when_none_of_a_hundred_lines_has_it(place: Place) -> None:
    lines(place, "a.jsonl", 500, userid="u", note="n")
    assert place.ingest().missing_columns == ()
    lines(place, "b.jsonl", 60, userid="u")
    assert place.ingest().missing_columns == ()
    lines(place, "c.jsonl", 250, userid="u")
    lines(place, "d.jsonl", 250, userid="u")
    assert place.ingest().missing_columns == ("note",)
    assert place.rows("t", "note").count(None) == 560


def test_a_key_that_nobody_declared_is_told_too_when_it_is_gone(place: Place) -> None:
    lines(place, "a.jsonl", 100, userid="u", note="n", extra=1)
    place.ingest()
    lines(place, "b.jsonl", 100, userid="u", note="n")
    assert place.ingest().missing_columns == ("extra",)


def test_one_line_of_many_files_and_threads_that_has_the_key_is_enough(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LineParser, "block_bytes", 1 << 12)
    for number in range(20):
        lines(place, f"{number:02}.jsonl", 400, userid="u")
    with (place.files / "17.jsonl").open("a") as file:
        file.write('{"id": 1, "note": "the only one"}\n')
    assert place.ingest().missing_columns == ()
    lines(place, "late.jsonl", 8000)
    assert place.ingest().missing_columns == ("userid", "note")


def test_a_key_whose_values_are_all_null_is_there_however_it_is_written(place: Place) -> None:
    words = 't: {mode: append, path: "*.jsonl", columns: {金額: amount, memo: remark}}'
    names = "userid, utm_source, _2nd, amount, remark, gone"
    place.declare("jsonl", words, f"t: {{id: bigint, {names.replace(',', ': string,')}: string}}")
    lines(place, "a.jsonl", 200, **{"userId": None, "utm-source": None, "2nd": None, "金額": None, "memo": None})
    assert place.ingest().missing_columns == ("gone",)


def test_records_of_cloudtrail_and_of_firehose_are_json_lines_too(place: Place) -> None:
    (place.files / "a.json").write_text("".join(json.dumps({"id": n, "userid": None}) for n in range(200)))
    place.declare("jsonl", 't: {mode: append, path: "a.json"}', SCHEMA)
    assert place.ingest().missing_columns == ("note",)
    records = [{"eventName": "Get", "errorCode": None} for _ in range(200)]
    (place.files / "b.json").write_text(json.dumps({"Records": records}))
    words = 'u: {mode: append, path: "b.json", format: cloudtrail}'
    place.declare("logs", words, "u: {eventname: string, errorcode: string, gone: string}")
    assert place.ingest("u").missing_columns == ("gone",)


def test_fields_of_logs_are_there_when_their_form_has_them(place: Place) -> None:
    place.declare(
        "logs", 't: {mode: append, path: "*.log", format: nginx}', "t: {remote_user: string, http_referer: string}"
    )
    text = '1.2.3.4 - - [01/May/2024:10:00:00 +0900] "GET / HTTP/1.1" 200 5 "-" "-"\n'
    (place.files / "a.log").write_text(text * 200)
    landed = place.ingest()
    assert (landed.rows, landed.missing_columns) == (200, ())


def test_bytes_are_not_looked_at_once_every_column_was_met() -> None:
    met, texts = UnmetColumns([Column("id", BIGINT)], {}), iter([b"{}"])
    met.meet(pa.RecordBatch.from_arrays([pa.array([None, 1])], names=["id"]), 2, texts)
    assert (met.missing, list(texts)) == ([], [b"{}"])
