"""The calls that Redash's Athena runner makes, in its order: the schema of all tables, a query, its figures."""

from __future__ import annotations

from typing import Any

import boto3
import pyathena
import pytest
from asking_athena import Place

pytestmark = pytest.mark.aws
COLUMNS = """
        SELECT table_schema, table_name, column_name, data_type
        FROM information_schema.columns
        WHERE table_schema NOT IN ('information_schema')
        """
"""As it asks where Glue is not ticked."""


class PlainFormatter:
    """Redash fills in parameters by itself."""

    def format(self, operation: str, parameters: object = None, **_: object) -> str:
        return operation


@pytest.fixture
def credentials(place: Place, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What an assumed role gives, as the runner passes it on to every client."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", place.aws.url)
    sts = boto3.client("sts", region_name="us-east-1", aws_access_key_id="local", aws_secret_access_key="local")
    role = {"RoleArn": "arn:aws:iam::000000000000:role/redash", "RoleSessionName": "redash", "ExternalId": "here"}
    given = sts.assume_role(**role)["Credentials"]
    keys = {"aws_access_key_id": given["AccessKeyId"], "aws_secret_access_key": given["SecretAccessKey"]}
    return {**keys, "aws_session_token": given["SessionToken"], "region_name": "us-east-1"}


@pytest.fixture
def tables(place: Place) -> Place:
    place.parquet("t/day=2024-05-01/a.parquet", "select 1::bigint as a, 'x' as b")
    place.table("t", {"a": "bigint", "b": "string"}, {"day": "date"})
    place.partition("t", ["2024-05-01"], "day=2024-05-01")
    place.rows("create view v as select a from t")
    return place


def cursor_of(place: Place, credentials: dict[str, str]) -> Any:
    return pyathena.connect(
        s3_staging_dir="s3://results/redash/",
        schema_name=place.database,
        encryption_option=None,
        kms_key=None,
        work_group="primary",
        formatter=PlainFormatter(),
        result_reuse_enable=False,
        result_reuse_minutes=60,
        **credentials,
    ).cursor()


def test_the_schema_comes_from_glue(tables: Place, credentials: dict[str, str]) -> None:
    glue = boto3.client("glue", **credentials)
    schema: dict[str, list[tuple[str, str]]] = {}
    for databases in glue.get_paginator("get_databases").paginate():
        for database in databases["DatabaseList"]:
            pages = glue.get_paginator("get_tables").paginate(DatabaseName=database["Name"])
            for table in pages.search("TableList[]"):
                columns = [*table.get("StorageDescriptor", {}).get("Columns", []), *table.get("PartitionKeys", [])]
                schema[f"{database['Name']}.{table['Name']}"] = [(each["Name"], each["Type"]) for each in columns]
    assert schema[f"{tables.database}.t"] == [("a", "bigint"), ("b", "string"), ("day", "date")]
    assert schema[f"{tables.database}.v"] == [("a", "bigint")]


def test_the_schema_comes_from_information_schema(tables: Place, credentials: dict[str, str]) -> None:
    cursor = cursor_of(tables, credentials)
    cursor.execute(COLUMNS)
    assert [column[0] for column in cursor.description] == ["table_schema", "table_name", "column_name", "data_type"]
    ours = sorted(row[1:] for row in cursor.fetchall() if row[0] == tables.database)
    assert ours == [("t", "a", "bigint"), ("t", "b", "varchar"), ("t", "day", "date"), ("v", "a", "bigint")]


def test_a_query_is_annotated_run_and_measured(tables: Place, credentials: dict[str, str]) -> None:
    cursor = cursor_of(tables, credentials)
    cursor.execute(
        "-- Username: ann, query_id: 7, Queue: queries\nselect a, b, day from t where day = date '2024-05-01'"
    )
    assert [column[:2] for column in cursor.description] == [("a", "bigint"), ("b", "varchar"), ("day", "date")]
    assert [row[:2] for row in cursor.fetchall()] == [(1, "x")]
    assert cursor.data_scanned_in_bytes > 0
    assert cursor.query_id


def test_a_query_that_has_failed_can_be_cancelled(tables: Place, credentials: dict[str, str]) -> None:
    cursor = cursor_of(tables, credentials)
    with pytest.raises(pyathena.error.OperationalError, match="COLUMN_NOT_FOUND"):
        cursor.execute("select never from t")
    cursor.cancel()
