"""Whole days of a database's table that `restate:` reads again: what was changed, deleted or added there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from landing_place import NOW, Place
from test_deletes import shop

from connectors.readers.database.cursor import Cursor
from connectors.readers.database.restated import BEGINNING, begin, first_day
from connectors.verifying import verify
from transforms.column import Column
from transforms.errors import SchemaChanged
from transforms.lake_types import DATE
from transforms.names import TableName
from transforms.snapshot import Snapshot
from transforms.source import SourceTable

__all__ = ["shop"]
Sql = Callable[..., Any]
SCHEMA = "r: {id: bigint, amount: bigint, day_on: date, seen_at: timestamp}"
DAYS = "r: {mode: append, cursor: day_on, day: day_on, restate: 3 days}"
MOMENTS = "r: {mode: append, cursor: seen_at, day: seen_at, restate: 1 days}"
CREATE = "create table r (id bigint primary key, amount bigint, day_on date, seen_at {0})"
MOMENT = {"sqlite": "datetime", "duckdb": "timestamptz", "postgres": "timestamptz(3)", "mysql": "timestamp(3) null"}
ZONED = {"sqlite": "+00:00", "duckdb": "+00", "postgres": "+00", "mysql": ""}


def fill(run: Sql, kind: str, *rows: tuple[int, int, str, str]) -> None:
    """Rows of an id, an amount, a day of May and a moment of May in UTC."""
    zone = ZONED[kind]
    texts = (f"({key}, {amount}, '2024-05-{day}', '2024-05-{at}{zone}')" for key, amount, day, at in rows)
    run(f"insert into r values {', '.join(texts)}")


def ten_days(run: Sql, kind: str) -> None:
    """Two rows on each of the first ten days of May, of midnight and of noon in UTC, which is nine hours earlier."""
    run(CREATE.format(MOMENT[kind]))
    rows = [(2 * n + half, 1, f"{n:02}", f"{n:02} {12 * half:02}:00:00") for n in range(1, 11) for half in (0, 1)]
    fill(run, kind, *rows)


TOKYO = ZoneInfo("Asia/Tokyo")


def restating(kind: str, state: dict[str, Any], now: datetime, days: int = 3) -> date | None:
    table = SourceTable(TableName("raw_place", "r"), "append", (), cursor="c", day="c", restate_days=days)
    return first_day(table, kind, state, now)


def standing(place: Place) -> Snapshot:
    found = place.lake().catalog.get(TableName("raw_place", "r"))
    assert found
    return found


def test_days_that_are_restated_are_as_the_source_has_them(shop: tuple[Place, Sql, str]) -> None:
    place, run, kind = shop
    ten_days(run, kind)
    place.declare(kind, DAYS, SCHEMA)
    assert place.ingest("r").rows == 20
    assert place.ingest("r").unchanged
    before = standing(place)
    run(
        "update r set amount = 7 where id in (2, 16, 20)",
        "delete from r where id = 21",
        "delete from r where day_on = '2024-05-08'",
    )
    fill(run, kind, (40, 1, "07", "07 00:00:00"), (41, 1, "11", "11 00:00:00"), (42, 1, "06", "06 00:00:00"))
    landed = place.ingest("r")
    assert [f"{day:%d}" for day in landed.days] == ["07", "08", "10", "11"]
    amounts = dict(place.rows("r", "id", "amount"))
    assert amounts == dict.fromkeys((*range(2, 16), 18, 19, 40, 41), 1) | {20: 7}
    after = standing(place)
    assert (after.parts["2024-05-08"].rows, after.parts["2024-05-09"]) == (0, before.parts["2024-05-09"])
    assert place.ingest("r").unchanged
    fill(run, kind, (43, 1, "08", "08 00:00:00"))
    assert [f"{day:%d}" for day in place.ingest("r").days] == ["08"]
    assert place.ingest("r").unchanged


def test_days_of_moments_begin_at_midnight_of_the_company(shop: tuple[Place, Sql, str]) -> None:
    """The tenth in Tokyo begins on the ninth at 15:00 UTC; the newest moment is the noon of the tenth, 21:00 there."""
    place, run, kind = shop
    ten_days(run, kind)
    fill(run, kind, (30, 1, "01", "08 14:59:59"), (31, 1, "01", "08 15:00:00"))
    place.declare(kind, MOMENTS, SCHEMA)
    place.ingest("r")
    assert place.ingest("r").unchanged
    run("update r set amount = 7")
    assert [f"{day:%d}" for day in place.ingest("r").days] == ["09", "10"]
    changed = {key for key, amount in place.rows("r", "id", "amount") if amount == 7}
    assert changed == {18, 19, 20, 21, 31}
    run("delete from r where id in (18, 19, 31, 30)")
    place.ingest("r")
    assert {18, 19, 31, 30} & set(place.rows("r", "id")) == {30}
    assert place.ingest("r").unchanged


def test_rows_of_restated_days_wait_for_the_next_run(shop: tuple[Place, Sql, str]) -> None:
    place, run, kind = shop
    ten_days(run, kind)
    place.declare(kind, DAYS, SCHEMA)
    place.ingest("r")
    run("update r set amount = 7 where id in (14, 15)", "update r set amount = 7 where id = 13")
    lake = place.lake()
    source = lake.content.sources["place"]
    found = verify(lake, source, source.tables[0])
    rows = found.compared.rows
    assert (found.agrees, rows["waiting"], rows["different"]) == (False, 2, 1)


def test_a_row_of_a_far_future_keeps_no_day_from_being_restated(shop: tuple[Place, Sql, str]) -> None:
    place, run, kind = shop
    ten_days(run, kind)
    run("insert into r values (99, 1, '2999-01-01', null)")
    place.declare(kind, DAYS, SCHEMA)
    place.now = NOW - timedelta(days=10)
    assert place.ingest("r").rows == 21
    run("update r set amount = 7 where id in (20, 99)")
    assert [f"{day:%d}" for day in place.ingest("r").days] == ["10", "01"]
    assert place.ingest("r").unchanged


def test_a_longer_margin_reads_whole_days_too(shop: tuple[Place, Sql, str]) -> None:
    place, run, kind = shop
    ten_days(run, kind)
    place.declare(kind, DAYS.replace("}", ", margin: 7d}"), SCHEMA)
    place.ingest("r")
    run("update r set amount = 7")
    assert [f"{day:%d}" for day in place.ingest("r").days] == [f"{n:02}" for n in range(3, 11)]
    assert len(place.rows("r")) == 20


def test_a_table_stays_whole_when_restating_begins_and_ends(shop: tuple[Place, Sql, str]) -> None:
    place, run, kind = shop
    ten_days(run, kind)
    plain = DAYS.replace(", restate: 3 days", "")
    place.declare(kind, plain, SCHEMA)
    place.ingest("r")
    place.declare(kind, DAYS, SCHEMA)
    run("delete from r where id = 20")
    place.ingest("r")
    assert place.ingest("r").unchanged
    fill(run, kind, (40, 1, "10", "10 00:00:00"))
    place.declare(kind, plain, SCHEMA)
    place.ingest("r")
    assert place.rows("r", "id") == sorted([*range(2, 20), 21, 40], key=repr)
    assert place.ingest("r").unchanged


def test_a_cursor_of_another_type_is_refused(shop: tuple[Place, Sql, str]) -> None:
    place, run, kind = shop
    ten_days(run, kind)
    place.declare(kind, "r: {mode: append, cursor: id, day: day_on}", SCHEMA)
    place.ingest("r")
    place.declare(kind, DAYS, SCHEMA)
    with pytest.raises(SchemaChanged, match=r"read up to 21 of another cursor, and day_on is date; .* --full"):
        place.ingest("r")


@pytest.mark.mariadb
def test_a_wall_clock_of_another_zone_is_restated_by_days_of_the_company(
    mariadb_place: Place, mariadb_sql: Sql
) -> None:
    """Midnight of the seventh in Tokyo is 02:00 in Sydney, whose clocks go back an hour later: they are asked from
    01:00 on, and what they show until 02:00 is of the sixth.
    """
    mariadb_sql(
        "create table r (id int primary key, amount int, seen_at datetime)",
        "insert into r values (1, 1, '2024-04-06 20:00:00'), (2, 1, '2024-04-07 01:59:59'), (3, 1, '2024-04-07 03:00')",
        "insert into r values (4, 1, '2024-04-08 12:00:00')",
    )
    words = MOMENTS.replace("}", ", timezone: Australia/Sydney}")
    mariadb_place.declare("mysql", words, "r: {id: int, amount: int, seen_at: timestamp}")
    mariadb_place.ingest("r")
    assert mariadb_place.ingest("r").unchanged
    mariadb_sql("update r set amount = 7")
    mariadb_place.ingest("r")
    assert mariadb_place.rows("r", "id", "amount") == [(1, 1), (2, 1), (3, 7), (4, 7)]


def test_a_day_begins_with_its_first_moment_where_clocks_are_changed_at_midnight() -> None:
    assert begin(date(2018, 11, 4), "timestamp", ZoneInfo("America/Sao_Paulo")) == "2018-11-04T03:00:00.000000"
    assert begin(date(2018, 2, 18), "timestamp", ZoneInfo("America/Sao_Paulo")) == "2018-02-18T03:00:00.000000"
    assert begin(BEGINNING, "timestamp", TOKYO) is None


@pytest.mark.parametrize(
    ("cursor", "since", "first"),
    [
        ("2024-05-10", "2024-05-09", date(2024, 5, 7)),
        ("2024-05-10", "2024-05-01", date(2024, 5, 1)),
        ("2999-01-01", "2024-05-19", date(2024, 5, 17)),
        ("2024-05-10", None, BEGINNING),
        ("0001-01-02", "0001-01-02", BEGINNING),
    ],
)
def test_the_first_day_is_so_many_before_the_newest_and_no_later_than_the_margin(
    cursor: str, since: str | None, first: date
) -> None:
    assert restating("date", {"cursor": cursor, "since": since}, NOW.astimezone(TOKYO)) == first


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00.000000", "9999-12-31T23:59:59.000000"])
def test_moments_at_the_ends_of_the_calendar_have_a_day(moment: str) -> None:
    for zone in ("Asia/Tokyo", "America/New_York"):
        now = datetime(9999, 12, 30, tzinfo=UTC).astimezone(ZoneInfo(zone))
        assert restating("timestamp", {"cursor": moment, "since": moment}, now)


def test_days_stay_open_while_a_writer_of_then_is_still_at_it() -> None:
    """Whole days move on with the newest one; those that a long transaction may still write into do not."""
    now, state, first = NOW.astimezone(TOKYO), {"cursor": "2024-05-10", "since": "2024-05-09"}, []
    for newest, waits in (("2024-05-12", True), ("2024-05-14", True), ("2024-05-15", False), ("2024-05-15", False)):
        cursor = Cursor(Column("c", DATE), None, state, now, restating("date", state, now))
        first.append(cursor.since)
        cursor._greatest = (date.fromisoformat(newest) - date(1970, 1, 1)).days
        state |= cursor.state(waits=waits)
    assert first == ["2024-05-07", "2024-05-07", "2024-05-07", "2024-05-12"]
