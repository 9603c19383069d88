"""Answers in CSV: pages, encodings, packed bodies, what breaks on the way; typed as CSV files are."""

from __future__ import annotations

import gzip
import os
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from api_server import Answer, Api
from landing_place import Place

from connectors.readers.rest.client import Client
from transforms.errors import DataError

pytestmark = pytest.mark.http

ROWS = [("2024/05/01", "東京", "￥1,200"), ("2024/05/02", "大阪", "△300"), ("2024/05/03", "福岡", "")]
SCHEMA = "t: {on: date, city: string, amount: bigint}"


def text(rows: list[tuple[str, str, str]], delimiter: str = ",") -> str:
    quoted = [delimiter.join(f'"{cell}"' for cell in row) + "\r\n" for row in [("on", "city", "amount"), *rows]]
    return "".join(quoted)


@pytest.mark.parametrize("top", ["", "concurrency: 3\n"])
@pytest.mark.parametrize("words", ["page: p", "offset: o, size: 1"])
def test_pages_in_csv_end_with_an_empty_one(place: Place, api: Api, words: str, top: str) -> None:
    def answer(path: str, query: dict[str, str], headers: Any) -> Answer:
        number = int(query["o"]) if "o" in query else int(query["p"]) - 1
        return 200, {}, text(ROWS[number : number + 1], ";").encode("shift_jis")

    api.answer = answer
    form = "format: csv, encoding: shift_jis, delimiter: ;"
    place.declare(
        "rest",
        f"t: {{mode: snapshot, path: /t, {form.replace(';', chr(34) + ';' + chr(34))}, {words}}}",
        SCHEMA,
        top=top,
    )
    assert place.ingest().rows == 3
    assert place.rows("t", "amount", "city") == [(-300, "大阪"), (1200, "東京"), (None, "福岡")]
    assert place.ingest().unchanged


def packed(body: bytes) -> bytes:
    held = BytesIO()
    with zipfile.ZipFile(held, "w") as members:
        members.writestr("a.csv", body)
    return held.getvalue()


@pytest.mark.parametrize("pack", [gzip.compress, packed])
def test_packed_answers_are_unpacked_and_a_cut_one_fails(place: Place, api: Api, pack: Any) -> None:
    place.declare("rest", "t: {mode: snapshot, path: /t, format: csv}", SCHEMA)
    whole = pack(text(ROWS).encode())
    api.answer = lambda *_: (200, {}, whole)
    assert place.ingest().rows == 3
    api.answer = lambda *_: (200, {}, whole[:-12])
    with pytest.raises(DataError, match=r"place.yaml:6: raw_place.t: /t\S*: the \w+ file ends too early"):
        place.ingest()
    assert len(place.rows()) == 3


def test_an_answer_without_a_row_is_one_of_no_rows(place: Place, api: Api) -> None:
    place.declare("rest", "t: {mode: snapshot, path: /t, format: csv}", SCHEMA)
    api.answer = lambda *_: (204, {}, b"")
    assert place.ingest().rows == 0


def test_an_answer_that_ends_too_early_is_asked_for_again(place: Place, api: Api) -> None:
    body = text(ROWS).encode()
    answers = [(200, {}, body), (200, {"Content-Length": "999", "Connection": "close"}, body[:40])]
    api.answer = lambda *_: answers.pop()
    place.declare("rest", "t: {mode: snapshot, path: /t, format: csv}", SCHEMA)
    assert place.ingest().rows == 3
    assert answers == []


def test_an_answer_on_disk_has_no_name(place: Place, api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its personal values are not protected yet: nobody else can open it, and a kill leaves nothing."""
    place.declare("rest", "t: {mode: snapshot, path: /t, format: csv}", SCHEMA)
    held = tmp_path / "held"
    held.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(held))
    source = place.lake().content.sources["place"]
    client = Client(source, api.address, "here", lambda *_: "")
    seen = []

    def answer(path: str, query: dict[str, str], headers: Any) -> Answer:
        seen.append(sorted(held.iterdir()))
        return 200, {}, text(ROWS).encode()

    api.answer = answer
    found = client.download("/t", {})
    seen.append(sorted(held.iterdir()))
    with found.body as body:
        assert body.read() == text(ROWS).encode()
        assert os.fstat(body.fileno()).st_nlink == 0
    client.close()
    assert seen == [[], []]


@pytest.mark.parametrize(("header", "name"), [("日～", "日～"), ("none", "A")])
def test_a_reject_is_mended_by_the_header_of_its_answer(place: Place, api: Api, header: str, name: str) -> None:
    rows = [] if header == "none" else [f"{header},city\r\n"]
    api.answer = lambda *_: (200, {}, "".join([*rows, "2024/05/01,東京\r\n", "soon,大阪～\r\n"]).encode("cp932"))
    words = f"encoding: shift_jis, {'header: none, ' if header == 'none' else ''}rejects: 60%"
    mapping = f"columns: {{{name}: on{', B: city' if header == 'none' else ''}}}"
    place.declare("rest", f"t: {{mode: append, cursor: on, path: /t, format: csv, {words}, {mapping}}}", SCHEMA)
    assert (place.ingest().rejects, place.rows("t", "city")) == (1, ["東京"])
    (reject,) = place.rejects()
    assert place.repair({(reject["_file"], reject["_line"]): "2024/05/02,大阪～"}).rejects == 0
    assert place.rows("t", "city") == ["大阪～", "東京"]
