"""Rows that an API marks as deleted leave the table, as those of a database do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from api_server import Api, serve
from click.testing import CliRunner
from landing_place import Place

from local_dev.cli import baikal
from transforms.names import TableName

pytestmark = pytest.mark.http
TABLE = "t: {{mode: upsert, path: /v1/t, since: after, key: id, cursor: at, {0}}}"
SCHEMA = "t: {id: bigint, at: timestamp, gone: boolean, ended: timestamp, on: date}"


class Shop:
    """Rows by their ids, of which those are given that changed since."""

    def __init__(self, api: Api) -> None:
        self.rows: dict[int, dict[str, Any]] = {}
        self.csv = False
        api.answer = lambda path, query, headers: (200, {}, self._page(query.get("after", "")))

    def set(self, key: int, day: int, **values: Any) -> None:
        self.rows[key] = {"id": key, "at": f"2024-05-{day:02}T01:00:00Z", **values}

    def _page(self, after: str) -> Any:
        rows = [row for row in self.rows.values() if row["at"] >= after]
        if not self.csv:
            return rows
        lines = [f"{row['id']},{row['at']},{str(row.get('gone', '')).lower()}" for row in rows]
        return ("\n".join(["id,at,gone", *lines]) + "\n").encode()


@pytest.fixture
def api() -> Iterator[Api]:
    with serve() as api:
        yield api


@pytest.fixture
def shop(api: Api) -> Shop:
    shop = Shop(api)
    for number in range(1, 6):
        shop.set(number, number)
    return shop


@pytest.fixture
def place(tmp_path: Path, api: Api, monkeypatch: pytest.MonkeyPatch) -> Place:
    place = Place(tmp_path)
    monkeypatch.setenv("PLACE_URL", api.address)
    monkeypatch.setenv("BAIKAL_HOME", str(tmp_path))
    monkeypatch.setenv("BAIKAL_LAKE", str(tmp_path / "lake"))
    return place


@pytest.mark.parametrize(
    ("word", "marked", "alive"),
    [("gone", {"gone": True}, {"gone": False}), ("ended", {"ended": "2024-05-09T00:00:00Z"}, {"ended": None})],
)
def test_marked_rows_leave_and_come_back(
    place: Place, shop: Shop, word: str, marked: dict[str, Any], alive: dict[str, Any]
) -> None:
    place.declare("rest", TABLE.format(f"deleted_at: {word}"), SCHEMA)
    shop.set(5, 5, **marked)
    assert (place.ingest().rows, place.rows("t", "id")) == (4, [1, 2, 3, 4])
    assert place.ingest().unchanged, "it is read again within the margin"
    shop.set(2, 9, **marked)
    shop.set(6, 9, **alive)
    landed = place.ingest()
    assert (landed.rows, landed.deleted) == (1, 1)
    assert place.rows("t", "id") == [1, 3, 4, 6]
    assert place.ingest().unchanged
    shop.set(2, 10, **alive)
    assert (place.ingest().rows, place.rows("t", "id")) == (1, [1, 2, 3, 4, 6])
    found = json.loads(CliRunner().invoke(baikal, ["run", "source:place", "--verify", "--json"]).stdout)
    assert [one["agrees"] for one in found["tables"]] == [True]


def test_marks_in_csv(place: Place, shop: Shop) -> None:
    shop.csv = True
    place.declare(
        "rest", TABLE.format("deleted_at: gone, format: csv"), "t: {id: bigint, at: timestamp, gone: boolean}"
    )
    shop.set(1, 1, gone=True)
    place.ingest()
    shop.set(3, 9, gone=True)
    assert place.ingest().deleted == 1
    assert place.rows("t", "id") == [2, 4, 5]


def test_marked_rows_leave_the_days_that_they_stood_in(place: Place, shop: Shop) -> None:
    words = TABLE.format("deleted_at: gone, day: at, margin: 30 days")
    place.declare("rest", words, SCHEMA)
    shop.set(4, 4, gone=True)
    shop.set(7, 3, gone=True)
    place.ingest()
    assert place.rows("t", "id") == [1, 2, 3, 5]
    shop.set(2, 2, gone=True)
    assert place.ingest().deleted == 1
    assert place.rows("t", "id") == [1, 3, 5]
    assert place.ingest().unchanged
    shop.rows[3]["on"] = "2024-06-01"
    assert (place.ingest().unchanged, place.rows("t", "id")) == (False, [1, 3, 5])
    assert [row["on"] for row in place.rows() if row["id"] == 3] == [date(2024, 6, 1)]
    shop.set(1, 9, gone=True)
    shop.set(5, 9)
    assert place.ingest().deleted == 1
    assert place.rows("t", "id", "day") == [(3, "2024-05-03"), (5, "2024-05-09")]


def test_a_row_of_an_upsert_stands_once_when_its_date_moves(place: Place, shop: Shop) -> None:
    """A cursor of dates that is the day as well replaces days of an append only."""
    words = TABLE.format("deleted_at: gone, day: on").replace("cursor: at", "cursor: on")
    place.declare("rest", words, SCHEMA)
    for key in shop.rows:
        shop.rows[key]["on"] = f"2024-05-{key:02}"
    place.ingest()
    shop.set(1, 9, on="2024-05-09")
    shop.set(2, 9, on="2024-05-09", gone=True)
    assert place.ingest().deleted == 1
    assert place.rows("t", "id", "day") == [(1, "2024-05-09"), *((key, f"2024-05-{key:02}") for key in (3, 4, 5))]
    assert place.ingest().unchanged


def test_tables_downstream_learn_what_changed_beside_marked_rows(place: Place, shop: Shop) -> None:
    """They go by the fingerprints of the parts."""
    place.declare("rest", TABLE.format("deleted_at: gone"), SCHEMA)
    shop.set(5, 5, gone=True)
    place.ingest()
    first = fingerprints(place)
    shop.rows[1]["on"] = "2024-06-01"
    assert not place.ingest(full=True).unchanged
    assert place.rows("t", "id", "on")[0] == (1, date(2024, 6, 1))
    assert first.isdisjoint({"", *fingerprints(place)})


def fingerprints(place: Place) -> set[str]:
    snapshot = place.lake().catalog.get(TableName("raw_place", "t"))
    assert snapshot is not None
    return {part.fingerprint for part in snapshot.parts.values()}


def test_an_api_that_does_not_give_the_mark_deletes_nothing(place: Place, shop: Shop) -> None:
    place.declare("rest", TABLE.format("deleted_at: gone"), SCHEMA)
    assert (place.ingest().rows, place.rows("t", "gone")) == (5, [None] * 5)
