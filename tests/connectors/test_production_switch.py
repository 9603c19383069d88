"""Days that change together switch together: one query over all of them sees all as they were, or all as they are."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import botocore.client
import pytest
from running_aws import RunningAws
from shop_lake import DAILY, edit, land
from shop_on_aws import NO_TIME, asked, open_aws_shop, place_of, seen

from connectors.build import build
from connectors.catalogs import glue_days
from connectors.catalogs.glue_parts import Layout
from connectors.catalogs.glue_words import SWITCHING, SWITCHING_TIME
from connectors.housekeeping import rollback
from connectors.lake import Lake

pytestmark = pytest.mark.aws
DAYS = [(date(2024, 1, 1) + timedelta(number)).isoformat() for number in range(12)]
FILE = "transforms/tables/core_shop/daily.sql"
ONE_VERSION = "select count(*), count(distinct revenue_jpy), min(revenue_jpy), max(orders) from {}"


def restated(lake: Lake, amount: int) -> None:
    """Every day of the input with one order of this amount."""
    land(lake, {day: [amount] for day in DAYS})


@contextmanager
def reading(home: Path, sql: str, right: Callable[[list[str | None]], bool]) -> Iterator[list[list[str | None]]]:
    """Somebody reads all days in one query, again and again; gives what was neither before nor after."""
    reader, stop, torn, reads = open_aws_shop(home), threading.Event(), list[list[str | None]](), [0]

    def read() -> None:
        while not stop.is_set():
            (row,) = asked(reader, sql)
            reads[0] += 1
            if not right(row):
                torn.append(row)

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield torn
    finally:
        stop.set()
        thread.join()
        reader.close()
    assert reads[0] > 10


def whole(row: list[str | None]) -> bool:
    """All days are there, with the rows of one version."""
    return row[:2] == [str(len(DAYS)), "1"]


def test_restated_days_change_in_one_moment(home: Path, lake: Lake) -> None:
    restated(lake, 1)
    build(lake, DAILY, run="r1")
    with reading(home, ONE_VERSION, whole) as torn:
        for number in range(2, 5):
            restated(lake, number)
            build(lake, DAILY, run=f"r{number}")
        rollback(lake, DAILY, 2, run="r5")
    assert torn == []
    assert {row[2] for row in seen(lake)} == {"2"}


def test_columns_change_with_all_rows_in_one_moment(home: Path, lake: Lake) -> None:
    restated(lake, 1)
    build(lake, DAILY, run="r1")
    sql = "select count(*), count(distinct revenue_jpy), min(revenue_jpy), max(typeof(orders)) from {}"
    allowed = [["12", "1", "1", "bigint"], ["12", "1", "2", "double"]]
    with reading(home, sql, lambda row: row in allowed) as torn:
        edit(home, FILE, "count(*) as orders,  ", "cast(count(*) as double) as orders,  ")
        changed = open_aws_shop(home)
        restated(changed, 2)
        assert build(changed, DAILY, run="r2").rows == len(DAYS)
    assert torn == []
    assert asked(changed, sql) == [allowed[1]]


def test_a_new_table_has_no_rows_before_it_has_them_all(
    aws: RunningAws, home: Path, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    restated(lake, 1)
    met: list[list[list[str | None]]] = []
    monkeypatch.setattr("connectors.catalogs.glue.switch_days", lambda *_: met.append(seen(lake)))
    build(lake, DAILY, run="r1")
    assert met == [[]]
    parameters = aws.client("glue").get_table(DatabaseName=place_of(lake, DAILY).database, Name="daily")["Table"][
        "Parameters"
    ]
    assert not [key for key in parameters if key.startswith(("projection", "storage", "baikal.switching"))]


def test_glue_has_no_partition_of_another_version_in_the_end(aws: RunningAws, home: Path, lake: Lake) -> None:
    restated(lake, 1)
    build(lake, DAILY, run="r1")
    land(lake, {DAYS[0]: [9, 9], DAYS[3]: [5]})
    built = build(lake, DAILY, run="r2")
    assert built.rows == 2
    place = place_of(lake, DAILY)
    found = aws.client("glue").get_partitions(DatabaseName=place.database, TableName="daily")["Partitions"]
    snapshot = lake.catalog.get(DAILY)
    assert snapshot
    assert {p["Values"][0]: p["Parameters"]["baikal.fingerprint"] for p in found} == {
        value: part.fingerprint for value, part in snapshot.parts.items()
    }
    table = aws.client("glue").get_table(DatabaseName=place.database, Name="daily")["Table"]
    assert table["StorageDescriptor"]["InputFormat"].endswith("MapredParquetInputFormat")


def test_a_publisher_that_was_taken_for_dead_writes_no_day_under_another_version(
    aws: RunningAws, home: Path, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    restated(lake, 1)
    build(lake, DAILY, run="r1")
    land(lake, {DAYS[0]: [2]})
    other, place, glue = open_aws_shop(home), place_of(lake, DAILY), aws.client("glue")
    prepare, call = Layout.prepare, botocore.client.BaseClient._make_api_call  # type: ignore[attr-defined]
    marked: list[bool] = []

    def stops_for_long(layout: Layout, parts: Any) -> None:
        if "r2" not in str(parts := list(parts)) or SWITCHING not in told():
            return prepare(layout, parts)
        monkeypatch.setattr(Layout, "prepare", prepare)
        monkeypatch.setattr("connectors.catalogs.glue_words.SWITCHING_TIME", NO_TIME)
        land(other, {DAYS[0]: [3]})
        build(other, DAILY, run="r3")
        monkeypatch.setattr("connectors.catalogs.glue_words.SWITCHING_TIME", SWITCHING_TIME)
        return prepare(layout, parts)

    def told() -> Any:
        return glue.get_table(DatabaseName=place.database, Name=place.table)["Table"]["Parameters"]

    def watched(client: Any, operation: str, parameters: Any) -> Any:
        if operation in ("BatchCreatePartition", "BatchUpdatePartition") and parameters["TableName"] == place.table:
            marked.append(SWITCHING in told())
        return call(client, operation, parameters)

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", watched)
    monkeypatch.setattr(Layout, "prepare", stops_for_long)
    assert build(lake, DAILY, run="r2").version == 2
    assert len(marked) >= 3
    assert all(marked)
    assert seen(lake)[0] == [DAYS[0], "1", "3"]
    assert other.catalog.own(DAILY) == lake.catalog.own(DAILY)
    assert SWITCHING not in told()


def test_a_slow_publisher_is_not_taken_for_dead(home: Path, lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    restated(lake, 1)
    build(lake, DAILY, run="r1")
    land(lake, {day: [2] for day in DAYS[:3]})
    other, place, update = open_aws_shop(home), place_of(lake, DAILY), glue_days._update
    batches: list[object] = []
    looking = threading.Lock()

    def slow(glue: Any, at: Any, batch: Any) -> None:
        if at == place:
            before = glue.get_table(DatabaseName=place.database, Name=place.table)["Table"]
            assert looking.acquire(blocking=False), "the other one switches days"
            other.catalog.get(DAILY)
            looking.release()
            assert glue.get_table(DatabaseName=place.database, Name=place.table)["Table"] == before
            batches.append(batch)
            time.sleep(1.5)
        update(glue, at, batch)

    monkeypatch.setattr(glue_days, "_update", slow)
    monkeypatch.setattr(glue_days, "_BATCH", 1)
    monkeypatch.setattr("connectors.catalogs.glue.RENEWAL_S", 0)
    monkeypatch.setattr("connectors.catalogs.glue_words.SWITCHING_TIME", timedelta(seconds=4))
    build(lake, DAILY, run="r2")
    assert len(batches) == 3
    assert [row[2] for row in seen(lake)[:4]] == ["2", "2", "2", "1"]
