"""Google Sheets by the real gspread: exact cells of one moment, a quota that is waited for, a key never shown."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from google_sheets import EMAIL, ID, Google, Sheet, google, refusal
from hypothesis import given
from hypothesis import strategies as st
from landing_place import Place

from connectors.readers import sheets
from connectors.readers.sheets.cells import grids
from connectors.readers.sheets.reading import SheetsReader
from local_dev.cli import baikal
from transforms.errors import ContentError, OutsideError, SchemaChanged

pytestmark = pytest.mark.http

TOP = "service_account: place_key\n"
SCHEMA = """
    t:
      deal: string
      amount: decimal(14,2)
      on: date
      at: timestamp
      won: boolean
    """
HEADER = ("Deal", "Amount", "On", "At", "Won")


@pytest.fixture
def there() -> Iterator[Google]:
    with google() as there:
        yield there


@pytest.fixture
def place(there: Google, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    place = Place(tmp_path)
    monkeypatch.setenv("PLACE_URL", there.link)
    monkeypatch.setenv("PLACE_KEY", there.key())
    waits: list[float] = []
    monkeypatch.setattr(sheets, "reader", lambda: SheetsReader(waits.append))
    monkeypatch.setattr(there, "waits", waits, raising=False)
    declare(place)
    return place


def declare(place: Place, words: str = "", schema: str = SCHEMA) -> None:
    place.declare("sheets", f"t: {{mode: snapshot, rejects: 90%{words}}}", schema, TOP)


def test_cells_land_as_the_values_they_have(place: Place, there: Google) -> None:
    moment = datetime(2024, 5, 1, 12, 34, 56, 789_000)
    there.sheets = [
        Sheet(
            "t",
            [
                ("売上の表",),
                (),
                HEADER,
                ("D1", 0.1 + 0.2, date(2024, 5, 1), moment, True),
                ("D2", "￥1,200", "2024/5/2", None, None),
                (None, None, None, None, None),
                (7, None, date(1899, 12, 31), None, False),
                (time(9, 30), None, None, None, None),
                (timedelta(hours=160, minutes=30), None, None, None, None),
            ],
        )
    ]
    landed = place.ingest()
    assert (landed.rows, landed.rejects, landed.warnings) == (5, 0, ())
    assert place.rows("t", "deal", "amount", "on", "at", "won") == [
        ("09:30:00", None, None, None, None),
        ("160:30:00", None, None, None, None),
        ("7", None, date(1899, 12, 31), None, False),
        ("D1", Decimal("0.30"), date(2024, 5, 1), moment, True),
        ("D2", Decimal(1200), date(2024, 5, 2), None, None),
    ]
    version = landed.version
    assert place.ingest().unchanged
    assert place.ingest().version == version
    assert [path for path, _ in there.asked[:3]] == ["/token", *[f"/v4/spreadsheets/{ID}"] * 2]


def test_rejects_have_the_sheet_and_the_row(place: Place, there: Google) -> None:
    there.sheets = [Sheet("t", [HEADER, ("D1", "#N/A"), ("D2", date(2024, 5, 1)), ("D3", 1)])]
    assert place.ingest().rejects == 2
    assert [(row["_file"], row["_line"], row["reason"]) for row in place.rejects()] == [
        ("t", 2, "amount: #N/A"),
        ("t", 3, "amount: a date (2024-05-01) is not decimal(14,2)"),
    ]


def test_a_cell_that_is_still_computed_is_waited_for_by_the_next_run(place: Place, there: Google) -> None:
    there.sheets = [Sheet("t", [HEADER, ("D1", "#LOADING")])]
    with pytest.raises(OutsideError, match="t, row 2: Google is still computing a cell; nothing was published"):
        place.ingest()


def test_merged_cells_and_hidden_sheets(place: Place, there: Google) -> None:
    merge = {"startRowIndex": 1, "endRowIndex": 3, "startColumnIndex": 0, "endColumnIndex": 1}
    there.sheets = [
        Sheet("Chart1", [], kind="OBJECT"),
        Sheet("It's", [HEADER, ("D1", 1), (None, 2)], [merge]),
        Sheet("secret", [("x",)], hidden=True),
    ]
    declare(place, ", merged: fill")
    place.ingest()
    assert place.rows("t", "deal", "amount") == [("D1", Decimal(1)), ("D1", Decimal(2))]


def test_a_sheet_that_is_not_there_is_told_with_those_that_are(place: Place, there: Google) -> None:
    there.sheets = [Sheet("Targets", [HEADER]), Sheet("Notes", [])]
    with pytest.raises(SchemaChanged, match=r"has no sheet t; its sheets are Targets and Notes; write sheet: and the"):
        place.ingest()
    declare(place, ", sheet: Target")
    with pytest.raises(SchemaChanged, match=r'has no sheet Target; did you mean "Targets"\?'):
        place.ingest()


def test_the_quota_of_a_minute_is_waited_for(place: Place, there: Google) -> None:
    there.sheets = [Sheet("t", [HEADER, ("D1", 1)])]
    there.failures = [*[refusal(429, "RESOURCE_EXHAUSTED")] * 5, refusal(503, "UNAVAILABLE", after="7")]
    assert place.ingest().rows == 1
    *waits, quiet = there.waits  # type: ignore[attr-defined]  # set by the fixture
    assert waits == [2, 4, 8, 16, 32, 7]
    assert 7 < quiet < 32, "what Google asked for holds for the next request too; no time has passed here"
    there.failures = [refusal(429, "RESOURCE_EXHAUSTED")] * 9
    with pytest.raises(OutsideError, match="Google failed 7 times, at last with HTTP 429"):
        place.ingest()


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (refusal(403, "PERMISSION_DENIED"), f"may not be read; share it with {EMAIL}, as a viewer"),
        (refusal(403, "PERMISSION_DENIED", {"reason": "SERVICE_DISABLED"}), "the Google Sheets API is not enabled"),
        (refusal(404, "NOT_FOUND"), "there is no spreadsheet at the address of the connection"),
        ((500, {}, b"<html>"), "Google failed 7 times, at last with HTTP 500"),
        ((400, {}, b"<html>"), "Google answered HTTP 400"),
    ],
)
def test_what_google_refuses_is_told_without_its_words(place: Place, there: Google, failure: Any, told: str) -> None:
    there.failures = [failure] * 7
    with pytest.raises(OutsideError, match=told) as raised:
        place.ingest()
    assert str(raised.value).startswith("connectors/sources/place.yaml:4: ")
    assert ID not in str(raised.value)


@pytest.mark.parametrize("key", ["sesame-4711", "{}", '{"type": "service_account", "private_key": "sesame-4711"}'])
def test_what_is_no_key_is_never_shown(place: Place, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLACE_KEY", key)
    with pytest.raises(ContentError, match="the secret place_key is no key of a service account") as raised:
        place.ingest()
    assert "sesame" not in str(raised.value)


def test_a_key_that_google_does_not_know_is_told_and_not_shown(
    place: Place, there: Google, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLACE_KEY", there.key(client_email="other", token_uri=f"{there.api.address}/token?x=sesame"))
    with pytest.raises(OutsideError, match="Google gives no token for the key: invalid_grant") as raised:
        place.ingest()
    assert "sesame" not in str(raised.value)


def test_a_source_is_written_by_one_command_and_tells_what_changed(
    place: Place, there: Google, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("HOME", place.home), ("LAKE", place.home / "lake")):
        monkeypatch.setenv(f"BAIKAL_{name}", str(value))
    cells = [("目標",), (), ("Rep", "Yen", "On", "メモ"), ("Taro", 1, date(2024, 5, 1), "#N/A"), ("合計", 1)]
    there.sheets = [Sheet("Targets", list(cells)), Sheet("目標", [("id",), (7,)]), Sheet("x", [], hidden=True)]
    words = ("new", "source", "plan", "--kind", "sheets", "--connection", "PLACE_URL", "--service-account", "place_key")
    result = CliRunner().invoke(baikal, list(words))
    assert result.exit_code == 0, result.output
    source = (place.home / "connectors/sources/plan.yaml").read_text()
    assert "service_account: place_key\n" in source
    assert '  targets: {mode: snapshot, sheet: Targets, errors: as_null, columns: {"メモ": note}}\n' in source
    assert '  target: {mode: snapshot, sheet: "目標"}\n' in source
    schema = (place.home / "connectors/sources/plan.schema.yaml").read_text()
    assert schema.startswith('targets:\n  rep: {type: string}\n  yen: {type: bigint}\n  "on": {type: date}\n')
    assert "PRIVATE KEY" not in result.output + source + schema
    assert CliRunner().invoke(baikal, ["run", "source:plan"]).exit_code == 0
    assert CliRunner().invoke(baikal, ["diff", "source:plan"]).stdout == "source:plan is as it is declared\n"
    there.sheets = [Sheet("Targets", [("Rep", "Yen", "On", "メモ", "New"), ("Taro", 1.5, None, None, True)])]
    told = CliRunner().invoke(baikal, ["diff", "source:plan"]).stdout
    for line in ("new      targets.new", "widened|changed  targets.yen", "gone     target"):
        assert re.search(line.replace(" ", r"\s*"), told), told


def test_no_log_however_detailed_shows_the_key_or_a_token(
    place: Place, there: Google, caplog: pytest.LogCaptureFixture
) -> None:
    there.sheets = [Sheet("t", [HEADER, ("D1", 1)])]
    with caplog.at_level(logging.DEBUG):
        assert place.ingest().rows == 1
    assert there.tokens == 1
    assert "POST /token" in caplog.text
    assert not re.search(r"PRIVATE|token-1|eyJ|assertion=", caplog.text)


def test_a_key_may_be_a_file(place: Place, there: Google, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key.json").write_text(there.key())
    monkeypatch.setenv("PLACE_KEY", str(tmp_path / "key.json"))
    there.sheets = [Sheet("t", [HEADER, ("D1", 1)])]
    assert place.ingest().rows == 1


@pytest.mark.parametrize(
    ("tables", "top", "told"),
    [
        ("t: {mode: append, cursor: id}", TOP, "a sheet is read whole each time, and cannot append"),
        ("t: snapshot", "", "service_account is missing"),
    ],
)
def test_what_a_sheet_cannot_is_told_before_it_is_read(place: Place, tables: str, top: str, told: str) -> None:
    place.declare("sheets", tables, SCHEMA, top)
    with pytest.raises(AssertionError, match=told):
        place.lake()


@given(st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)).map(lambda at: at.replace(microsecond=0)))
def test_every_moment_is_the_same_after_its_way_as_a_number_of_days(moment: datetime) -> None:
    serial = (moment - datetime(1899, 12, 30)) / timedelta(days=1)
    cell = {"effectiveValue": {"numberValue": serial}, "effectiveFormat": {"numberFormat": {"type": "DATE_TIME"}}}
    sheet = {"properties": {"title": "s"}, "data": [{"rowData": [{"values": [cell]}]}]}
    assert [cells for grid in grids({"sheets": [sheet]}) for _, cells in grid.rows] == [[moment]]
