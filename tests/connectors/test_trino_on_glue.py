"""A real Trino server on this Glue and this S3: it reads what is there, and what it writes is read here."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from asking_athena import Place
from running_aws import RunningAws, running_aws
from shop_lake import DAILY, ORDERS, TOTALS, land
from shop_on_aws import BUCKET, aws_home, open_aws_shop

from connectors.build import build
from connectors.lake import Lake
from local_dev.trino import ask
from transforms.names import TableName
from transforms.snapshot import Part

pytestmark = pytest.mark.trino
TYPES = """
select true as flag, cast(1 as tinyint) as tiny, cast(2 as smallint) as small, 3 as whole, 4 as big,
  cast(0.5 as real) as f, 1.5e0 as d, decimal '12.30' as p, '日本' as s, to_utf8('x') as v,
  date '2024-05-01' as day, timestamp '2024-05-01 10:11:12.345' as at, array[1, null] as a,
  map(array['k'], array[1]) as m, cast(row(1, 'x') as row(i integer, s varchar)) as r, cast(null as varchar) as n
"""
Trino = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningAws]:
    with running_aws(tmp_path_factory.mktemp("aws")) as running:
        for bucket in (BUCKET, "lake", "results"):
            running.client("s3").create_bucket(Bucket=bucket)
        yield running


@pytest.fixture
def place(aws: RunningAws) -> Place:
    return Place(aws)


@pytest.fixture(scope="module")
def on_trino(aws: RunningAws, trino: None) -> Iterator[Trino]:
    """Statements in a catalog of Trino's own over this Glue and this S3."""
    catalog = f"aws_{secrets.token_hex(4)}"
    properties = {
        "hive.metastore": "glue",
        "hive.metastore.glue.endpoint-url": aws.url,
        "fs.native-s3.enabled": "true",
        "s3.endpoint": aws.url,
        "s3.path-style-access": "true",
        "hive.non-managed-table-writes-enabled": "true",
        "hive.timestamp-precision": "MILLISECONDS",
        "hive.partition-projection-enabled": "true",
        "hive.storage-format": "PARQUET",
    }
    for service in ("hive.metastore.glue", "s3"):
        keys = {"aws-access-key": "local", "aws-secret-key": "local", "region": "us-east-1"}
        properties |= {f"{service}.{key}": value for key, value in keys.items()}
    listed = ", ".join(f"\"{key}\" = '{value}'" for key, value in properties.items())

    def told(sql: str) -> list[tuple[Any, ...]]:
        answer = ask(sql, catalog=catalog)
        assert answer.error is None, f"{sql}\n{answer.error}"
        return list(answer.rows)

    told(f"create catalog {catalog} using hive with ({listed})")
    yield told
    told(f"drop catalog {catalog}")


@pytest.fixture
def lake(aws: RunningAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lake]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    lake = open_aws_shop(aws_home(aws, tmp_path, f"t{secrets.token_hex(3)}"))
    yield lake
    lake.close()


def place_of(lake: Lake, name: TableName) -> str:
    place = lake.catalog.place(name)  # type: ignore[attr-defined]
    return f'"{place.database}"."{place.table}"'


def test_it_reads_every_table_that_the_platform_published(lake: Lake, on_trino: Trino) -> None:
    land(lake, {"2024-05-01": [100, 50], "2024-05-02": [30]})
    build(lake, DAILY, run="r1")
    land(lake, {"2024-05-02": [30, 40]})
    build(lake, DAILY, run="r2")
    build(lake, TOTALS, run="r2")
    orders = on_trino(f"select ordered_on, amount_jpy, day from {place_of(lake, ORDERS)} order by id")
    assert [row[1] for row in orders] == [100, 50, 30, 40]
    assert {(row[0], row[2]) for row in orders} == {("2024-05-01", "2024-05-01"), ("2024-05-02", "2024-05-02")}
    daily = on_trino(f"select day, orders, revenue_jpy from {place_of(lake, DAILY)} order by day")
    assert daily == [("2024-05-01", 2, 150), ("2024-05-02", 2, 70)]
    assert on_trino(f"select * from {place_of(lake, TOTALS)}") == [(4, 220)]


def test_it_reads_a_day_whose_files_lie_in_several_folders(lake: Lake, on_trino: Trino) -> None:
    land(lake, {"2024-05-01": [100], "2024-05-03": [7]})
    first = land(lake, {"2024-05-02": [30]})
    second = land(lake, {"2024-05-02": [70]})
    one, other = first.parts["2024-05-02"], second.parts["2024-05-02"]
    both = Part((*one.files, *other.files), 2, one.bytes + other.bytes, "both")
    lake.catalog.commit(ORDERS, second.version, replace(second, parts={**second.parts, "2024-05-02": both}))
    sums = on_trino(f"select day, count(*), sum(amount_jpy) from {place_of(lake, ORDERS)} group by 1 order by 1")
    assert sums == [("2024-05-01", 1, 100), ("2024-05-02", 2, 100), ("2024-05-03", 1, 7)]


def test_it_reads_every_type_that_athena_wrote(place: Place, on_trino: Trino) -> None:
    where = f"external_location = '{place.location('types')}'"
    place.rows(f"create table types with ({where}) as {TYPES}")
    assert on_trino(f"select * from {place.database}.types") == on_trino(TYPES)


def test_projected_partitions_are_read(place: Place, on_trino: Trino) -> None:
    place.parquet("t/day=2024-05-02/a.parquet", "select 7::bigint as a")
    projected = {
        "enabled": "true",
        "day.type": "date",
        "day.format": "yyyy-MM-dd",
        "day.range": "2024-05-01,2024-05-31",
    }
    parameters = {f"projection.{key}": value for key, value in projected.items()}
    place.table("t", {"a": "bigint"}, {"day": "string"}, Parameters={**parameters, "EXTERNAL": "TRUE"})
    sql = f"select a, day from {place.database}.t where day between '2024-05-01' and '2024-05-03'"
    assert on_trino(sql) == [(7, "2024-05-02")]


def test_what_it_writes_is_read_by_athena(place: Place, on_trino: Trino) -> None:
    name = f"{place.database}.made"
    where = f"external_location = '{place.location('made')}', partitioned_by = array['month']"
    on_trino(f"create table {name} with ({where}) as select *, '2024-05' as month from ({TYPES})")
    on_trino(f"insert into {name} select *, '2024-06' as month from ({TYPES})")
    expected = place.rows(TYPES)
    assert place.rows("select * from made order by month") == [(*expected[0], "2024-05"), (*expected[0], "2024-06")]
    assert place.rows("show partitions made") == [("month=2024-05",), ("month=2024-06",)]
    place.rows("insert into made select * from made where month = '2024-06'")
    assert on_trino(f"select month, count(*) from {name} group by 1 order by 1") == [("2024-05", 1), ("2024-06", 2)]
    on_trino(f"delete from {name} where month = '2024-06'")
    assert place.rows("select count(*) from made") == [("1",)]


def test_texts_have_the_length_that_the_table_says_on_both(place: Place, on_trino: Trino) -> None:
    place.parquet("t/a.parquet", "select 'ab' as filled, 'abcdef' as cut, 'abcdef' as c")
    place.table("t", {"filled": "char(4)", "cut": "varchar(3)", "c": "char(3)"})
    expected = [("ab  ", "abc", "abc")]
    assert on_trino(f"select * from {place.database}.t") == expected
    assert place.rows("select * from t") == expected


def test_what_it_knows_of_columns_and_views_is_kept(place: Place, on_trino: Trino) -> None:
    name = f"{place.database}.made"
    on_trino(f"create table {name} with (external_location = '{place.location('made')}') as select 1 as a, 'x' as b")
    on_trino(f"analyze {name}")
    known = {row[0]: row[5:] for row in on_trino(f"show stats for {name}")}
    assert known["a"] == ("1", "1")
    on_trino(f"create view {place.database}.seen as select a + 1 as b from {name}")
    assert place.rows("select b from seen") == [("2",)]
    on_trino(f"drop view {place.database}.seen")
    on_trino(f"drop table {name}")
    assert place.rows("show tables") == []
