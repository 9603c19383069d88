"""Presets of attribution and ad networks, against servers that answer as the vendors' documentation says, with dirt."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from api_server import Answer, Api, serve
from landing_place import Place

from connectors.content import open_content
from connectors.readers import rest
from connectors.readers.rest.reading import RestReader
from transforms.errors import DataError, OutsideError, SchemaChanged

pytestmark = pytest.mark.http

KEY = "api_key: {secret: place_key}\n"
CSV = {"Content-Type": "text/csv"}
waits: list[float] = []


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    with serve() as api:
        monkeypatch.setenv("PLACE_URL", f"{api.address}/app/id42")
        monkeypatch.setenv("PLACE_KEY", "k")
        monkeypatch.setattr(rest, "reader", lambda: RestReader(sleep=waits.append))
        waits.clear()
        yield api


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def keyed(answer: Callable[[str, dict[str, str]], Answer]) -> Callable[[str, dict[str, str], Any], Answer]:
    """The same for requests with the key, and 401 for others."""
    return lambda path, query, headers: answer(path, query) if headers["Authorization"] == "Bearer k" else (401, {}, {})


class RawData:
    """Installs by AppsFlyer's Pull API: newest first, without `to` itself; ends at `most` rows without a word."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.rows: list[tuple[datetime, str]] = []
        self.cut = 0

    def __call__(self, path: str, query: dict[str, str]) -> Answer:
        if path != "/app/id42/installs_report/v5" or query["timezone"] != "UTC":
            return 404, {}, b"Not found"
        assert query["maximum_rows"] == "1000000"
        start, end = (datetime.fromisoformat(query[word]) for word in ("from", "to"))
        rows = sorted((row for row in self.rows if start <= row[0] < end), reverse=True)
        self.cut += len(rows) >= self.most
        lines = [f'{at:%F %T},{name},"a ""b"", {name}",5.10' for at, name in rows[: self.most]]
        return 200, CSV, "\ufeffEvent Time,AppsFlyer ID,Campaign,Cost Value\n{}".format("\n".join(lines)).encode()


INSTALLS = """
    installs_report: {event_time: timestamp, appsflyer_id: string, campaign: string, cost_value: "decimal(10,2)"}
    """


def test_raw_data_that_is_cut_off_is_asked_for_in_halves_and_nothing_is_lost(place: Place, api: Api) -> None:
    vendor = RawData(most=10)
    start = datetime(2024, 5, 17, 15)
    vendor.rows = [(start + timedelta(minutes=9 * n), f"i{n:03}") for n in range(150)]
    vendor.rows += [(start + timedelta(hours=2), f"same{n}") for n in range(7)]
    api.answer = keyed(vendor)
    top = f"preset: appsflyer\n{KEY}"
    place.declare("rest", "installs_report: {begin: 2024-05-18, most_rows: 10}", INSTALLS, top=top)
    landed = place.ingest("installs_report")
    assert (landed.rows, landed.rejects) == (157, 0)
    assert vendor.cut > 8
    rows = place.rows("installs_report", "appsflyer_id", "event_time")
    assert rows == sorted((name, at) for at, name in vendor.rows)
    assert {row["campaign"] for row in place.rows("installs_report")} >= {'a "b", i000'}
    assert {row["day"] for row in place.rows("installs_report")} == {"2024-05-18"}, "days of the company"
    assert place.ingest("installs_report").unchanged
    del vendor.rows[0]
    vendor.rows.append((datetime(2024, 5, 19, 1), "late"))
    assert not place.ingest("installs_report").unchanged
    assert place.rows("installs_report", "appsflyer_id") == sorted(name for _, name in vendor.rows)


def test_an_upsert_restates_no_days_although_the_preset_does(place: Place, api: Api) -> None:
    vendor = RawData(most=10)
    start = datetime(2024, 5, 18, 3)
    vendor.rows = [(start + timedelta(hours=12 * n), f"i{n}") for n in range(4)]
    api.answer = keyed(vendor)
    words = "installs_report: {begin: 2024-05-18, mode: upsert, key: appsflyer_id}"
    place.declare("rest", words, INSTALLS, top=f"preset: appsflyer\n{KEY}")
    place.ingest("installs_report")
    vendor.rows[0] = (start + timedelta(hours=37), "i0")
    place.ingest("installs_report")
    assert api.asked[-1]["from"] == "2024-05-19 14:00:00", "an hour before the newest"
    assert place.rows("installs_report", "appsflyer_id", "event_time") == sorted((name, at) for at, name in vendor.rows)


def test_a_second_with_more_rows_than_an_answer_is_told_and_nothing_is_published(place: Place, api: Api) -> None:
    vendor = RawData(most=10)
    vendor.rows = [(datetime(2024, 5, 18), f"i{n}") for n in range(11)]
    api.answer = keyed(vendor)
    top = f"preset: appsflyer\n{KEY}"
    place.declare("rest", "installs_report: {begin: 2024-05-18, most_rows: 10}", INSTALLS, top=top)
    with pytest.raises(DataError, match="an answer has 10 rows, at which the API cuts it off, and cannot be asked for"):
        place.ingest("installs_report")
    assert place.rows("installs_report") == []


def test_a_used_up_quota_of_reports_ends_the_run(place: Place, api: Api) -> None:
    told = b"You've reached your maximum number of install reports that can be downloaded today for this app."
    api.answer = lambda *_: (403, {}, told)
    place.declare("rest", "installs_report: {begin: 2024-05-18}", INSTALLS, top=f"preset: appsflyer\n{KEY}")
    with pytest.raises(OutsideError, match=r"/app/id42/installs_report/v5 answered HTTP 403; may this key read it"):
        place.ingest("installs_report")
    assert len(api.asked) == 1, "not asked again and again"


SUMS = "sums: {day_on: date, network: string, installs: bigint, cost: 'decimal(12,2)'}"
ADJUST = "sums: {begin: 2024-05-01, parameters: {dimensions: 'day,network', metrics: 'installs,cost'}}"


def test_sums_of_days_are_restated_for_a_week(place: Place, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLACE_URL", api.address)
    book = {f"2024-05-{day:02}": "1.5" for day in range(1, 19)}
    dirty = [(503, {}, b""), (429, {"Retry-After": "3"}, b"Too many requests")]

    def vendor(path: str, query: dict[str, str]) -> Answer:
        if dirty:
            return dirty.pop()
        if path != "/reports-service/csv_report":
            return 404, {}, b""
        start, _, end = query["date_period"].partition(":")
        header = f"{query['dimensions']},{query['metrics']}"
        lines = [f'{day},"x, y",1200,{cost}' for day, cost in book.items() if start <= day <= end]
        return (200, CSV, "\r\n".join([header, *lines]).encode()) if lines else (204, {}, b"")

    api.answer = keyed(vendor)
    place.declare("rest", ADJUST, SUMS, top=f"preset: adjust\n{KEY}")
    landed = place.ingest("sums")
    assert (landed.rows, landed.new_columns, landed.missing_columns, landed.warnings) == (18, (), (), ())
    assert waits == [3.0, 1.0]
    assert api.asked[-1]["date_period"] == "2024-05-01:2024-05-20"
    book |= {"2024-05-02": "9", "2024-05-18": "9.25", "2024-05-20": "3"}
    place.ingest("sums")
    assert api.asked[-1]["date_period"] == "2024-05-11:2024-05-20"
    costs = {str(row["day_on"])[-2:]: str(row["cost"]) for row in place.rows("sums")}
    assert (costs["02"], costs["18"], costs["20"], len(costs)) == ("1.50", "9.25", "3.00", 19)
    book.clear()
    place.ingest("sums")
    assert len(place.rows("sums")) == 12, "the days of the week that are asked for are empty now"


def test_a_report_in_another_form_and_bad_cells_are_seen(
    place: Place, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLACE_URL", api.address)
    place.declare("rest", ADJUST.replace("{begin", "{rejects: 50%, begin"), SUMS, top=f"preset: adjust\n{KEY}")
    body = b"day,network,installs,skad\n2024-05-01,a,many,1\n2024-05-01,\xff,2,1\n2024-05-02,b,3,1\n2024-05-03,c,4,2\n"
    api.answer = keyed(lambda path, query: (200, CSV, body))
    landed = place.ingest("sums")
    assert [column.name for column in landed.new_columns] == ["skad"]
    assert landed.missing_columns == ("cost",)
    assert [(reject["_line"], reject["raw"]) for reject in place.rejects("sums")] == [
        (1, b"2024-05-01,a,many,1"),
        (2, b"2024-05-01,\xff,2,1"),
    ]
    mended = place.repair({("/reports-service/csv_report", 1): "2024-05-01,a,77,1"})
    assert (mended.rows, mended.rejects) == (1, 1)
    assert sorted(row["installs"] for row in place.rows("sums")) == [3, 4, 77]
    api.answer = keyed(lambda path, query: (200, CSV, b"<html><body>Maintenance</body></html>"))
    with pytest.raises(SchemaChanged, match="the header names no column of the table"):
        place.ingest("sums")


class Reports:
    """An ad network: reports are made on request, ready at the third look, and lie on a host for files."""

    def __init__(self, files: str) -> None:
        self.files, self.asked = files, list[dict[str, Any]]()
        self.looks, self.fails = 0, False
        self.book = {f"2024-05-{day:02}": 10 for day in range(1, 21)}

    def __call__(self, path: str, query: dict[str, Any]) -> Answer:
        if path == "/v1/reports":
            self.asked.append(query)
            self.looks = 0
            return 202, {}, {"report_id": len(self.asked), "status": "PENDING"}
        self.looks += 1
        if path != f"/v1/reports/{len(self.asked)}":
            return 404, {}, {}
        if self.looks == 1:
            return 500, {}, {}
        if self.fails and self.looks == 3:
            return 200, {}, {"status": "FAILED", "error": "account 4711 is closed"}
        made = self.looks > 3
        url = f"{self.files}/bucket/{len(self.asked)}.csv.gz?signature=s" if made else None
        return 200, {}, {"status": "COMPLETED" if made else "IN_PROGRESS", "url": url}

    def file(self, path: str, query: dict[str, str], headers: Any) -> Answer:
        """A store of files refuses what it did not sign."""
        if "Authorization" in headers or query != {"signature": "s"}:
            return 400, {}, b"only one way to authenticate"
        asked = self.asked[int(path.removeprefix("/bucket/").removesuffix(".csv.gz")) - 1]
        days = [day for day in self.book if asked["start_date"] <= day <= asked["end_date"]]
        text = "".join(f"{day},{name},{self.book[day]}\n" for day in days for name in ("a", "b"))
        packed = gzip.compress(f"date,campaign,clicks\n{text}".encode())
        if self.looks == 4:
            self.looks += 1
            return 200, {"Content-Length": str(len(packed) + 9), "Connection": "close"}, packed[: len(packed) // 2]
        return 200, {}, packed


ADS = "clicks: {date: date, campaign: string, clicks: bigint}"


def test_a_report_is_asked_for_waited_for_and_downloaded_from_where_it_lies(
    place: Place, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLACE_URL", api.address)
    with serve() as store:
        vendor = Reports(store.address)
        api.answer, store.answer = keyed(vendor), vendor.file
        words = "clicks: {begin: 2024-05-01, report: {parameters: {level: [campaign, ad], rows: 5}}}"
        place.declare("rest", words, ADS, top=f"preset: ad_reports\n{KEY}")
        assert place.ingest("clicks").rows == 40
        assert vendor.asked == [
            {
                "start_date": "2024-05-01",
                "end_date": "2024-05-20",
                "format": "CSV",
                "level": ["campaign", "ad"],
                "rows": 5,
            }
        ]
        assert waits == [0.5, 1.0, 2.0, 0.5], "a failing look, two looks too early, and half a file"
        assert place.ingest("clicks").unchanged
        assert vendor.asked[-1]["start_date"] == "2024-05-13"
        vendor.book |= {"2024-05-02": 99, "2024-05-15": 50}
        place.ingest("clicks")
        clicks = {str(row["date"])[-2:]: row["clicks"] for row in place.rows("clicks")}
        assert (clicks["02"], clicks["15"], len(clicks)) == (10, 50, 20)
        vendor.fails = True
        with pytest.raises(OutsideError, match=r"the report of /v1/reports ended as FAILED") as failed:
            place.ingest("clicks")
        assert "4711" not in str(failed.value)
        assert len(place.rows("clicks")) == 40


def test_a_report_that_is_never_done_is_given_up(place: Place, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLACE_URL", api.address)
    api.answer = lambda *_: (200, {}, {"report_id": "r", "status": "PENDING"})
    words = "clicks: {begin: 2024-05-01, report: {patience: 2m}}"
    place.declare("rest", words, ADS, top=f"preset: ad_reports\n{KEY}")
    with pytest.raises(OutsideError, match="is not done after 121 s; write patience: a longer time under report:"):
        place.ingest("clicks")
    assert waits == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]
    api.answer = lambda *_: (200, {}, {"status": "PENDING"})
    with pytest.raises(DataError, match="the answer about the report has nothing at report_id"):
        place.ingest("clicks")


def test_what_the_file_says_goes_before_what_the_preset_says(
    place: Place, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLACE_URL", api.address)
    api.answer = keyed(lambda path, query: (200, CSV, b"day_on,installs\n2024-05-02,1\n"))
    words = "sums: {begin: 2024-05-20, path: /mine, parameters: {date_period: '{since}', a: 1}}"
    place.declare("rest", words, SUMS, top=f"preset: adjust\n{KEY}")
    place.now = datetime(2024, 5, 20, 12, tzinfo=UTC)
    place.ingest("sums")
    assert api.asked == [{"date_period": "2024-05-20", "a": "1"}]


def test_an_unknown_preset_is_told_with_those_that_are_there(place: Place) -> None:
    place.declare("rest", "accounts: {object: Account}", SUMS, top="preset: salesforse\n")
    told = "\n".join(map(str, open_content(place.home).problems))
    assert 'place.yaml:5: there is no preset "salesforse"; presets are ad_reports, adjust, appsflyer' in told
    assert "salesforce" in told
