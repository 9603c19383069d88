"""An API that changed after its source was written is told by the first pages of its tables, a request for each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from api_server import Answer, Api, serve
from click.testing import CliRunner, Result
from landing_place import Place

from local_dev.cli import baikal

pytestmark = pytest.mark.http
ORDERS = [
    {"id": n, "price": n + 0.25, "userName": "Ana", "at": f"2024-05-{n:02}T00:00:00Z", "tags": ["a"], "noise": 1}
    for n in range(1, 5)
]
TABLES = """
orders: {mode: upsert, path: /v1/orders, rows: data, offset: skip, limit: take, size: 2, key: id, cursor: at,
  ignore: noise}
costs: {mode: append, path: /v1/costs, format: csv, since: from, until: to, window: 7 days, cursor: day_on, day: day_on}
odd: {mode: snapshot, python: true}
made: {mode: snapshot, path: "{result}", report: {path: /v1/r, status: "/v1/r/{report}", done: OK, result: url}}
empty: {mode: snapshot, path: /v1/empty}
"""
SCHEMA = """
orders:
  id: bigint
  price: decimal(12,2)
  at: timestamp
costs: {day_on: date, cost: bigint}
odd: {id: bigint}
made: {id: bigint}
empty: {id: bigint}
"""


@pytest.fixture
def api() -> Iterator[Api]:
    with serve() as api:
        api.answer = answer
        yield api


def answer(path: str, query: dict[str, str], headers: Any) -> Answer:
    if headers["X-Key"] != "sesame":
        return 401, {}, {}
    if path == "/v1/orders":
        skip = int(query["skip"])
        return 200, {}, {"data": ORDERS[skip : skip + int(query["take"])]}
    if path == "/v1/costs":
        return 200, {}, f'day_on,cost,Kampagne\n{query["from"]},"12","Spring, May"\n'.encode()
    return (200, {}, []) if path == "/v1/empty" else (500, {}, {})


@pytest.fixture
def place(tmp_path: Path, api: Api, monkeypatch: pytest.MonkeyPatch) -> Place:
    place = Place(tmp_path)
    place.declare("rest", TABLES, SCHEMA, top="api_key: {header: X-Key, secret: place_key}\nconcurrency: 4\n")
    (tmp_path / "connectors/sources/place.py").write_text("def odd(api):\n    yield {'id': 1}\n")
    monkeypatch.setenv("PLACE_URL", api.address)
    monkeypatch.setenv("PLACE_KEY", "sesame")
    monkeypatch.setenv("BAIKAL_HOME", str(tmp_path))
    monkeypatch.setenv("BAIKAL_LAKE", str(tmp_path / "lake"))
    return place


def call(*words: str, code: int) -> Result:
    result = CliRunner().invoke(baikal, list(words))
    assert result.exit_code == code, result.output
    return result


def differences(code: int) -> Any:
    found = json.loads(call("diff", "source:place", "--json", code=code).stdout)
    told = {(one["change"], f"{one['table']}.{one['column']}", one["live"]) for one in found["differences"]}
    return told, found["not_compared"]


def test_columns_and_types_are_told_by_one_request_a_table(place: Place, api: Api) -> None:
    place.declare(
        "rest",
        TABLES,
        SCHEMA.replace("price: decimal(12,2)", "price: bigint\n  gone: string"),
        top="api_key: {header: X-Key, secret: place_key}\n",
    )
    told, untold = differences(1)
    assert told == {
        ("changed", "orders.price", "double"),
        ("new", "orders.username", "string"),
        ("new", "orders.tags", "array<string>"),
        ("new", "costs.kampagne", "string"),
    }
    assert set(untold) == {"odd", "made", "empty"}
    assert untold["odd"] == "a generator of python: true cannot be asked for a page"
    assert len(api.asked) == 3
    assert api.asked[0] == {"skip": "0", "take": "2"}
    days = api.asked[1]
    assert (days["from"] < days["to"], len(days)) == (True, 2)


def test_what_is_new_is_written_and_then_there_is_no_difference(place: Place) -> None:
    before = (place.home / "connectors/sources/place.yaml").read_text()
    shown = call("new", "source", "place", "--update", "--dry-run", code=0)
    assert "+  username: {type: string" in shown.stdout
    assert "not compared: made: a report is made for each reading, and none is made for a look" in shown.stderr
    call("new", "source", "place", "--update", code=0)
    schema = (place.home / "connectors/sources/place.schema.yaml").read_text()
    assert "tags: {type: array<string>}" in schema
    assert "noise" not in schema
    assert (place.home / "connectors/sources/place.yaml").read_text() == before
    told, _ = differences(0)
    assert told == set()
    assert "source:place is as it is declared, as far as it tells" in call("diff", "source:place", code=0).stdout
    place.ingest("orders")
    assert place.rows("orders", "id", "username", "tags")[0] == (1, "Ana", ["a"])


def test_an_api_that_refuses_is_told_without_its_key(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLACE_KEY", "zebra-4711")
    result = call("diff", "source:place", code=3)
    assert "/v1/orders answered HTTP 401; is the key right?" in result.output
    assert "4711" not in result.output
