"""Statements of tests on the local Athena, and tables in Glue for them to read."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import duckdb
from running_aws import RunningAws

OUTPUT = "s3://results/athena/"
PARQUET = {
    "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
}
_NUMBERS = count(1)


@dataclass(frozen=True)
class Asked:
    """What became of a statement; `rows` are texts, without the header of a SELECT."""

    execution: dict[str, Any]
    columns: list[dict[str, Any]]
    rows: list[tuple[str | None, ...]]

    @property
    def state(self) -> str:
        state: str = self.execution["Status"]["State"]
        return state

    @property
    def error(self) -> str:
        error: str = self.execution["Status"].get("StateChangeReason", "")
        return error

    @property
    def scanned(self) -> int:
        scanned: int = self.execution["Statistics"]["DataScannedInBytes"]
        return scanned


class Place:
    """A database of one test, and a folder of its own in the bucket `lake`."""

    def __init__(self, aws: RunningAws) -> None:
        self.aws = aws
        self.athena = aws.client("athena")
        self.glue = aws.client("glue")
        self.database = f"db_{next(_NUMBERS)}"
        self.glue.create_database(DatabaseInput={"Name": self.database})
        self.folder = aws.data / "lake" / self.database
        self.folder.mkdir()

    def location(self, name: str) -> str:
        return f"s3://lake/{self.database}/{name}/"

    def parquet(self, path: str, select: str) -> None:
        """Write a file, `table/day=2024-05-01/a.parquet`."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        duckdb.sql(f"copy ({select}) to '{target}' (format parquet)")

    def table(self, name: str, columns: Mapping[str, str], keys: Mapping[str, str] | None = None, **more: Any) -> None:
        """Register it in Glue, over Parquet."""
        storage = {**PARQUET, "Columns": _described(columns), "Location": self.location(name)}
        table = {"Name": name, "StorageDescriptor": storage, "TableType": "EXTERNAL_TABLE"}
        keyed = {"PartitionKeys": _described(keys or {})}
        self.glue.create_table(DatabaseName=self.database, TableInput={**table, **keyed, **more})

    def partition(self, table: str, values: Sequence[str], folder: str) -> None:
        storage = {**PARQUET, "Location": f"{self.location(table)}{folder}/"}
        given = {"Values": list(values), "StorageDescriptor": storage}
        self.glue.create_partition(DatabaseName=self.database, TableName=table, PartitionInput=given)

    def start(self, sql: str, **more: Any) -> str:
        given = {
            "QueryExecutionContext": {"Database": self.database},
            "ResultConfiguration": {"OutputLocation": OUTPUT},
        }
        id_: str = self.athena.start_query_execution(QueryString=sql, **{**given, **more})["QueryExecutionId"]
        return id_

    def ask(self, sql: str, **more: Any) -> Asked:
        return self.ended(self.start(sql, **more))

    def ended(self, id_: str) -> Asked:
        while True:
            execution = self.athena.get_query_execution(QueryExecutionId=id_)["QueryExecution"]
            if execution["Status"]["State"] not in ("QUEUED", "RUNNING"):
                break
            time.sleep(0.01)
        if execution["Status"]["State"] != "SUCCEEDED":
            return Asked(execution, [], [])
        pages = list(self.athena.get_paginator("get_query_results").paginate(QueryExecutionId=id_))
        rows = [
            tuple(each.get("VarCharValue") for each in row["Data"])
            for page in pages
            for row in page["ResultSet"]["Rows"]
        ]
        columns = pages[0]["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
        is_csv = execution["ResultConfiguration"]["OutputLocation"].endswith(".csv")
        return Asked(execution, columns, rows[1:] if is_csv else rows)

    def rows(self, sql: str, **more: Any) -> list[tuple[str | None, ...]]:
        """The rows of a statement that succeeds."""
        asked = self.ask(sql, **more)
        assert asked.state == "SUCCEEDED", asked.error
        return asked.rows


def _described(columns: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Type": type_} for name, type_ in columns.items()]
