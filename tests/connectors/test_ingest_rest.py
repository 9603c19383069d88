"""REST: pages, keys, patience, days that are restated; against a real HTTP server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from api_server import Answer, Api, serve
from landing_place import Place

from connectors.reader import Asked, Reading
from connectors.readers import rest
from connectors.readers.rest.reading import RestReader
from transforms.errors import ContentError, DataError, OutsideError, SchemaChanged

pytestmark = pytest.mark.http

KEY = "sesame-4711"
SCHEMA = """
    t:
      day_on: date
      channel: string
      cost: decimal(12,2)
    """
DRIFT = "t: {id: bigint, name: string, amount: 'decimal(12,2)', gone: string}"
RESTATED = (
    "t: {mode: append, path: /v1/t, rows: data, since: from, until: to, cursor: day_on, day: day_on, restate: 3 days}"
)


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    with serve() as api:
        monkeypatch.setenv("PLACE_URL", api.address)
        monkeypatch.setattr(rest, "reader", lambda: RestReader(sleep=waits.append))
        waits.clear()
        yield api


waits: list[float] = []


@pytest.fixture
def place(tmp_path: Path, api: Api) -> Place:
    place = Place(tmp_path)
    place.declare("rest", "t: {mode: snapshot, path: /v1/t, rows: data.items}", SCHEMA)
    return place


def row(day: int, channel: str, cost: str) -> dict[str, Any]:
    return {"day_on": f"2024-05-{day:02}", "channel": channel, "cost": float(cost)}


def test_a_snapshot_replaces_itself_and_an_equal_one_changes_nothing(place: Place, api: Api) -> None:
    api.answer = lambda *_: (200, {}, b'{"data": {"items": [{"channel": "a", "cost": 12345678.90}]}}')
    assert place.ingest().rows == 1
    assert [str(value) for value in place.rows("t", "cost")] == ["12345678.90"]
    assert place.ingest().unchanged
    api.answer = lambda *_: (200, {}, {"data": {"items": [{"channel": "b"}, {"channel": "c"}]}})
    place.ingest()
    assert place.rows("t", "channel") == ["b", "c"]


def test_everything_again_is_what_an_api_is_asked_for_anyway(
    place: Place, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    met: list[bool] = []

    class Counted(RestReader):
        def read(self, asked: Asked) -> Reading:
            met.append(asked.full)
            return super().read(asked)

    monkeypatch.setattr(rest, "reader", lambda: Counted(sleep=waits.append))
    api.answer = lambda *_: (200, {}, {"data": {"items": [{"channel": "a"}]}})
    assert place.ingest(full=True).rows == 1
    assert len(met) == 1, "read once, not opened in vain before"


@pytest.mark.parametrize(
    "words", ["page: p", "page: p, next: next", "next: link", "offset: skip, limit: top, size: 2", "next: relative"]
)
def test_every_way_of_paging_gives_every_row_once(place: Place, api: Api, words: str) -> None:
    names = [f"c{n}" for n in range(5)]

    def answer(path: str, query: dict[str, str], headers: Any) -> Answer:
        start = int(query.get("skip", 2 * (int(query.get("p", 1)) - 1)))
        more = start + 2 < len(names)
        following = int(query.get("p", 1)) + 1
        link = f"/v1/t?p={following}" if more else None
        found = [{"channel": name} for name in names[start : start + 2]]
        body = {"rows": found, "next": following if more else None, "relative": link}
        return 200, {}, {**body, "link": f"{api.address}{link}" if link else ""}

    api.answer = answer
    place.declare("rest", f"t: {{mode: snapshot, path: /v1/t, rows: rows, {words}}}", SCHEMA)
    place.ingest()
    assert place.rows("t", "channel") == names


@pytest.mark.slow
def test_restated_days_replace_themselves_and_older_ones_stay(place: Place, api: Api) -> None:
    place.declare("rest", RESTATED, SCHEMA)
    book = dict.fromkeys(range(1, 11), "1.00")

    def answer(path: str, query: dict[str, str], headers: Any) -> Answer:
        days = [day for day in book if query.get("from", "0") <= f"2024-05-{day:02}" <= query.get("to", "9")]
        return 200, {}, {"data": [row(day, channel, book[day]) for day in days for channel in "ab"]}

    api.answer = answer
    assert place.ingest().rows == 20
    assert place.ingest().unchanged
    book.update({1: "5.00", 9: "2.00", 10: "3.00", 11: "4.00"})
    place.ingest()
    assert api.asked[-1] == {"from": "2024-05-07", "to": "2024-05-20"}
    costs = {day[-2:]: str(cost) for day, cost in place.rows("t", "day", "cost")}
    assert (costs["01"], costs["08"], costs["09"], costs["10"], costs["11"]) == ("1.00", "1.00", "2.00", "3.00", "4.00")
    assert len(place.rows()) == 22
    before = place.lake().catalog.get(place.lake().content.sources["place"].tables[0].name)
    assert place.ingest().unchanged
    del book[11]
    place.ingest()
    after = place.lake().catalog.get(before.table)
    assert len(place.rows()) == 20
    assert after.parts["2024-05-07"] == before.parts["2024-05-07"]


def test_limits_and_errors_are_waited_for(place: Place, api: Api) -> None:
    answers: list[Answer] = [
        (429, {"Retry-After": "7"}, {}),
        (500, {}, {}),
        (503, {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, {}),
        (503, {"Retry-After": "Wed, 21 Oct 2015 07:28:00"}, {}),
        (503, {"Retry-After": "Wed, 21 Oct 2015 07:28:00 -0000"}, {}),
        (200, {}, {"data": {"items": [{"channel": "a"}]}}),
    ]
    api.answer = lambda *_: answers.pop(0)
    assert place.ingest().rows == 1
    assert waits == [7.0, 1.0, 0.0, 0.0, 0.0]


def test_a_failing_api_is_given_up_and_nothing_is_published(place: Place, api: Api) -> None:
    api.answer = lambda *_: (502, {}, {})
    with pytest.raises(OutsideError, match=r"place\.yaml:6: raw_place\.t: /v1/t failed 6 times, at last with HTTP 502"):
        place.ingest()
    assert len(waits) == 5
    assert place.rows() == []
    api.answer = lambda *_: (429, {"Retry-After": "3600"}, {})
    with pytest.raises(OutsideError, match="asks to wait 3600 s"):
        place.ingest()


def test_the_key_is_sent_and_never_shown(place: Place, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    top = "api_key: {header: X-Key, secret: place_key}\n"
    place.declare("rest", "t: {mode: snapshot, path: /v1/t, rows: data}", SCHEMA, top=top)
    with pytest.raises(
        ContentError,
        match=r"place\.yaml:5: the environment variable PLACE_KEY is not set, which holds the secret place_key",
    ):
        place.ingest()
    monkeypatch.setenv("PLACE_KEY", KEY)
    api.answer = lambda path, query, headers: (200 if headers["X-Key"] == KEY else 401, {}, {"data": []})
    place.ingest()
    monkeypatch.setenv("PLACE_KEY", KEY + "-wrong")
    with pytest.raises(OutsideError, match="HTTP 401; is the key right") as caught:
        place.ingest()
    assert KEY not in str(caught.value)
    written = b"".join(path.read_bytes() for path in (place.home / "lake").rglob("*") if path.is_file())
    assert KEY.encode() not in written


def test_a_following_page_on_another_host_is_not_asked(place: Place, api: Api) -> None:
    place.declare("rest", "t: {mode: snapshot, path: /v1/t, rows: data, next: next}", SCHEMA)
    api.answer = lambda *_: (200, {}, {"data": [], "next": "http://evil.example/v1/t?page=2"})
    with pytest.raises(DataError, match=r"on another host, evil\.example"):
        place.ingest()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"<html>", "did not answer with JSON"),
        (b"", "did not answer with JSON"),
        (b'{"rows": []}', "no list at rows: data.items; it has rows"),
        (b'{"data": {"items": {}}}', "no list at rows: data.items"),
    ],
)
def test_an_answer_of_another_form_is_said_to_be_one(place: Place, api: Api, body: bytes, message: str) -> None:
    api.answer = lambda *_: (200, {}, body)
    with pytest.raises(DataError, match=message):
        place.ingest()


def test_rows_from_the_cursor_on_are_asked_for_and_ties_are_not_doubled(place: Place, api: Api) -> None:
    place.declare("rest", "t: {mode: append, path: /t, since: after, cursor: id, key: id}", "t: {id: bigint}")
    api.answer = lambda path, query, headers: (
        200,
        {},
        [{"id": n} for n in range(int(query.get("after", 1)), last + 1)],
    )
    last = 5
    place.ingest()
    last = 8
    assert place.ingest().rows == 3
    assert place.rows("t", "id") == list(range(1, 9))
    assert place.ingest().unchanged
    assert api.asked[-1] == {"after": "8"}


def test_the_clock_of_the_company_decides_the_last_day(place: Place, api: Api) -> None:
    place.declare("rest", RESTATED, SCHEMA)
    api.answer = lambda *_: (200, {}, {"data": [row(20, "a", "1.00")]})
    place.ingest()
    place.now = datetime(2024, 5, 20, 16, tzinfo=UTC)
    place.ingest()
    assert api.asked[-1]["to"] == "2024-05-21"


def test_an_answer_that_drifts_is_taken_and_told(place: Place, api: Api) -> None:
    place.declare("rest", "t: {mode: append, path: /v1/t, next: n, page: p, rows: data, cursor: id}", DRIFT)
    pages = [[{"id": n, "name": "a", "amount": 1.5} for n in range(60)]]
    pages += [[{"id": n, "amount": 2, "tags": ["x"], "by": {"Name": "b"}} for n in range(60, 130)]]

    def answer(path: str, query: dict[str, str], headers: Any) -> Answer:
        number = int(query.get("p", 0))
        return 200, {}, {"data": pages[number], "n": 1 if number == 0 else None}

    api.answer = answer
    landed = place.ingest()
    assert [(column.name, column.type.hive) for column in landed.new_columns] == [
        ("tags", "array<string>"),
        ("by", "struct<name:string>"),
    ]
    assert (landed.rows, landed.missing_columns) == (130, ("gone",))
    rows = {row["id"]: (row["name"], row["tags"], row["by"], row["gone"]) for row in place.rows()}
    assert (rows[0], rows[129]) == (("a", None, None, None), (None, ["x"], {"name": "b"}, None))
    pages[0] = [{"id": n, "amount": "much", "tags": "x"} for n in range(130, 190)]
    pages[1] = []
    with pytest.raises(SchemaChanged, match=r"amount is no longer decimal\(12,2\) in 60 of 60 rows; nothing was pub"):
        place.ingest()
    assert len(place.rows()) == 130


def test_rejects_are_mended_as_objects_and_the_api_is_not_asked(place: Place, api: Api) -> None:
    api.answer = lambda *_: (200, {}, [row(1, "a", "1"), {**row(1, "b", "2"), "cost": "much"}, 3])
    place.declare("rest", "t: {mode: append, path: /v1/t, cursor: day_on, rejects: 100%}", SCHEMA)
    place.ingest()
    assert [reject["_line"] for reject in place.rejects()] == [2, 3]
    api.answer = lambda *_: (500, {}, {})
    landed = place.repair({("/v1/t", 2): json.dumps(row(1, "b", "2"))})
    assert (landed.rows, landed.rejects) == (1, 1)
    assert place.rows("t", "channel") == ["a", "b"]


def test_rejects_that_nest_too_deep_or_have_a_key_twice_stay_rejects(place: Place, api: Api) -> None:
    rows = (b'{"id": 1}', b'{"id": 2, "x": %s}' % (b"[" * 20_000 + b"]" * 20_000), b'{"id": 3, "id": 4}')
    api.answer = lambda *_: (200, {}, b"[" + b",".join(rows) + b"]")
    place.declare("rest", "t: {mode: append, path: /v1/t, cursor: id, rejects: 100%}", "t: {id: bigint}")
    landed = place.ingest()
    assert (landed.rows, landed.rejects) == (1, 2)
    landed = place.repair()
    assert (landed.rows, landed.rejects) == (0, 2)
    reasons = [reject["reason"] for reject in place.rejects()]
    assert reasons == ["nested deeper than 100 levels", 'not JSON: "id" stands twice in one object']
