"""Publishing on AWS: Glue, S3 and Athena as one protocol, judged by what a reader sees through Athena."""

from __future__ import annotations

import json
import threading
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from running_aws import RunningAws
from shop_lake import DAILY, FEW, NOW, ORDERS, TOTALS, edit, land, write
from shop_on_aws import BUCKET, NO_TIME, asked, open_aws_shop, place_of, seen

from connectors.build import build
from connectors.housekeeping import gc, rollback
from connectors.lake import Lake
from transforms.errors import CheckFailed, Conflict, OutsideError, Problem, Rejected, UsageError
from transforms.names import TableName
from transforms.query_stats import Purpose
from transforms.snapshot import Part

pytestmark = pytest.mark.aws
BEST = TableName("shop", "best")
ALL = "select day, orders, revenue_jpy from core_shop.daily order by day"


def rows(lake: Lake, sql: str = ALL) -> list[list[Any]]:
    return [list(row.values()) for row in lake.query(sql)[1].read_all().to_pylist()]


def test_days_are_built_checked_and_published(lake: Lake) -> None:
    land(lake, {"2024-05-01": [100, 50], "2024-05-02": [30]})
    built = build(lake, DAILY, run="r1")
    assert (built.rows, built.version) == (2, 1)
    assert seen(lake) == [["2024-05-01", "2", "150"], ["2024-05-02", "1", "30"]]
    assert build(lake, DAILY, run="r2").fresh
    land(lake, {"2024-05-02": [30, 40], "2024-05-03": [7]})
    again = build(lake, DAILY, run="r3")
    assert (again.days and len(again.days), again.version) == (2, 2)
    assert seen(lake)[1:] == [["2024-05-02", "2", "70"], ["2024-05-03", "1", "7"]]
    build(lake, TOTALS, run="r3")
    assert rows(lake, "select orders, revenue_jpy from core_shop.totals") == [[5, 227]]
    assert len(rows(lake, "select day from shop.best")) == 1


def test_glue_says_what_a_table_is(aws: RunningAws, home: Path, lake: Lake) -> None:
    land(lake, {"2024-05-01": [100], "2024-05-02": [1, 2]})
    build(lake, DAILY, run="r1")
    build(lake, TOTALS, run="r1")
    glue, place = aws.client("glue"), place_of(lake, DAILY)
    table = glue.get_table(DatabaseName=place.database, Name="daily")["Table"]
    columns = {column["Name"]: column for column in table["StorageDescriptor"]["Columns"]}
    assert (table["Owner"], table["Description"]) == ("shop", "Orders per day.")
    assert (columns["revenue_jpy"]["Type"], columns["revenue_jpy"]["Comment"]) == ("bigint", "Revenue, yen")
    assert [key["Name"] for key in table["PartitionKeys"]] == ["day"]
    parameters, snapshot = table["Parameters"], lake.catalog.get(DAILY)
    assert snapshot
    assert parameters["baikal.table"] == "core_shop.daily"
    assert (parameters["numRows"], parameters["totalSize"]) == ("2", str(snapshot.bytes))
    assert "baikal.switching" not in parameters
    for partition in glue.get_partitions(DatabaseName=place.database, TableName="daily")["Partitions"]:
        part = snapshot.parts[partition["Values"][0]]
        facts = {"baikal.fingerprint": part.fingerprint, "numRows": "1", "totalSize": str(part.bytes)}
        assert partition["Parameters"] == facts
    totals, whole = lake.catalog.get(TOTALS), glue.get_table(DatabaseName=place.database, Name="totals")["Table"]
    assert totals
    assert whole["Parameters"]["baikal.fingerprint"] == totals.parts[""].fingerprint
    raw = glue.get_table(DatabaseName=place_of(lake, ORDERS).database, Name="orders")["Table"]
    classes = {column["Name"]: column.get("Parameters") for column in raw["StorageDescriptor"]["Columns"]}
    assert classes == {**dict.fromkeys(classes), "email": {"baikal.class": "personal"}}


def test_what_people_read_is_told_anew_when_only_that_changed(aws: RunningAws, home: Path, lake: Lake) -> None:
    land(lake, {"2024-05-01": [100]})
    build(lake, DAILY, run="r1")
    path, place = "transforms/tables/core_shop/daily.sql", place_of(lake, DAILY)
    edit(home, path, "description: Orders per day.", "description: Orders of a day.")
    edit(home, path, "-- Revenue, yen", "-- Revenue without tax, yen")
    assert build(open_aws_shop(home), DAILY, run="r2").fresh
    table = aws.client("glue").get_table(DatabaseName=place.database, Name="daily")["Table"]
    comments = {column["Name"]: column["Comment"] for column in table["StorageDescriptor"]["Columns"]}
    assert (table["Description"], comments["revenue_jpy"]) == ("Orders of a day.", "Revenue without tax, yen")
    version = table["VersionId"]
    assert build(open_aws_shop(home), DAILY, run="r3").fresh
    assert aws.client("glue").get_table(DatabaseName=place.database, Name="daily")["Table"]["VersionId"] == version
    assert len(seen(lake)) == 1


def test_a_table_takes_one_query_to_stage_and_one_to_check(lake: Lake) -> None:
    land(lake, {"2024-05-01": [100, 7], "2024-05-02": [30]})
    build(lake, DAILY, run="r1")
    staged, audited = lake.queries
    assert (staged.kind, staged.table, staged.owner, staged.rows, staged.state) == (
        "build",
        DAILY,
        "shop",
        2,
        "SUCCEEDED",
    )
    assert (audited.kind, audited.table, audited.rows) == ("audit", DAILY, 1)
    assert staged.bytes > 0
    assert staged.ms >= staged.queue_ms
    assert staged.cost_usd == 5 * 10 / (1 << 20)


def test_what_the_footers_of_the_files_prove_is_not_asked(home: Path) -> None:
    edit(home, "transforms/tables/core_shop/daily.sql", f"\n  - {FEW}", "")
    lake = open_aws_shop(home)
    land(lake, {"2024-05-01": [0], "2024-05-02": [30]})
    assert build(lake, DAILY, run="r1").rows == 2
    assert [query.kind for query in lake.queries] == ["build"]
    land(lake, {"2024-05-02": [-1]})
    with pytest.raises(CheckFailed, match="revenue_jpy: 1 row under 0"):
        build(lake, DAILY, run="r2")
    assert [query.kind for query in lake.queries][:3] == ["build", "build", "audit"]
    lake.close()


def test_more_than_a_hundred_days_are_written_in_batches_and_their_source_is_read_once(lake: Lake) -> None:
    days = [(date(2024, 1, 1) + timedelta(number)).isoformat() for number in range(130)]
    land(lake, {day: [3, 4] for day in days})
    assert build(lake, DAILY, run="r1").rows == 130
    first, second, audit = lake.queries
    assert [first.kind, second.kind, audit.kind] == ["build", "build", "audit"]
    assert (first.rows, second.rows) == (100, 30)
    whole = lake.engine.queries  # type: ignore[attr-defined]
    place = place_of(lake, ORDERS)
    whole.run(f'select day, count(*), sum(amount_jpy) from "{place.database}"."{place.table}" group by day')
    assert first.bytes + second.bytes == lake.queries[-1].bytes
    assert len(seen(lake)) == 130


def test_a_day_whose_files_lie_in_several_folders_is_read_whole(lake: Lake) -> None:
    first = land(lake, {"2024-05-01": [100]})
    second = land(lake, {"2024-05-01": [50]})
    one, other = first.parts["2024-05-01"], second.parts["2024-05-01"]
    both = Part((*one.files, *other.files), 2, one.bytes + other.bytes, "both")
    lake.catalog.commit(ORDERS, second.version, replace(second, parts={"2024-05-01": both}))
    build(lake, DAILY, run="r1")
    assert seen(lake) == [["2024-05-01", "2", "150"]]


def test_a_failed_check_publishes_nothing(lake: Lake) -> None:
    land(lake, {"2024-05-01": [100]})
    build(lake, DAILY, run="r1")
    land(lake, {"2024-05-01": [-5]})
    with pytest.raises(CheckFailed, match="revenue_jpy: 1 row under 0"):
        build(lake, DAILY, run="r2")
    assert seen(lake) == [["2024-05-01", "1", "100"]]


def test_what_athena_rejects_is_told_at_the_line_of_the_file(home: Path, lake: Lake) -> None:
    land(lake, {"2024-05-01": [0]})
    path = "transforms/tables/core_shop/daily.sql"
    edit(home, path, "count(*) as orders", "count(*) / sum(amount_jpy) as orders")
    with pytest.raises(Rejected, match=r"core_shop/daily\.sql.*Division by zero"):
        build(open_aws_shop(home), DAILY, run="r1")


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


def test_a_table_that_is_not_ours_is_never_replaced(aws: RunningAws, lake: Lake) -> None:
    land(lake, {"2024-05-01": [100]})
    place = place_of(lake, DAILY)
    glue = aws.client("glue")
    glue.create_database(DatabaseInput={"Name": place.database})
    glue.create_table(DatabaseName=place.database, TableInput={"Name": "daily", "Parameters": {"owner": "someone"}})
    with pytest.raises(OutsideError, match="that is not the platform's"):
        build(lake, DAILY, run="r1")
    assert glue.get_table(DatabaseName=place.database, Name="daily")["Table"]["Parameters"] == {"owner": "someone"}


def test_a_publisher_that_died_while_days_were_switched_is_made_good(
    aws: RunningAws, home: Path, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    land(lake, {"2024-05-01": [100]})
    build(lake, DAILY, run="r1")
    land(lake, {"2024-05-01": [5], "2024-05-02": [6]})
    with monkeypatch.context() as patched:
        patched.setattr("connectors.catalogs.glue.switch_days", _dies)
        with pytest.raises(KeyboardInterrupt):
            build(lake, DAILY, run="r2")
    assert seen(lake) == [["2024-05-01", "1", "100"]]
    land(lake, {"2024-05-03": [7]})
    monkeypatch.setattr("connectors.catalogs.glue_words.SWITCHING_TIME", NO_TIME)
    other = open_aws_shop(home)
    build(other, DAILY, run="r3")
    assert seen(other) == [["2024-05-01", "1", "5"], ["2024-05-02", "1", "6"], ["2024-05-03", "1", "7"]]


def _dies(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_rollback_is_a_repoint(lake: Lake) -> None:
    land(lake, {"2024-05-01": [100]})
    build(lake, DAILY, run="r1")
    land(lake, {"2024-05-01": [5], "2024-05-02": [6]})
    build(lake, DAILY, run="r2")
    rollback(lake, DAILY, run="r3")
    assert seen(lake) == [["2024-05-01", "1", "100"]]


def test_gc_takes_what_was_superseded_and_nothing_foreign(aws: RunningAws, lake: Lake) -> None:
    land(lake, {"2024-05-01": [100]})
    build(lake, DAILY, run="r1")
    land(lake, {"2024-05-01": [5]})
    build(lake, DAILY, run="r2")
    first = lake.catalog.get(DAILY, 1)
    assert first
    bucket, s3 = lake.storage, aws.client("s3")
    folder = bucket.url("")[len(f"s3://{BUCKET}/") :]  # type: ignore[attr-defined]
    run = "/".join(first.parts["2024-05-01"].files[0].split("/")[:3])
    foreign = [f"{folder}notes.txt", f"{folder}core_shop/daily/mine/x.parquet", f"{folder}{run}/README.md"]
    for key in foreign:
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"mine")
    assert [one for one in gc(lake) if one.table == DAILY] == []
    later = replace(lake, clock=lambda: NOW + timedelta(days=8))
    (cleaned,) = [one for one in gc(later) if one.table == DAILY]
    assert cleaned.versions == (1,)
    assert not bucket.has(first.parts["2024-05-01"].files[0])
    assert seen(lake) == [["2024-05-01", "1", "5"]]
    assert all(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == b"mine" for key in foreign)


def test_gc_leaves_what_a_rollback_took_up_meanwhile(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    land(lake, {"2024-05-01": [100]})
    build(lake, DAILY, run="r1")
    land(lake, {"2024-05-01": [5]})
    build(lake, DAILY, run="r2")
    catalog, forget = lake.catalog, lake.catalog.forget
    other = open_aws_shop(lake.content.home)
    rolled: list[int] = []

    def meanwhile(name: TableName, versions: Collection[int], seen: int) -> None:
        if name == DAILY and not rolled:
            rolled.append(rollback(other, DAILY, run="r3").version)
        forget(name, versions, seen)

    monkeypatch.setattr(catalog, "forget", meanwhile)
    cleaned = gc(replace(lake, clock=lambda: NOW + timedelta(days=8)))
    assert rolled == [3]
    assert [one for one in cleaned if one.table == DAILY and one.files] == []
    assert seen(other) == [["2024-05-01", "1", "100"]]


def test_a_rollback_to_what_gc_took_meanwhile_is_refused(lake: Lake) -> None:
    land(lake, {"2024-05-01": [100]})
    build(lake, DAILY, run="r1")
    land(lake, {"2024-05-01": [5]})
    build(lake, DAILY, run="r2")
    current, old = lake.catalog.get(DAILY), lake.catalog.get(DAILY, 1)
    assert current
    assert old
    gc(replace(lake, clock=lambda: NOW + timedelta(days=8)))
    with pytest.raises(Conflict, match="is kept no longer"):
        lake.catalog.commit(DAILY, 2, replace(old, version=2, run="r3"), standing_on=1)
    assert seen(lake) == [["2024-05-01", "1", "5"]]


def test_a_version_never_points_at_files_that_are_not_there(lake: Lake) -> None:
    land(lake, {"2024-05-01": [100]})
    build(lake, DAILY, run="r1")
    current = lake.catalog.get(DAILY)
    assert current
    part = Part(("core_shop/daily/gone/day=2024-05-02/x.parquet",), 1, 1, "f")
    with pytest.raises(OutsideError, match=r"cannot publish core_shop\.daily: .*x\.parquet is missing"):
        lake.catalog.commit(DAILY, 1, replace(current, parts={**current.parts, "2024-05-02": part}))
    assert lake.catalog.versions(DAILY) == [1]


def test_readers_see_each_day_before_or_after(home: Path, lake: Lake) -> None:
    land(lake, {"2024-05-01": [1] * 3})
    build(lake, DAILY, run="r0")
    reader, stop, torn = open_aws_shop(home), threading.Event(), []

    def read() -> None:
        while not stop.is_set():
            for _, orders, revenue in seen(reader):
                if int(revenue) % int(orders):
                    torn.append((orders, revenue))

    thread = threading.Thread(target=read)
    thread.start()
    try:
        for number in range(2, 8):
            land(lake, {"2024-05-01": [number] * (3 + number)})
            build(lake, DAILY, run=f"r{number}")
    finally:
        stop.set()
        thread.join()
    assert torn == []


def test_views_are_written_for_other_tools_and_again_when_they_change(aws: RunningAws, home: Path, lake: Lake) -> None:
    with pytest.raises(UsageError, match=r"core_shop\.daily, which has no data yet"):
        build(lake, BEST, run="r0")
    land(lake, {"2024-05-01": [100], "2024-05-02": [30]})
    build(lake, DAILY, run="r1")
    assert not build(lake, BEST, run="r1").fresh
    place = place_of(lake, BEST)
    asked = f'select * from "{place.database}"."{place.table}"'
    queries = lake.engine.queries  # type: ignore[attr-defined]
    assert list(queries.rows(queries.run(asked))) == [["2024-05-01", "100"]]
    assert build(lake, BEST, run="r2").fresh
    edit(home, "transforms/views/shop/best.sql", ">= 100", ">= 30")
    changed = open_aws_shop(home)
    assert not build(changed, BEST, run="r3").fresh
    assert len(list(queries.rows(queries.run(asked)))) == 2
    queries.run(f'create or replace view "{place.database}"."{place.table}" as select 1 as one')
    assert build(changed, BEST, run="r4").warnings == ("it had been changed by hand, and is again as its file says",)
    assert len(list(queries.rows(queries.run(asked)))) == 2


def test_views_over_views_are_written_again_in_order_when_columns_change(home: Path, lake: Lake) -> None:
    top = TableName("shop", "top")
    write(
        home,
        "transforms/views/shop/top.sql",
        """
        /*
        description: The best day of the shop.
        owner: shop
        */
        select max(revenue_jpy) as revenue_jpy   -- Revenue, yen
        from shop.best
        """,
    )
    land(lake, {"2024-05-01": [100], "2024-05-02": [300]})
    first = open_aws_shop(home)
    for name in (DAILY, BEST, top):
        build(first, name, run="r1")
    edit(home, "transforms/tables/core_shop/daily.sql", "sum(amount_jpy) as", "cast(sum(amount_jpy) as double) as")
    changed = open_aws_shop(home)
    order = changed.content.graph.sort((top, BEST, DAILY))
    assert order == (DAILY, BEST, top)
    assert [build(changed, name, run="r2").fresh for name in order] == [False, False, False]
    assert [one.table for one in changed.queries if one.kind == "view"] == [BEST, top]
    place = place_of(changed, top)
    assert asked(changed, f'select revenue_jpy from "{place.database}"."{place.table}"') == [["300.0"]]


def test_a_fault_below_a_view_is_told_at_its_line(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    land(lake, {"2024-05-01": [100]})
    build(lake, DAILY, run="r1")

    def rejects(sql: str, purpose: Purpose) -> str:
        lines = purpose.before(sql).splitlines()
        line = next(number for number, text in enumerate(lines, 1) if "length" in text)
        raise Rejected([Problem(None, line, lines[line - 1].index("length") + 1, "it fails")])

    monkeypatch.setattr(lake.engine.queries, "run", rejects)  # type: ignore[attr-defined]
    with pytest.raises(Rejected, match=r"\A3:7: it fails\Z"):
        lake.query("select day\nfrom shop.best -- which Athena does not have\nwhere length('a') > 0")
    with pytest.raises(Rejected, match=r"\A1:8: it fails\Z"):
        lake.query("select length('a')\nfrom shop.best")


def test_gc_takes_old_results_of_athena_and_what_dead_processes_left(lake: Lake) -> None:
    land(lake, {"2024-05-01": [100]})
    build(lake, DAILY, run="r1")
    bucket, dead = lake.storage, lake.root.parent / "local-aws-999999999-0123abcd"
    (dead / "core_shop").mkdir(parents=True)
    bucket.write("_athena/mine.csv", b"mine")  # type: ignore[attr-defined]
    results = [name for name, _ in bucket.objects("_athena")]  # type: ignore[attr-defined]
    assert len(results) > 2
    later = replace(lake, clock=lambda: datetime.now(UTC) + timedelta(days=8))
    gc(later, dry=True)
    assert [name for name, _ in bucket.objects("_athena")] == results  # type: ignore[attr-defined]
    gc(later)
    assert [name for name, _ in bucket.objects("_athena")] == ["_athena/mine.csv"]  # type: ignore[attr-defined]
    assert not dead.exists()
    assert len(seen(lake)) == 1


def test_a_view_that_is_not_ours_is_never_replaced(aws: RunningAws, lake: Lake) -> None:
    land(lake, {"2024-05-01": [100]})
    build(lake, DAILY, run="r1")
    place = place_of(lake, BEST)
    glue = aws.client("glue")
    glue.create_database(DatabaseInput={"Name": place.database})
    glue.create_table(DatabaseName=place.database, TableInput={"Name": "best", "Parameters": {"owner": "someone"}})
    with pytest.raises(OutsideError, match="which is not the platform's"):
        build(lake, BEST, run="r2")


def test_rows_come_back_as_they_are_on_a_laptop(lake: Lake) -> None:
    sql = (
        "select 1 as i, cast(2.5 as decimal(5,2)) as d, 'a,\"b' as s, true as b, date '2024-02-29' as day, "
        "timestamp '2024-02-29 10:11:12.345' as t, array[1, null] as l, cast(row(1, 'x') as row(a integer, b varchar)) "
        "as r, map(array['k'], array[2]) as m, x'00ff' as v, 1e300 as f, cast(null as bigint) as n, '' as e"
    )
    from connectors.lake import lake_at

    laptop = lake_at(lake.content.home / "laptop", lake.content)
    ours = lake.query(sql)[1].read_all().to_pylist()
    assert json.dumps(ours, default=str) == json.dumps(laptop.query(sql)[1].read_all().to_pylist(), default=str)
