"""Rows of an upsert whose cursor is NULL: read by each run, and new only when they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from api_server import serve
from landing_place import Place
from test_deletes import SCHEMA, Sql, shop

__all__ = ["shop"]
TABLE = "t: {mode: upsert, key: id, cursor: updated_at, day: day_on}"


def test_a_row_without_a_cursor_that_stands_makes_no_new_version(shop: tuple[Place, Sql, str]) -> None:
    place, run, kind = shop
    place.declare(kind, TABLE, SCHEMA)
    run("update t set updated_at = null where id in (3, 4)")
    assert place.ingest().rows == 9
    assert place.ingest().unchanged
    run("insert into t values (10, 10, '2024-05-01', '2024-05-19 00:00:00', null)")
    assert place.ingest().rows == 1
    place.ingest()
    run("update t set amount = 40 where id = 4", "update t set updated_at = null where id = 5")
    landed = place.ingest()
    assert (landed.rows, len(place.rows())) == (2, 10)
    assert place.rows("t", "id", "amount")[4:7] == [(4, 40), (5, 5), (6, 6)]
    assert place.ingest().unchanged
    run("update t set updated_at = '2024-05-19 01:00:00' where id = 3")
    assert (place.ingest().rows, place.ingest().unchanged) == (1, True)


def test_a_table_in_which_no_row_has_a_cursor_yet_is_landed_once(shop: tuple[Place, Sql, str]) -> None:
    place, run, kind = shop
    place.declare(kind, TABLE, SCHEMA)
    run("update t set updated_at = null")
    assert (place.ingest().rows, place.ingest().unchanged) == (9, True)
    run("update t set updated_at = '2024-05-19 01:00:00', amount = 30 where id = 3")
    assert (place.ingest().rows, place.ingest().unchanged) == (1, True)
    assert place.rows("t", "id", "amount")[1:4] == [(2, 2), (3, 30), (4, 4)]


@pytest.mark.http
def test_a_row_of_an_api_without_a_cursor_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place, rows = Place(tmp_path), [{"id": n, "at": f"2024-05-10T0{n}:00:00Z" if n else None} for n in range(3)]
    place.declare("rest", "t: {mode: upsert, key: id, cursor: at, path: /t}", "t: {id: bigint, at: timestamp}")
    with serve() as api:
        monkeypatch.setenv("PLACE_URL", api.address)
        api.answer = lambda *_: (200, {}, rows)
        assert (place.ingest().rows, place.ingest().unchanged) == (3, True)
        rows.append({"id": 9, "at": None})
        assert (place.ingest().rows, place.rows("t", "id")) == (1, [0, 1, 2, 9])
