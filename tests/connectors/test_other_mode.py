"""A table whose mode was changed in its declaration: no row stands twice, and none is lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from api_server import serve
from landing_place import Place

SCHEMA = "t: {id: bigint, at: timestamp}"
ANEW = "raw_place.t was published by another mode, and append knows no cursor of its rows"
Grow = Callable[[int], None]


def sqlite(place: Place) -> Iterator[Grow]:
    with sqlite3.connect(place.files / "shop.db") as database:
        database.execute("create table t (id integer primary key, at timestamp)")
        database.commit()

        def grow(number: int) -> None:
            database.execute(f"insert into t values ({number}, '2024-05-0{number} 00:00:00')")
            database.commit()

        yield grow
    database.close()


def rest(place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[Grow]:
    rows: list[dict[str, Any]] = []
    with serve() as api:
        monkeypatch.setenv("PLACE_URL", api.address)
        api.answer = lambda *_: (200, {}, rows)
        yield lambda number: rows.append({"id": number, "at": f"2024-05-0{number}T00:00:00Z"})


@pytest.fixture(params=["sqlite", pytest.param("rest", marks=pytest.mark.http)])
def grown(request: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Callable[..., Any], Grow]]:
    """A table of four rows: `run` ingests it in a mode and tells the ids in the lake, `grow` adds a row."""
    place = Place(tmp_path)
    monkeypatch.setenv("PLACE_URL", str(place.files / "shop.db"))
    path = ", path: /t" if request.param == "rest" else ""

    def run(mode: str) -> tuple[list[int], tuple[str, ...]]:
        place.declare(request.param, f"t: {{mode: {mode}{path}}}", SCHEMA)
        landed = place.ingest()
        return place.rows("t", "id"), landed.warnings

    for grow in sqlite(place) if request.param == "sqlite" else rest(place, monkeypatch):
        for number in range(1, 5):
            grow(number)
        yield run, grow


@pytest.mark.parametrize("more", ["", ", key: id", ", margin: 1d"])
def test_a_snapshot_that_becomes_an_append_is_read_anew_and_says_so(grown: Any, more: str) -> None:
    run, grow = grown
    run("snapshot")
    grow(5)
    rows, warnings = run(f"append, cursor: at{more}")
    assert rows == [1, 2, 3, 4, 5]
    assert [warning.startswith(ANEW) for warning in warnings] == [True]
    grow(6)
    assert run(f"append, cursor: at{more}") == ([1, 2, 3, 4, 5, 6], ()), "the cursor goes on from there"
    assert run("upsert, key: id, cursor: at") == ([1, 2, 3, 4, 5, 6], ())


def test_a_cursor_of_before_a_snapshot_says_nothing_of_its_rows(grown: Any) -> None:
    run, grow = grown
    run("append, cursor: at")
    grow(5)
    assert run("snapshot")[0] == [1, 2, 3, 4, 5]
    assert run("append, cursor: at")[0] == [1, 2, 3, 4, 5]
    grow(6)
    run("snapshot")
    assert run("upsert, key: id, cursor: at") == ([1, 2, 3, 4, 5, 6], ())


def test_an_append_that_found_no_row_yet_goes_on_without_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(tmp_path)
    monkeypatch.setenv("PLACE_URL", str(place.files / "shop.db"))
    place.declare("sqlite", "t: {mode: append, cursor: at}", SCHEMA)
    for grow in sqlite(place):
        place.ingest()
        grow(1)
        assert place.ingest().warnings == ()
        assert place.rows("t", "id") == [1]
