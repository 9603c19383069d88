"""Days that change together switch together: one query over all of them sees all as they were, or all as they are."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest
from running_aws import RunningAws
from shop_lake import DAILY, edit, land
from shop_on_aws import asked, open_aws_shop, place_of, seen

from connectors.build import build
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
