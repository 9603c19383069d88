"""The laptop's lake through Glue, S3 and Athena: what is published is read, and nothing of it is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from asking_athena import Place
from botocore.exceptions import ClientError
from running_aws import RunningAws, running_aws

from connectors.catalogs.manifest import ManifestCatalog
from local_dev.aws.laptop import LaptopStore
from transforms.column import Column
from transforms.errors import OutsideError
from transforms.lake_types import BIGINT, DATE
from transforms.names import TableName
from transforms.snapshot import WHOLE, Part, Snapshot

pytestmark = pytest.mark.aws
CLICKS, TOTALS = TableName("core_ads", "clicks"), TableName("core_ads", "totals")
AMOUNT, DAY = Column("amount", BIGINT, "Yen"), Column("day", DATE)
ORDERED = "select day, amount from laptop_core_ads.clicks order by 1, 2"


@pytest.fixture
def laptop(tmp_path: Path) -> Iterator[Place]:
    with running_aws(tmp_path) as running:
        for bucket in ("lake", "results"):
            running.client("s3").create_bucket(Bucket=bucket)
        yield Place(running)


def publish(aws: RunningAws, name: TableName, files: dict[str, list[str]], columns: tuple[Column, ...]) -> None:
    """A version of a table; each file holds one row, whose amount is in its name: `run/day=2024-05-01/7.parquet`."""
    lake, parts = aws.data / ".lake", {}
    for value, names in files.items():
        paths = [f"{name.database}/{name.table}/{file}" for file in names]
        for path in paths:
            (lake / path).parent.mkdir(parents=True, exist_ok=True)
            duckdb.sql(f"copy (select {Path(path).stem}::bigint as amount) to '{lake / path}' (format parquet)")
        parts[value] = Part(tuple(paths), len(paths), 100, value)
    catalog = ManifestCatalog(lake)
    partition = None if WHOLE in files else "day"
    new = Snapshot(name, 0, "r", datetime.now(UTC), columns, partition, parts)
    catalog.commit(name, catalog.version(name), new)


def test_what_is_published_is_read_at_its_current_version(laptop: Place) -> None:
    names = [each["Name"] for each in laptop.glue.get_databases()["DatabaseList"]]
    assert names == [laptop.database]
    publish(laptop.aws, TOTALS, {WHOLE: ["a/7.parquet"]}, (AMOUNT,))
    publish(laptop.aws, CLICKS, {"2024-05-01": ["a/day=2024-05-01/1.parquet"]}, (AMOUNT, DAY))
    assert laptop.rows(ORDERED) == [("2024-05-01", "1")]
    assert laptop.rows("select amount from laptop_core_ads.totals") == [("7",)]
    second = {"2024-05-01": ["b/day=2024-05-01/2.parquet"], "2024-05-02": ["b/day=2024-05-02/3.parquet"]}
    publish(laptop.aws, CLICKS, second, (AMOUNT, DAY))
    assert laptop.rows(ORDERED) == [("2024-05-01", "2"), ("2024-05-02", "3")]
    assert laptop.rows("show tables in laptop_core_ads") == [("clicks",), ("totals",)]
    table = laptop.glue.get_table(DatabaseName="laptop_core_ads", Name="clicks")["Table"]
    assert (table["VersionId"], table["StorageDescriptor"]["Columns"][0]["Comment"]) == ("2", "Yen")
    found = laptop.glue.get_partitions(
        DatabaseName="laptop_core_ads", TableName="clicks", Expression="day='2024-05-02'"
    )
    place = found["Partitions"][0]["StorageDescriptor"]["Location"]
    assert place == "s3://laptop/core_ads/clicks/b/day=2024-05-02/"


def test_a_part_in_several_folders_or_beside_other_files_is_read_by_a_list(laptop: Place) -> None:
    publish(laptop.aws, CLICKS, {"2024-05-02": ["a/day=2024-05-02/9.parquet"]}, (AMOUNT, DAY))
    both = ["a/day=2024-05-01/1.parquet", "b/day=2024-05-01/2.parquet"]
    publish(laptop.aws, CLICKS, {"2024-05-01": both}, (AMOUNT, DAY))
    publish(laptop.aws, TOTALS, {WHOLE: ["a/7.parquet"]}, (AMOUNT,))
    (laptop.aws.data / ".lake" / "core_ads" / "totals" / "a" / "8.parquet").write_bytes(b"staged by another run")
    publish(laptop.aws, TOTALS, {WHOLE: ["a/7.parquet"]}, (AMOUNT,))
    assert laptop.rows(ORDERED) == [("2024-05-01", "1"), ("2024-05-01", "2")]
    assert laptop.rows("select amount from laptop_core_ads.totals") == [("7",)]


def test_nothing_of_it_can_be_changed(laptop: Place) -> None:
    publish(laptop.aws, CLICKS, {"2024-05-01": ["a/day=2024-05-01/1.parquet"]}, (AMOUNT, DAY))
    s3, where = laptop.aws.client("s3"), {"DatabaseName": "laptop_core_ads"}
    key = "core_ads/clicks/a/day=2024-05-01/1.parquet"
    before = s3.get_object(Bucket="laptop", Key=key)["Body"].read()
    refused: list[Callable[[], Any]] = [
        lambda: s3.put_object(Bucket="laptop", Key=key, Body=b""),
        lambda: s3.copy_object(Bucket="laptop", Key="x", CopySource=f"laptop/{key}"),
        lambda: s3.create_multipart_upload(Bucket="laptop", Key=key),
        lambda: s3.delete_object(Bucket="laptop", Key=key),
        lambda: laptop.glue.delete_table(**where, Name="clicks"),
        lambda: laptop.glue.create_table(**where, TableInput={"Name": "mine"}),
        lambda: laptop.glue.delete_database(Name="laptop_core_ads"),
        lambda: laptop.glue.create_database(DatabaseInput={"Name": "laptop_mine"}),
        lambda: laptop.glue.delete_partition(**where, TableName="clicks", PartitionValues=["2024-05-01"]),
    ]
    for call in refused:
        with pytest.raises(ClientError, match="read only: `baikal run` writes it"):
            call()
    assert s3.delete_objects(Bucket="laptop", Delete={"Objects": [{"Key": key}]})["Errors"][0]["Code"] == "AccessDenied"
    for sql in (
        "insert into laptop_core_ads.clicks select 5, date '2024-05-01'",
        "insert into laptop_core_ads.clicks select 5, date '2024-05-09'",
        "create table laptop_core_ads.mine as select 1 as a",
        "create database if not exists laptop_mine",
        "drop table laptop_core_ads.clicks",
        "alter table laptop_core_ads.clicks drop partition (day = '2024-05-01')",
        "unload (select 1 as a) to 's3://laptop/out/' with (format = 'PARQUET')",
    ):
        asked = laptop.ask(sql)
        assert (asked.state, "read only" in asked.error) == ("FAILED", True), (sql, asked.error)
        assert asked.execution["Status"]["AthenaError"]["ErrorCategory"] == 2, "the user's, and no failure of Athena's"
    assert laptop.rows(ORDERED) == [("2024-05-01", "1")]
    assert s3.get_object(Bucket="laptop", Key=key)["Body"].read() == before
    assert not (laptop.aws.data / ".lake" / ".s3").exists()


def test_a_bucket_of_its_name_is_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "laptop").mkdir()
    with pytest.raises(OutsideError, match="laptop is in the way"):
        LaptopStore(tmp_path / "glue.sqlite", tmp_path / "lake")
    assert (tmp_path / "laptop").is_dir()
