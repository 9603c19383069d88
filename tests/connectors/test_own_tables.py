"""Two people and the shared tables of one target: each builds tables of their own, and reads the others."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any, cast

import pytest
from running_aws import RunningAws
from shop_lake import DAILY, ORDERS, TOTALS, edit, land
from shop_on_aws import NO_TIME, aws_home, open_aws_shop, place_of

from connectors.aws.slots import Slots
from connectors.build import build
from connectors.housekeeping import gc, rollback
from connectors.ingest import due_tables
from connectors.lake import Lake
from transforms.errors import Stopped, UsageError
from transforms.names import TableName
from transforms.plan import plan

pytestmark = pytest.mark.aws
BEST = TableName("shop", "best")
NUMBERS = count(1)
Open = Callable[..., Lake]


@pytest.fixture
def opened(aws: RunningAws, tmp_path: Path) -> Iterator[Open]:
    """Opens the lake of a person, who has a home of their own; of nobody: the shared one."""
    folder = f"dev{next(NUMBERS)}"
    with ExitStack() as stack:

        def open_(user: str | None = None) -> Lake:
            home = tmp_path / (user or "shared")
            if not home.exists():
                aws_home(aws, home, folder, ", own_tables: true")
            lake = open_aws_shop(home, user=user)
            stack.callback(lake.close)
            return lake

        yield open_


@pytest.fixture
def shared(opened: Open) -> Lake:
    """Everything built once, as a deployment does it."""
    lake = opened()
    land(lake, {"2024-05-01": [100, 50], "2024-05-02": [30]})
    for name in (DAILY, TOTALS, BEST):
        build(lake, name, run="shared")
    return lake


def read(lake: Lake, sql: str) -> list[list[Any]]:
    return [list(row.values()) for row in lake.query(sql)[1].read_all().to_pylist()]


def seen(lake: Lake, name: TableName, select: str) -> list[list[str | None]]:
    """What somebody sees who knows Athena and nothing of the platform."""
    queries = lake.engine.queries  # type: ignore[attr-defined]
    place = lake.catalog.place(name)  # type: ignore[attr-defined]
    return list(queries.rows(queries.run(f"{select} from {place.sql} order by 1")))


def double(home: Path) -> None:
    edit(home, "transforms/tables/core_shop/daily.sql", "sum(amount_jpy) as", "2 * sum(amount_jpy) as")


def test_what_a_person_changed_is_theirs_and_everything_else_is_the_shared_table(
    opened: Open, shared: Lake, tmp_path: Path
) -> None:
    opened("taro")
    double(tmp_path / "taro")
    taro, hanako = opened("taro"), opened("hanako")
    assert build(taro, DAILY, run="t1").rows == 2
    assert build(taro, TOTALS, run="t1").rows == 1
    assert build(hanako, DAILY, run="h1").fresh, "the shared table is what she would build"
    assert read(taro, "select revenue_jpy from core_shop.totals") == [[360]]
    assert read(hanako, "select revenue_jpy from core_shop.totals") == [[180]]
    assert read(shared, "select revenue_jpy from core_shop.totals") == [[180]]
    assert taro.borrows(ORDERS)
    assert not taro.borrows(DAILY)
    assert {str(name) for name in taro.catalog.names()} == {"core_shop.daily", "core_shop.totals"}
    assert list(hanako.catalog.names()) == []


def test_a_dry_run_tells_what_the_build_of_a_borrowed_table_does(opened: Open, shared: Lake) -> None:
    land(shared, {"2024-05-03": [7]})
    taro = opened("taro")
    (step,) = plan(taro.content, [DAILY], taro.catalog.get, today=taro.today(), own=taro.catalog.own)
    assert build(taro, DAILY, run="t1").days == step.days
    assert [f"{day}" for day in step.days or ()] == ["2024-05-01", "2024-05-02", "2024-05-03"]
    assert "new" in step.reason, "the reason is that of the shared table, not that one's own was never built"


def test_a_view_of_ones_own_reads_ones_own_tables(opened: Open, shared: Lake, tmp_path: Path) -> None:
    taro = opened("taro")
    assert not build(taro, BEST, run="t1").fresh
    assert seen(taro, BEST, "select cast(day as varchar), revenue_jpy") == [["2024-05-01", "150"]]
    double(tmp_path / "taro")
    taro = opened("taro")
    build(taro, DAILY, run="t2")
    build(taro, BEST, run="t2")
    assert seen(taro, BEST, "select cast(day as varchar), revenue_jpy") == [["2024-05-01", "300"]]
    assert seen(shared, BEST, "select cast(day as varchar), revenue_jpy") == [["2024-05-01", "150"]]


def test_a_shared_table_that_moves_on_is_read_as_it_was_pinned(opened: Open, shared: Lake) -> None:
    hanako = opened("hanako")
    pins = {DAILY: hanako.catalog.get(DAILY)}
    land(shared, {"2024-05-02": [1000]})
    build(shared, DAILY, run="later")
    session = hanako.engine.session()
    hanako.attach(session, [DAILY], pins)
    compiled = hanako.compiled("select sum(revenue_jpy) as yen from core_shop.daily")
    assert session.rows(compiled) == [{"yen": 180}]
    session.close()
    assert read(hanako, "select sum(revenue_jpy) as yen from core_shop.daily") == [[1150]]


def test_sources_are_read_by_the_deployment_unless_a_person_has_a_copy(opened: Open, shared: Lake) -> None:
    taro = opened("taro")
    assert due_tables(taro) == []
    land(taro, {"2024-05-03": [7]})
    assert read(taro, "select amount_jpy from raw_shop.orders") == [[7]]
    assert read(shared, "select count(*) as n from raw_shop.orders") == [[3]]
    assert [str(table.name) for _, table in due_tables(taro)] == ["raw_shop.orders"]


def test_nothing_of_the_shared_tables_is_rolled_back_or_cleaned_by_a_person(
    opened: Open, shared: Lake, tmp_path: Path
) -> None:
    land(shared, {"2024-05-02": [1000]})
    build(shared, DAILY, run="later")
    taro = opened("taro")
    with pytest.raises(UsageError, match="is a shared table, and no one of your own"):
        rollback(taro, DAILY, run="t1")
    assert gc(taro) == []
    assert len(shared.catalog.versions(DAILY)) == 2


def test_days_that_a_dead_publisher_left_are_read_by_a_person_and_not_switched(
    aws: RunningAws, opened: Open, shared: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    land(shared, {"2024-05-02": [1000]})
    with monkeypatch.context() as patched:
        patched.setattr("connectors.catalogs.glue.switch_days", dies)
        with pytest.raises(KeyboardInterrupt):
            build(shared, DAILY, run="later")
    monkeypatch.setattr("connectors.catalogs.glue_words.SWITCHING_TIME", NO_TIME)
    place = place_of(shared, DAILY)

    def told() -> Any:
        return aws.client("glue").get_table(DatabaseName=place.database, Name=place.table)["Table"]

    left = told()
    assert read(opened("hanako"), "select sum(revenue_jpy) as yen from core_shop.daily") == [[1150]]
    assert told() == left
    assert read(opened(), "select sum(revenue_jpy) as yen from core_shop.daily") == [[1150]]
    assert told() != left


def test_queries_of_all_people_are_counted_together(opened: Open, shared: Lake) -> None:
    taro, bucket = opened("taro"), cast(Any, shared.storage)
    with ExitStack() as stack:
        for _ in range(10):
            stack.enter_context(Slots(bucket, 10, threading.Event()).taken())
        threading.Timer(1.5, taro.interrupt).start()
        with pytest.raises(Stopped):
            read(taro, "select sum(revenue_jpy) as yen from core_shop.daily")
    assert taro.queries == ()
    assert read(opened("taro"), "select sum(revenue_jpy) as yen from core_shop.daily") == [[180]]


def test_a_user_cannot_have_the_name_of_a_layer(opened: Open, shared: Lake) -> None:
    with pytest.raises(UsageError, match='"core" cannot be the name of a user, because core_shop is a database'):
        opened("core")
