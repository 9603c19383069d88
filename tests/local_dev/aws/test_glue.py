"""Glue as boto3 uses it: versions that are compared and swapped, partitions by expressions, batches."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError
from running_aws import RunningAws

pytestmark = pytest.mark.aws
NUMBERS = count(1)
TABLE = {
    "Name": "Daily",
    "StorageDescriptor": {"Columns": [{"Name": "a", "Type": "int"}], "Location": "s3://lake/daily/"},
    "PartitionKeys": [{"Name": "day", "Type": "date"}, {"Name": "hour", "Type": "int"}],
    "TableType": "EXTERNAL_TABLE",
    "Parameters": {"owner": "ads"},
}


@pytest.fixture
def glue(aws: RunningAws) -> Any:
    return aws.client("glue", max_pool_connections=16)


@pytest.fixture
def place(glue: Any) -> dict[str, str]:
    """A table in a database of its own."""
    database = f"of_test_{next(NUMBERS)}"
    glue.create_database(DatabaseInput={"Name": database, "Description": "Of one test."})
    glue.create_table(DatabaseName=database, TableInput=TABLE)
    return {"DatabaseName": database, "TableName": "daily"}


def code(call: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call()
    return str(caught.value.response["Error"]["Code"])


def test_a_table_is_found_under_its_name_in_lower_case(glue: Any, place: dict[str, str]) -> None:
    table = glue.get_table(DatabaseName=place["DatabaseName"].upper(), Name="DAILY")["Table"]
    assert (table["Name"], table["VersionId"], table["Parameters"]) == ("daily", "0", {"owner": "ads"})
    assert [
        each["Name"] for each in glue.get_tables(DatabaseName=place["DatabaseName"], Expression="d.*")["TableList"]
    ] == ["daily"]
    assert glue.get_tables(DatabaseName=place["DatabaseName"], Expression="x")["TableList"] == []


def test_only_who_saw_the_current_version_replaces_it(glue: Any, place: dict[str, str]) -> None:
    database = place["DatabaseName"]

    def swap(number: int) -> int:
        changed = {**TABLE, "Parameters": {"number": str(number)}}
        try:
            glue.update_table(DatabaseName=database, TableInput=changed, VersionId="0")
        except glue.exceptions.ConcurrentModificationException:
            return 0
        return 1

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(swap, range(32))) == 1
    assert glue.get_table(DatabaseName=database, Name="daily")["Table"]["VersionId"] == "1"
    glue.update_table(DatabaseName=database, TableInput=TABLE)
    versions = glue.get_table_versions(DatabaseName=database, TableName="daily")["TableVersions"]
    assert [each["VersionId"] for each in versions] == ["2", "1", "0"]
    glue.update_table(DatabaseName=database, TableInput=TABLE, SkipArchive=True)
    versions = glue.get_table_versions(DatabaseName=database, TableName="daily")["TableVersions"]
    assert [each["VersionId"] for each in versions] == ["3", "1", "0"]
    glue.delete_table_version(**place, VersionId="1")
    assert code(lambda: glue.get_table_version(**place, VersionId="1")) == "EntityNotFoundException"
    assert glue.get_table_version(**place, VersionId="0")["TableVersion"]["Table"]["Parameters"] == {"owner": "ads"}


def add(glue: Any, place: dict[str, str], days: int, hours: int) -> None:
    values = [[f"2024-05-{day + 1:02}", str(hour)] for day in range(days) for hour in range(hours)]
    for start in range(0, len(values), 100):
        inputs = [
            {"Values": each, "StorageDescriptor": {"Location": f"s3://lake/{each}"}}
            for each in values[start : start + 100]
        ]
        assert glue.batch_create_partition(**place, PartitionInputList=inputs)["Errors"] == []


@pytest.mark.parametrize(
    ("expression", "count"),
    [
        ("", 1240),
        ("day = '2024-05-03'", 40),
        ("day = date '2024-05-03' and hour = 3", 1),
        ("hour < 2", 62),
        ("10 > hour", 310),
        ("day between '2024-05-03' and '2024-05-04' and hour in (1, '02')", 4),
        ("not (hour >= 2) or day like '2024-05-1%'", 442),
        ("hour <> 0 and (day <= '2024-05-01' or day > '2024-05-30')", 78),
    ],
)
def test_partitions_by_expression(glue: Any, place: dict[str, str], expression: str, count: int) -> None:
    add(glue, place, 31, 40)
    pages = list(glue.get_paginator("get_partitions").paginate(**place, Expression=expression))
    found = [tuple(each["Values"]) for page in pages for each in page["Partitions"]]
    assert len(set(found)) == len(found) == count
    assert all(len(page["Partitions"]) <= 1000 for page in pages)


def test_segments_share_the_partitions(glue: Any, place: dict[str, str]) -> None:
    add(glue, place, 5, 10)
    found = [
        tuple(each["Values"])
        for number in range(3)
        for page in glue.get_paginator("get_partitions").paginate(
            **place, Segment={"SegmentNumber": number, "TotalSegments": 3}, ExcludeColumnSchema=True
        )
        for each in page["Partitions"]
    ]
    assert len(set(found)) == len(found) == 50


@pytest.mark.parametrize("expression", ["a = 1", "day ~ 3", "day = hour", "((", "hour = 'x'"])
def test_an_expression_that_glue_does_not_take(glue: Any, place: dict[str, str], expression: str) -> None:
    assert code(lambda: glue.get_partitions(**place, Expression=expression)) == "InvalidInputException"


def test_a_batch_goes_on_after_a_failure(glue: Any, place: dict[str, str]) -> None:
    add(glue, place, 1, 2)
    inputs = [{"Values": ["2024-05-01", hour]} for hour in ("1", "2")] + [{"Values": ["2024-05-01"]}]
    errors = glue.batch_create_partition(**place, PartitionInputList=inputs)["Errors"]
    assert [(each["PartitionValues"], each["ErrorDetail"]["ErrorCode"]) for each in errors] == [
        (["2024-05-01", "1"], "AlreadyExistsException"),
        (["2024-05-01"], "InvalidInputException"),
    ]
    moved = {"PartitionValueList": ["2024-05-01", "2"], "PartitionInput": {"Values": ["2024-05-01", "3"]}}
    assert glue.batch_update_partition(**place, Entries=[moved])["Errors"] == []
    asked = [{"Values": ["2024-05-01", hour]} for hour in ("2", "3")]
    found = glue.batch_get_partition(**place, PartitionsToGet=asked)
    assert [each["Values"] for each in found["Partitions"]] == [["2024-05-01", "3"]]
    assert found["UnprocessedKeys"] == [{"Values": ["2024-05-01", "2"]}]
    errors = glue.batch_delete_partition(**place, PartitionsToDelete=asked)["Errors"]
    assert [each["PartitionValues"] for each in errors] == [["2024-05-01", "2"]]


def test_the_limits_are_glues(glue: Any, place: dict[str, str]) -> None:
    inputs = [{"Values": ["2024-05-01", str(hour)]} for hour in range(101)]
    with pytest.raises((ClientError, ParamValidationError)):
        glue.batch_create_partition(**place, PartitionInputList=inputs)
    assert glue.get_partitions(**place)["Partitions"] == []


def test_what_goes_takes_along_what_is_in_it(glue: Any, place: dict[str, str]) -> None:
    add(glue, place, 1, 3)
    database = place["DatabaseName"]
    errors = glue.batch_delete_table(DatabaseName=database, TablesToDelete=["daily", "never"])["Errors"]
    assert [each["TableName"] for each in errors] == ["never"]
    glue.create_table(DatabaseName=database, TableInput=TABLE)
    assert glue.get_partitions(**place)["Partitions"] == []
    assert code(lambda: glue.create_table(DatabaseName=database, TableInput=TABLE)) == "AlreadyExistsException"
    glue.delete_database(Name=database)
    assert code(lambda: glue.get_table(DatabaseName=database, Name="daily")) == "EntityNotFoundException"


def test_what_the_local_aws_has_not_is_said(glue: Any) -> None:
    assert code(glue.get_crawlers) == "UnknownOperationException"


def test_statistics_of_columns_are_kept_as_they_come(aws: RunningAws) -> None:
    glue = aws.client("glue")
    glue.create_database(DatabaseInput={"Name": "measured"})
    keys = [{"Name": "day", "Type": "string"}]
    glue.create_table(DatabaseName="measured", TableInput={"Name": "t", "PartitionKeys": keys})
    glue.create_partition(DatabaseName="measured", TableName="t", PartitionInput={"Values": ["2024-05-01"]})
    place = {"DatabaseName": "measured", "TableName": "t"}
    told = {"NumberOfNulls": 1, "NumberOfDistinctValues": 2}
    one = {"ColumnName": "a", "ColumnType": "bigint", "AnalyzedTime": 1714521600.0}
    one["StatisticsData"] = {"Type": "LONG", "LongColumnStatisticsData": told}
    day = {**place, "PartitionValues": ["2024-05-01"]}
    glue.update_column_statistics_for_table(**place, ColumnStatisticsList=[one])
    glue.update_column_statistics_for_partition(**day, ColumnStatisticsList=[one])
    for found in (
        glue.get_column_statistics_for_table(**place, ColumnNames=["a", "b"]),
        glue.get_column_statistics_for_partition(**day, ColumnNames=["a", "b"]),
    ):
        assert found["ColumnStatisticsList"][0]["StatisticsData"]["LongColumnStatisticsData"] == told
        assert [error["ColumnName"] for error in found["Errors"]] == ["b"]
    glue.delete_column_statistics_for_table(**place, ColumnName="a")
    assert glue.get_column_statistics_for_table(**place, ColumnNames=["a"])["ColumnStatisticsList"] == []
    glue.delete_partition(**day)
    glue.create_partition(**place, PartitionInput={"Values": ["2024-05-01"]})
    assert glue.get_column_statistics_for_partition(**day, ColumnNames=["a"])["ColumnStatisticsList"] == []
    glue.delete_database(Name="measured")


def test_tables_are_searched_by_words_in_them(aws: RunningAws) -> None:
    glue = aws.client("glue")
    glue.create_database(DatabaseInput={"Name": "searched"})
    columns = [{"Name": "a", "Type": "int", "Comment": "How many needles"}]
    glue.create_table(DatabaseName="searched", TableInput={"Name": "hay", "StorageDescriptor": {"Columns": columns}})
    found = glue.search_tables(SearchText="NEEDLE")["TableList"]
    assert [(table["DatabaseName"], table["Name"]) for table in found] == [("searched", "hay")]
    glue.delete_database(Name="searched")
