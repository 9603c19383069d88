"""Which part of a list is asked for: first days, windows, margins, the API's own words; nothing twice."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from api_server import Answer, Api
from landing_place import NOW, Place

from connectors.readers import rest
from connectors.readers.rest.reading import RestReader

pytestmark = pytest.mark.http

ROWS = "t: {id: bigint, at: timestamp, name: string}"


def row(number: int, hour: int, name: str = "x") -> dict[str, object]:
    return {"id": number, "at": f"2024-05-20T{hour:02}:00:00Z", "name": name}


def test_a_margin_before_the_cursor_is_asked_for_again_and_late_rows_are_found(place: Place, api: Api) -> None:
    place.declare("rest", "t: {mode: append, path: /t, since: after, cursor: at, key: id, margin: 2h}", ROWS)
    rows = [row(1, 0), row(2, 2)]
    api.answer = lambda *_: (200, {}, rows)
    place.ingest()
    rows.append(row(3, 1, "late"))
    assert place.ingest().rows == 1
    assert api.asked == [{}, {"after": "2024-05-20T00:00:00Z"}]
    assert place.rows("t", "id") == [1, 2, 3]


def test_days_before_the_first_one_are_not_restated(place: Place, api: Api) -> None:
    words = "mode: append, path: /t, since: after, cursor: on, day: on, begin: 2024-05-18, restate: 20 days"
    place.declare("rest", f"t: {{{words}}}", "t: {id: int, on: date}")
    api.answer = lambda *_: (200, {}, [{"id": 1, "on": "2024-05-20"}])
    place.ingest()
    place.ingest()
    assert api.asked == [{"after": "2024-05-18"}] * 2


def test_a_margin_of_hours_before_a_date_is_a_day(place: Place, api: Api) -> None:
    place.declare(
        "rest", "t: {mode: upsert, path: /t, since: after, cursor: on, key: id, margin: 5h}", "t: {id: int, on: date}"
    )
    api.answer = lambda *_: (200, {}, [{"id": 1, "on": "2024-05-20"}])
    place.ingest()
    place.ingest()
    assert api.asked == [{}, {"after": "2024-05-19"}]


def test_rows_that_were_not_asked_for_are_not_added_again(place: Place, api: Api) -> None:
    """The API knows no parameter of the kind and gives everything each time."""
    place.declare("rest", "t: {mode: append, path: /t, cursor: at, key: id, margin: 1h}", ROWS)
    rows = [row(n, n) for n in range(1, 9)]
    api.answer = lambda *_: (200, {}, rows)
    place.ingest()
    rows.append(row(9, 9))
    assert place.ingest().rows == 1
    assert place.rows("t", "id") == list(range(1, 10))
    assert place.ingest().unchanged


def test_a_row_without_a_cursor_is_a_reject_once(place: Place, api: Api) -> None:
    place.declare("rest", "t: {mode: append, path: /t, cursor: at, key: id, rejects: 90%}", ROWS)
    api.answer = lambda *_: (200, {}, [row(1, 1), {"id": 2, "name": "y"}])
    place.ingest()
    place.ingest()
    assert place.rows("t", "id") == [1]
    assert [reject["reason"] for reject in place.rejects()] == ["at is the cursor and NULL"]


def test_a_first_day_and_windows_cut_the_way_into_requests(place: Place, api: Api) -> None:
    days = "t: {mode: append, path: /t, since: from, until: to, cursor: on, day: on, begin: 2024-05-01, window: 7 days}"
    place.declare("rest", days, "t: {on: date}")

    def answer(path: str, query: dict[str, str], headers: object) -> Answer:
        found = [f"2024-05-{day:02}" for day in range(1, 32)]
        return 200, {}, [{"on": day} for day in found if query["from"] <= day <= query["to"]]

    api.answer = answer
    place.ingest()
    assert [(asked["from"][-2:], asked["to"][-2:]) for asked in api.asked] == [("01", "07"), ("08", "14"), ("15", "20")]
    assert len(place.rows()) == 20
    assert place.ingest().unchanged


@pytest.mark.parametrize(
    ("form", "asked"),
    [
        ("", [("2024-05-18T15:00:00Z", "2024-05-19T15:00:00Z"), ("2024-05-19T15:00:00Z", "2024-05-20T15:00:00Z")]),
        (", time_format: epoch", [("1716044400", "1716130800"), ("1716130800", "1716217200")]),
        (", time_format: epoch_ms", [("1716044400000", "1716130800000"), ("1716130800000", "1716217200000")]),
    ],
)
def test_windows_of_moments_meet_and_no_row_comes_twice(
    place: Place, api: Api, form: str, asked: list[tuple[str, str]]
) -> None:
    words = "t: {mode: append, path: /t, since: a, until: b, cursor: at, begin: 2024-05-19, window: 1 day"
    place.declare("rest", f"{words}{form}}}", ROWS)
    place.now = datetime(2024, 5, 20, 3, tzinfo=UTC)
    last = {"id": 1, "at": "2024-05-19T14:59:59.999Z"}
    midnight = {"id": 2, "at": "2024-05-19T15:00:00Z"}
    windows = dict(zip([since for since, _ in asked], [[last, midnight], [midnight]], strict=True))
    api.answer = lambda path, query, headers: (200, {}, windows[query["a"]])
    assert place.ingest().rows == 2
    assert [(each["a"], each["b"]) for each in api.asked] == asked


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ("since: a, until: b, time_format: epoch", {"a": "1716163200", "b": "1716174000"}),
        ("since: a, time_format: epoch_ms", {"a": "1716163200000"}),
        ('since: a, time_format: "%Y%m%d%H"', {"a": "2024052000"}),
        ('parameters: {q: "select {columns} where at >= {since}", n: 5}', {
            "q": "select id,at,FullName where at >= 2024-05-20T00:00:00Z", "n": "5",
        }),
    ],
)  # fmt: skip
def test_moments_are_written_as_the_api_wants_them(place: Place, api: Api, words: str, asked: dict[str, str]) -> None:
    place.declare(
        "rest",
        f"t: {{mode: upsert, path: /t, key: id, cursor: at, margin: 1h, columns: {{FullName: name}}, {words}}}",
        ROWS,
    )
    place.now = datetime(2024, 5, 20, 3, tzinfo=UTC)
    api.answer = lambda *_: (200, {}, [{"id": 1, "at": "2024-05-20T10:00:00+09:00", "FullName": "x"}])
    place.ingest()
    place.ingest()
    assert api.asked[-1] == asked
    assert place.rows("t", "name") == ["x"]


def test_the_rate_of_requests_is_kept(place: Place, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(rest, "reader", lambda: RestReader(sleep=waits.append))
    place.declare("rest", "t: {mode: snapshot, path: /t, page: p}", ROWS, top="rate: 60/m\n")
    api.answer = lambda path, query, headers: (200, {}, [row(int(query["p"]), 1)] if int(query["p"]) < 5 else [])
    place.ingest()
    assert len(waits) == 4
    assert all(0.5 < wait <= number + 1 for number, wait in enumerate(waits))


def of_may(number: int, day: int, year: int = 2024) -> dict[str, object]:
    return {"id": number, "on": f"{year}-05-{day:02}", "at": f"{year}-05-{day:02}T01:00:00Z"}


def from_then_on(api: Api, word: str) -> list[dict[str, object]]:
    """The rows of a list that knows `after` and `before`, both included."""
    rows: list[dict[str, object]] = []

    def answer(path: str, query: dict[str, str], headers: object) -> Answer:
        first, last = query.get("after", ""), query.get("before", "9")
        return 200, {}, [one for one in rows if first <= str(one[word]) <= last]

    api.answer = answer
    return rows


@pytest.mark.parametrize("mode", ["append", "upsert"])
@pytest.mark.parametrize("cursor", ["at", "on"])
def test_a_row_of_a_far_future_hides_no_new_rows(place: Place, api: Api, mode: str, cursor: str) -> None:
    words = f"t: {{mode: {mode}, path: /t, since: after, cursor: {cursor}, key: id, margin: 2 days}}"
    place.declare("rest", words, "t: {id: bigint, on: date, at: timestamp}")
    rows = from_then_on(api, cursor)
    rows += [of_may(1, 1), of_may(2, 19), of_may(99, 1, year=2999)]
    place.ingest()
    rows += [of_may(3, 19), of_may(4, 20)]
    landed = place.ingest()
    assert (landed.rows, landed.warnings, place.rows("t", "id")) == (2, (), [1, 2, 3, 4, 99])
    assert api.asked[-1] == {"after": "2024-05-18" + ("T03:00:00Z" if cursor == "at" else "")}
    assert place.ingest().unchanged


@pytest.mark.parametrize("words", ["", ", until: before", ", until: before, window: 2 days, begin: 2024-05-15"])
def test_a_row_of_a_far_future_keeps_no_day_from_being_restated(place: Place, api: Api, words: str) -> None:
    days = f"t: {{mode: append, path: /t, since: after, cursor: on, day: on, restate: 2 days{words}}}"
    schema = "t: {id: bigint, on: date, at: timestamp}"
    rows = from_then_on(api, "on")
    rows += [of_may(1, 16), of_may(2, 19), of_may(99, 1, year=2999)]
    place.declare("rest", days.replace(", window: 2 days", ""), schema)
    place.now = datetime(2999, 6, 1, tzinfo=UTC)
    place.ingest()
    place.now = NOW
    rows[1] = of_may(3, 20)
    place.declare("rest", days, schema)
    landed = place.ingest()
    assert (landed.rejects, place.rows("t", "id")) == (0, [1, 3, 99])
    assert api.asked[-1]["after"] <= "2024-05-20"
    assert place.ingest().unchanged


def test_a_cursor_that_an_earlier_version_left_in_the_future_is_told(place: Place, api: Api) -> None:
    place.declare("rest", "t: {mode: upsert, path: /t, since: after, cursor: at, key: id}", ROWS)
    rows = from_then_on(api, "at")
    rows.append({"id": 1, "at": "2999-05-01T01:00:00Z", "name": "x"})
    place.now = datetime(2999, 6, 1, tzinfo=UTC)
    place.ingest()
    place.now = NOW
    rows.append(row(2, 2))
    (told,) = place.ingest().warnings
    assert told.startswith("raw_place.t: rows before 2999-05-01 00:00:00 are not asked for")
    assert told.endswith("write baikal run raw_place.t --full")
    assert (place.ingest(full=True).warnings, place.rows("t", "id")) == ((), [1, 2])
    assert place.ingest().warnings == ()
