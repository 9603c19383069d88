"""Publishing on Trino: folder, views and INSERT as one protocol, judged by what a reader sees through Trino."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from shop_lake import DAILY, NOW, ORDERS, TOTALS, edit, land
from shop_on_trino import ADMIN, NEWEST, WITH_GRANTS, open_trino_shop, told, trino_home, write_target

from connectors.build import build
from connectors.catalogs.trino import TrinoCatalog
from connectors.housekeeping import gc, rollback
from connectors.lake import Lake, lake_at
from connectors.trino import sweeping
from connectors.trino.part_tables import SCHEMA
from connectors.trino.session import TrinoSession
from transforms.errors import CheckFailed, Conflict, DataError, OutsideError, Rejected, UsageError
from transforms.names import TableName
from transforms.snapshot import Part

pytestmark = pytest.mark.trino
BEST = TableName("shop", "best")
ALL = "select day, orders, revenue_jpy from core_shop.daily order by day"
DAILY_SQL = "transforms/tables/core_shop/daily.sql"
TOTALS_SQL = "transforms/tables/core_shop/totals.sql"


@pytest.fixture
def home(trino: None, tmp_path: Path) -> Iterator[Path]:
    with trino_home(tmp_path) as home:
        yield home


@pytest.fixture
def lake(home: Path) -> Lake:
    return open_trino_shop(home)


def catalog_of(lake: Lake) -> TrinoCatalog:
    assert isinstance(lake.catalog, TrinoCatalog)
    return lake.catalog


def rows(lake: Lake, sql: str) -> list[list[Any]]:
    return [list(row.values()) for row in lake.query(sql)[1].read_all().to_pylist()]


def test_days_are_built_checked_and_published(home: Path, lake: Lake) -> None:
    land(lake, {"2024-05-01": [100, 50], "2024-05-02": [30]})
    built = build(lake, DAILY, run="r1")
    assert (built.rows, built.version) == (2, 1)
    assert told(lake, ALL) == [["2024-05-01", 2, 150], ["2024-05-02", 1, 30]]
    assert build(lake, DAILY, run="r2").fresh
    land(lake, {"2024-05-02": [30, 40], "2024-05-03": [7]})
    again = build(lake, DAILY, run="r3")
    assert (again.days and len(again.days), again.version) == (2, 2)
    assert told(lake, ALL)[1:] == [["2024-05-02", 2, 70], ["2024-05-03", 1, 7]]
    assert build(lake, DAILY, full=True, run="r4").rows == 3
    assert build(lake, DAILY, full=True, run="r4").fresh, "what this run has published is not built again"
    build(lake, TOTALS, run="r3")
    assert rows(lake, "select orders, revenue_jpy from core_shop.totals") == [[5, 227]]
    assert len(rows(lake, "select day from shop.best")) == 1
    assert told(lake, "select count(*) from raw_shop.orders") == [[5]]
    assert rows(open_trino_shop(home), "select count(*) from core_shop.daily where day > date '2024-05-01'") == [[2]]


def test_a_build_is_one_statement_that_writes_and_one_that_checks(lake: Lake) -> None:
    land(lake, {"2024-05-01": [100]})
    build(lake, DAILY, run="r1")
    written, checked = lake.queries
    assert (written.kind, written.table, written.owner, written.rows, written.state) == (
        *("build", DAILY, "shop", 1),
        "SUCCEEDED",
    )
    assert (checked.kind, checked.table, checked.state) == ("audit", DAILY, "SUCCEEDED")
    assert min(written.bytes, written.ms, checked.ms) > 0


def test_people_are_told_what_they_read(home: Path, lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    land(lake, {"2024-05-01": [100]})
    build(lake, DAILY, run="r1")
    assert _said(lake) == ["Orders per day.", "Orders", "Revenue, yen", "Calendar day"]
    edit(home, DAILY_SQL, "-- Revenue, yen", "-- 売上, yen")
    edit(home, DAILY_SQL, "Orders per day.", "Orders of a day.")
    changed = open_trino_shop(home)
    assert build(changed, DAILY, run="r2").fresh
    assert _said(lake) == ["Orders of a day.", "Orders", "売上, yen", "Calendar day"]
    with monkeypatch.context() as patched:
        patched.setattr(TrinoSession, "ask", _dies)
        assert build(open_trino_shop(home), DAILY, run="r3").fresh, "nothing stale asks Trino nothing"


def _said(lake: Lake) -> list[str]:
    """Of the table and of its columns."""
    catalog = catalog_of(lake).session.place.catalog
    name = f"catalog_name = '{catalog}' and schema_name = 'core_shop' and table_name = 'daily'"
    (about,) = told(lake, f"select comment from system.metadata.table_comments where {name}")
    columns = "select comment from information_schema.columns where table_schema = 'core_shop' and table_name = 'daily'"
    return [*about, *(comment for (comment,) in told(lake, f"{columns} order by ordinal_position"))]


def test_an_empty_table_is_empty_and_typed(home: Path, lake: Lake) -> None:
    edit(home, TOTALS_SQL, "row_count: {min: 1, max: 1}", "not_null: [orders]")
    edit(home, TOTALS_SQL, "from core_shop.daily", "from core_shop.daily having count(*) > 9")
    land(lake, {"2024-05-01": [100]})
    lake = open_trino_shop(home)
    build(lake, DAILY, run="r1")
    assert build(lake, TOTALS, run="r1").rows == 0
    assert told(lake, "select * from core_shop.totals") == []
    assert rows(lake, "select orders from core_shop.totals") == []


def test_a_day_whose_files_lie_in_several_folders_is_read_whole(lake: Lake) -> None:
    first = land(lake, {"2024-05-01": [100]})
    second = land(lake, {"2024-05-01": [50]})
    one, other = first.parts["2024-05-01"], second.parts["2024-05-01"]
    both = Part((*one.files, *other.files), 2, one.bytes + other.bytes, "both")
    lake.catalog.commit(ORDERS, second.version, replace(second, parts={"2024-05-01": both}))
    build(lake, DAILY, run="r1")
    assert told(lake, ALL) == [["2024-05-01", 2, 150]]


def test_what_athena_means_otherwise_than_trino(home: Path, lake: Lake) -> None:
    select = "sum(amount_jpy) as revenue_jpy,   -- Revenue, yen"
    more = """sum(amount_jpy) as revenue_jpy,   -- Revenue, yen
          max(amount_jpy * 1.5) as half_more,  -- A bare decimal is a double
          (select max(item.a) from unnest(array[cast(row(3, 'x') as row(a integer, b varchar))]) as t(item)) as a,  -- A
    """
    edit(home, DAILY_SQL, select, more)
    land(lake, {"2024-05-01": [100]})
    lake = open_trino_shop(home)
    build(lake, DAILY, run="r1")
    assert told(lake, "select half_more, typeof(half_more), a from core_shop.daily") == [[150.0, "double", 3]]


def test_a_failed_check_publishes_nothing(lake: Lake) -> None:
    land(lake, {"2024-05-01": [100]})
    build(lake, DAILY, run="r1")
    land(lake, {"2024-05-01": [-5]})
    with pytest.raises(CheckFailed, match="revenue_jpy: 1 row under 0"):
        build(lake, DAILY, run="r2")
    assert told(lake, ALL) == [["2024-05-01", 1, 100]]
    assert not (lake.root / "core_shop/daily/r2").exists()


def test_what_trino_rejects_is_told_at_the_line_of_the_file(home: Path, lake: Lake) -> None:
    land(lake, {"2024-05-01": [0]})
    edit(home, DAILY_SQL, "count(*) as orders", "count(*) / sum(amount_jpy) as orders")
    with pytest.raises(Rejected, match=r"core_shop/daily\.sql.*Division by zero"):
        build(open_trino_shop(home), DAILY, run="r1")


def test_rows_without_a_day_are_told(home: Path, lake: Lake) -> None:
    land(lake, {"2024-05-01": [100]})
    edit(home, DAILY_SQL, "  day                               -- Cal", "  nullif(day, day) as day  -- Cal")
    with pytest.raises(DataError, match="day is NULL in 1 rows"):
        build(open_trino_shop(home), DAILY, run="r1")


def test_of_two_publishers_one_is_told_to_run_again(lake: Lake) -> None:
    land(lake, {"2024-05-01": [100]})
    current = lake.catalog.get(ORDERS)
    assert current
    lake.catalog.commit(ORDERS, current.version, replace(current, run="first"))
    with pytest.raises(Conflict):
        lake.catalog.commit(ORDERS, current.version, replace(current, run="second"))
    found = lake.catalog.get(ORDERS)
    assert found
    assert found.run == "first"


def test_several_publishers_at_once_lose_nothing(home: Path, lake: Lake) -> None:
    land(lake, {"2024-05-01": [100, 50], "2024-05-02": [70]})
    failed: list[BaseException] = []

    def work(number: int) -> None:
        try:
            build(open_trino_shop(home), DAILY, run=f"r{number}")
        except Exception as error:  # noqa: BLE001  told below, on the test's own thread
            failed.append(error)

    _all_at_once([lambda number=number: work(number) for number in range(3)])
    assert failed == []
    assert told(lake, ALL) == [["2024-05-01", 2, 150], ["2024-05-02", 1, 70]]


def _all_at_once(works: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_table_that_is_not_ours_is_never_replaced(lake: Lake) -> None:
    land(lake, {"2024-05-01": [100]})
    told(lake, "create schema core_shop")
    told(lake, "create table core_shop.daily as select 1 as mine")
    with pytest.raises(OutsideError, match=r"core_shop.*which is not the platform's"):
        build(lake, DAILY, run="r1")
    assert told(lake, "select * from core_shop.daily") == [[1]]
    assert lake.catalog.get(DAILY) is None


def test_what_a_publisher_that_died_has_not_shown_is_shown_by_the_next_one(
    home: Path, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    land(lake, {"2024-05-01": [100]})
    build(lake, DAILY, run="r1")
    land(lake, {"2024-05-01": [5], "2024-05-02": [6]})
    with monkeypatch.context() as patched:
        patched.setattr(TrinoCatalog, "_show", _dies)
        with pytest.raises(KeyboardInterrupt):
            build(lake, DAILY, run="r2")
    assert told(lake, ALL) == [["2024-05-01", 1, 100]]
    assert build(open_trino_shop(home), DAILY, run="r3").fresh
    assert told(lake, ALL) == [["2024-05-01", 1, 5], ["2024-05-02", 1, 6]]


def _dies(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_rollback_is_a_repoint(lake: Lake) -> None:
    land(lake, {"2024-05-01": [100]})
    build(lake, DAILY, run="r1")
    land(lake, {"2024-05-01": [5], "2024-05-02": [6]})
    build(lake, DAILY, run="r2")
    rollback(lake, DAILY, run="r3")
    assert told(lake, ALL) == [["2024-05-01", 1, 100]]


def test_gc_takes_what_was_superseded_and_nothing_foreign(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    land(lake, {"2024-05-01": [100]})
    build(lake, DAILY, run="r1")
    land(lake, {"2024-05-01": [5], "2024-05-02": [6]})
    build(lake, DAILY, run="r2")
    parts = catalog_of(lake).parts
    (table,) = [one for one in parts.tables_of(DAILY) if one in parts._known]
    foreign = [lake.root / "core_shop/daily/r1/README.md", lake.root / "core_shop/daily/mine/x.parquet"]
    for file in foreign:
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(b"mine")
    told(lake, "create table core_shop.mine as select 1 as one")
    told(lake, f"create table {SCHEMA}.staged_20200101000000_ab as select 1 as one")
    assert [one for one in gc(lake) if one.table == DAILY] == []
    later = replace(lake, clock=lambda: NOW + timedelta(days=8))
    (cleaned,) = [one for one in gc(later) if one.table == DAILY]
    assert cleaned.versions == (1,)
    assert len(parts.partitions(table)) == 3, "a build at work may have added what is not published yet"
    assert told(lake, f"show tables from {SCHEMA} like 'staged%'") == []
    monkeypatch.setattr(sweeping, "GRACE", timedelta(0))
    gc(later)
    assert len(parts.partitions(table)) == 2
    assert told(lake, ALL) == [["2024-05-01", 1, 5], ["2024-05-02", 1, 6]]
    assert told(lake, "select * from core_shop.mine") == [[1]]
    assert all(file.read_bytes() == b"mine" for file in foreign)
    land(lake, {"2024-05-02": [7]})
    build(lake, DAILY, run="r3")
    assert told(lake, ALL) == [["2024-05-01", 1, 5], ["2024-05-02", 1, 7]]


def test_a_version_whose_partitions_were_taken_away_gets_them_back(
    home: Path, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody's process knew of them before gc; what it then publishes is whole all the same."""
    monkeypatch.setattr(sweeping, "GRACE", timedelta(0))
    land(lake, {"2024-05-01": [100]})
    build(lake, DAILY, run="r1")
    current = lake.catalog.get(DAILY)
    assert current
    emptied = lake.catalog.commit(DAILY, current.version, replace(current, parts={}))
    other = open_trino_shop(home)
    other.catalog.forget(DAILY, [current.version], emptied.version)
    assert catalog_of(other).parts.partitions(catalog_of(other).parts.tables_of(DAILY)[0].removesuffix("__now")) == {}
    lake.catalog.commit(DAILY, emptied.version, current)
    assert told(lake, ALL) == [["2024-05-01", 1, 100]]


def test_readers_never_see_half_a_publish(home: Path, lake: Lake) -> None:
    """The days of a table switch together: all rows of all days are of one build."""
    days = [f"2024-05-0{day}" for day in range(1, 5)]
    land(lake, dict.fromkeys(days, [1] * 3))
    build(lake, DAILY, run="r0")
    stop, torn, reads = threading.Event(), [], [0]

    def read() -> None:
        while not stop.is_set():
            found = told(lake, "select count(*), min(revenue_jpy), max(revenue_jpy) from core_shop.daily")[0]
            reads[0] += 1
            if found[0] != len(days) or found[1] != found[2]:
                torn.append(found)

    thread = threading.Thread(target=read)
    thread.start()
    try:
        for number in range(2, 7):
            land(lake, dict.fromkeys(days, [number] * 3))
            build(lake, DAILY, run=f"r{number}")
    finally:
        stop.set()
        thread.join()
    assert torn == []
    assert reads[0] > 5


def test_views_are_written_for_other_tools_and_again_when_they_change(home: Path, lake: Lake) -> None:
    with pytest.raises(UsageError, match=r"core_shop\.daily, which has no data yet"):
        build(lake, BEST, run="r0")
    land(lake, {"2024-05-01": [100], "2024-05-02": [30]})
    build(lake, DAILY, run="r1")
    assert not build(lake, BEST, run="r1").fresh
    assert told(lake, "select * from shop.best") == [["2024-05-01", 100]]
    assert build(lake, BEST, run="r2").fresh
    edit(home, "transforms/views/shop/best.sql", ">= 100", ">= 30")
    changed = open_trino_shop(home)
    assert not build(changed, BEST, run="r3").fresh
    assert len(told(lake, "select * from shop.best")) == 2
    told(lake, "create or replace view shop.best as select 1 as one")
    assert build(changed, BEST, run="r4").warnings == ("it had been changed by hand, and is again as its file says",)
    assert len(told(lake, "select * from shop.best")) == 2


def test_a_view_that_is_not_ours_is_never_replaced(lake: Lake) -> None:
    land(lake, {"2024-05-01": [100]})
    build(lake, DAILY, run="r1")
    told(lake, "create schema shop")
    told(lake, "create view shop.best as select 1 as mine")
    with pytest.raises(OutsideError, match="which is not the platform's"):
        build(lake, BEST, run="r2")
    assert told(lake, "select * from shop.best") == [[1]]


def test_grants_survive_a_publish_and_a_change_of_columns(trino: None, tmp_path: Path) -> None:
    with trino_home(tmp_path, WITH_GRANTS) as home:
        place = open_trino_shop(home).target.trino
        assert place
        write_target(home, catalog=place.catalog, **ADMIN)
        lake = open_trino_shop(home)
        owner = catalog_of(lake)
        land(lake, {"2024-05-01": [100]})
        build(lake, DAILY, run="r1")
        owner.session.do(f"grant select on {owner.place(DAILY)} to user bob", "grant")
        assert told(lake, ALL, user="bob") == [["2024-05-01", 1, 100]]
        with pytest.raises(OutsideError, match="Trino does not let bob do this"):
            told(lake, "select * from raw_shop.orders", user="bob")
        land(lake, {"2024-05-01": [100, 1], "2024-05-02": [2]})
        build(lake, DAILY, run="r2")
        assert told(lake, ALL, user="bob") == [["2024-05-01", 2, 101], ["2024-05-02", 1, 2]]
        edit(home, DAILY_SQL, "count(*) as orders, ", NEWEST)
        build(open_trino_shop(home), DAILY, run="r3")
        assert told(lake, ALL, user="bob") == [["2024-05-01", 2, 101], ["2024-05-02", 1, 2]]
        assert told(lake, "select count(newest) from core_shop.daily", user="bob") == [[2]]


def test_grants_survive_a_publisher_that_dies_while_columns_change(
    trino: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with trino_home(tmp_path, WITH_GRANTS) as home:
        place = open_trino_shop(home).target.trino
        assert place
        write_target(home, catalog=place.catalog, **ADMIN)
        lake = open_trino_shop(home)
        land(lake, {"2024-05-01": [100]})
        build(lake, DAILY, run="r1")
        catalog_of(lake).session.do(f"grant select on {catalog_of(lake).place(DAILY)} to user bob", "grant")
        edit(home, DAILY_SQL, "count(*) as orders, ", NEWEST)
        do = TrinoSession.do
        with monkeypatch.context() as patched:
            patched.setattr(TrinoSession, "do", lambda *words: _dies() if words[1].startswith("grant") else do(*words))
            with pytest.raises(KeyboardInterrupt):
                build(open_trino_shop(home), DAILY, run="r2")
        with pytest.raises(OutsideError, match="Trino does not let bob do this"):
            told(lake, ALL, user="bob")
        assert build(open_trino_shop(home), DAILY, run="r3").fresh
        assert told(lake, ALL, user="bob") == [["2024-05-01", 1, 100]]


def test_a_column_that_older_days_lack_is_null(home: Path, lake: Lake) -> None:
    land(lake, {"2024-05-01": [100], "2024-05-02": [7]})
    build(lake, DAILY, run="r1")
    current = lake.catalog.get(DAILY)
    assert current
    edit(home, DAILY_SQL, "count(*) as orders, ", NEWEST)
    changed = open_trino_shop(home)
    columns = changed.content.columns(DAILY)
    changed.catalog.commit(DAILY, current.version, replace(current, columns=columns))
    assert told(changed, "select count(*), count(newest), sum(orders) from core_shop.daily") == [[2, 0, 2]]
    assert rows(changed, "select count(*), count(newest), sum(orders) from core_shop.daily") == [[2, 0, 2]]


def test_rows_come_back_as_they_are_on_a_laptop(lake: Lake) -> None:
    sql = (
        "select 1 as i, cast(2.5 as decimal(5,2)) as d, 'a,\"b' as s, true as b, date '2024-02-29' as day, "
        "timestamp '2024-02-29 10:11:12.345' as t, array[1, null] as l, cast(row(1, 'x') as row(a integer, b varchar)) "
        "as r, map(array['k'], array[2]) as m, map(array[1, 2], array[true, null]) as n, x'00ff' as v, 1e300 as f, "
        "cast(null as bigint) as o, '' as e, nan() as q, real '0.1' as w, map(array[date '2024-01-01'], array[1]) as u"
    )
    laptop = lake_at(lake.content.home / "laptop", lake.content)
    ours, theirs = lake.query(sql)[1].read_all(), laptop.query(sql)[1].read_all()
    assert json.dumps(ours.to_pylist(), default=str) == json.dumps(theirs.to_pylist(), default=str)


def test_a_wrong_place_is_told(home: Path, lake: Lake) -> None:
    land(lake, {"2024-05-01": [100]})
    place = lake.target.trino
    assert place
    write_target(home, catalog="nowhere")
    with pytest.raises(OutsideError, match="has no catalog nowhere; correct catalog: of the target"):
        build(open_trino_shop(home), DAILY, run="r1")
    write_target(home, catalog=place.catalog, location="local:///elsewhere")
    with pytest.raises(OutsideError, match=r"(?s)core_shop/daily/r2/.*correct folder: and location: of the target"):
        build(open_trino_shop(home), DAILY, run="r2")
    assert lake.catalog.get(DAILY) is None


def test_a_user_without_permission_is_told(trino: None, tmp_path: Path) -> None:
    with trino_home(tmp_path, WITH_GRANTS) as home:
        place = open_trino_shop(home).target.trino
        assert place
        write_target(home, catalog=place.catalog, user="bob")
        with pytest.raises(OutsideError, match=r"cannot make the schema baikal_lake: Trino does not let bob do this"):
            land(open_trino_shop(home), {"2024-05-01": [100]})
