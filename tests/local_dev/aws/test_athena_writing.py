"""CREATE TABLE AS, INSERT INTO and UNLOAD: files first, then Glue; what Athena refuses is refused with its words."""

from __future__ import annotations

import duckdb
import pytest
from asking_athena import OUTPUT, Place

pytestmark = pytest.mark.aws
DAYS = "select i as a, date_add('day', i % 3, date '2024-05-01') as day from unnest(sequence(1, 6)) as t(i)"


def manifest(place: Place, asked_of: dict[str, object]) -> list[str]:
    location = str(asked_of["DataManifestLocation"])
    bucket, _, key = location.removeprefix("s3://").partition("/")
    body = place.aws.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read().decode()
    return list(body.splitlines())


def test_a_table_is_made_of_a_query(place: Place) -> None:
    where = f"external_location = '{place.location('made')}'"
    asked = place.ask(
        f"create table made with (format = 'PARQUET', write_compression = 'SNAPPY', {where}) as\n"
        "select 1 as \"A\", 'x' as s, decimal '1.5' as d, timestamp '2024-05-01 10:00:00.123' as t, "
        "array[cast(row(1) as row(n integer))] as r"
    )
    assert asked.state == "SUCCEEDED", asked.error
    execution = asked.execution
    assert (execution["StatementType"], execution["SubstatementType"]) == ("DDL", "CREATE_TABLE_AS_SELECT")
    id_ = execution["QueryExecutionId"]
    assert execution["ResultConfiguration"]["OutputLocation"] == f"{OUTPUT}tables/{id_}"
    assert [(c["Name"], c["Type"], c["Precision"]) for c in asked.columns] == [("rows", "bigint", 19)]
    assert place.athena.get_query_results(QueryExecutionId=id_)["UpdateCount"] == 1
    table = place.glue.get_table(DatabaseName=place.database, Name="made")["Table"]
    assert [(c["Name"], c["Type"]) for c in table["StorageDescriptor"]["Columns"]] == [
        ("a", "int"),
        ("s", "string"),
        ("d", "decimal(2,1)"),
        ("t", "timestamp"),
        ("r", "array<struct<n:int>>"),
    ]
    assert (table["TableType"], table["Parameters"]["EXTERNAL"]) == ("EXTERNAL_TABLE", "TRUE")
    assert table["StorageDescriptor"]["Location"] == place.location("made")
    [file] = manifest(place, execution["Statistics"])
    assert file.startswith(place.location("made"))
    path = place.aws.data / file.removeprefix("s3://")
    assert duckdb.sql(f"select distinct compression from parquet_metadata('{path}')").fetchall() == [("SNAPPY",)]
    assert place.rows("select * from made") == [("1", "x", "1.5", "2024-05-01 10:00:00.123", "[{n=1}]")]


def test_a_table_without_a_place_is_put_below_the_result(place: Place) -> None:
    asked = place.ask("create table made as select 1 as a where false")
    table = place.glue.get_table(DatabaseName=place.database, Name="made")["Table"]
    id_ = asked.execution["QueryExecutionId"]
    assert table["StorageDescriptor"]["Location"] == f"{OUTPUT}tables/{id_}/"
    assert place.rows("select * from made") == []
    assert manifest(place, asked.execution["Statistics"]) == []


def test_partitions_are_made_and_added_to(place: Place) -> None:
    where = f"external_location = '{place.location('made')}'"
    place.rows(f"create table made with ({where}, partitioned_by = array['day']) as {DAYS}")
    partitions = place.glue.get_partitions(DatabaseName=place.database, TableName="made")["Partitions"]
    assert [each["Values"] for each in partitions] == [["2024-05-01"], ["2024-05-02"], ["2024-05-03"]]
    assert partitions[0]["StorageDescriptor"]["Location"] == f"{place.location('made')}day=2024-05-01/"
    assert place.rows("select count(*), sum(a) from made where day = date '2024-05-02'") == [("2", "5")]
    asked = place.ask("insert into made values (7, date '2024-05-01'), (8, date '2024-06-01'), (9, null)")
    assert (asked.state, asked.execution["SubstatementType"]) == ("SUCCEEDED", "INSERT"), asked.error
    assert len(manifest(place, asked.execution["Statistics"])) == 3
    assert place.rows("select a, day from made where a > 6 order by a") == [
        ("7", "2024-05-01"),
        ("8", "2024-06-01"),
        ("9", None),
    ]
    partitions = place.glue.get_partitions(DatabaseName=place.database, TableName="made")["Partitions"]
    assert [each["Values"][0] for each in partitions][3:] == ["2024-06-01", "__HIVE_DEFAULT_PARTITION__"]


def test_partition_values_are_written_into_paths_as_hive_does(place: Place) -> None:
    where = f"external_location = '{place.location('made')}'"
    sql = "select i, k from (values (1, 'a/b=c d'), (2, '日本')) as t(i, k)"
    place.rows(f"create table made with ({where}, partitioned_by = array['k']) as {sql}")
    assert place.rows("show partitions made") == [("k=a%2Fb%3Dc d",), ("k=日本",)]
    assert place.rows("select i, k from made order by i") == [("1", "a/b=c d"), ("2", "日本")]


def test_insert_names_columns_and_coerces(place: Place) -> None:
    place.rows("create table made as select cast(1 as bigint) as a, 1e0 as b, cast('x' as varchar) as c")
    place.rows("insert into made (b, a) select 2, 3")
    place.rows(f"insert into {place.database}.made (select 5, real '1.5', 'y')")
    assert place.rows("select * from made order by a") == [("1", "1.0", "x"), ("3", "2.0", None), ("5", "1.5", "y")]
    error = place.ask("insert into made values ('x', 1, 'y')").error
    assert error == (
        "TYPE_MISMATCH: line 1:1: Insert query has mismatched column types: "
        "Table: [bigint, double, varchar], Query: [varchar(1), integer, varchar(1)]"
    )
    assert place.ask("insert into made (z) values (1)").error.startswith("COLUMN_NOT_FOUND: ")
    assert place.ask("insert into never values (1)").error.startswith("TABLE_NOT_FOUND: ")


def test_unload_writes_files_and_no_table(place: Place) -> None:
    to = place.location("unloaded")
    asked = place.ask(f"unload ({DAYS} where i < 6) to '{to}' with (format = 'PARQUET', compression = 'ZSTD')")
    assert asked.state == "SUCCEEDED", asked.error
    assert (asked.execution["StatementType"], asked.execution["SubstatementType"]) == ("DML", "UNLOAD")
    [file] = manifest(place, asked.execution["Statistics"])
    path = place.aws.data / file.removeprefix("s3://")
    assert duckdb.sql(f"select count(*), sum(a) from read_parquet('{path}')").fetchall() == [(5, 15)]
    again = place.ask(f"unload ({DAYS}) to '{to}' with (format = 'PARQUET')")
    assert again.error.startswith("HIVE_PATH_ALREADY_EXISTS: Target directory for UNLOAD already exists")


@pytest.mark.parametrize(
    ("sql", "error"),
    [
        ("create table there as select 1 as a", "TABLE_ALREADY_EXISTS: line 1:1: Destination table"),
        ("create table never.t as select 1 as a", "SCHEMA_NOT_FOUND: line 1:1: Schema 'never' does not exist"),
        ("create table t as select 1", "MISSING_COLUMN_NAME: "),
        ("create table t as select 1 as a, 2 as A", "DUPLICATE_COLUMN_NAME: "),
        ("create table t as select null as a", "COLUMN_TYPE_UNKNOWN: "),
        ("create table t as select time '10:00:00' as a", "NOT_SUPPORTED: Unsupported Hive type: time"),
        ("create table t as\nselect b as a from (values 1) as v(a)", "COLUMN_NOT_FOUND: line 2:8: Column 'b' cannot"),
        ("create table t with (formt = 'PARQUET') as select 1 as a", "INVALID_TABLE_PROPERTY: line 1:1: 'formt'"),
        ("create table t with (format = 'AVRO') as select 1 as a", "NOT_SUPPORTED: line 1:1: the local Athena writes"),
        (
            "create table t with (partitioned_by = array['a']) as select 1 as a, 2 as b",
            "HIVE_COLUMN_ORDER_MISMATCH: ",
        ),
        (
            "create table t with (partitioned_by = array['i']) as select 1 as a, i from unnest(sequence(1, 101)) t(i)",
            "HIVE_TOO_MANY_OPEN_PARTITIONS: Exceeded limit of 100 open writers for partitions/buckets",
        ),
        ("create table t with (external_location = '{there}') as select 1 as a", "HIVE_PATH_ALREADY_EXISTS: "),
        ("create table t select 1 as a", "SYNTAX_ERROR: "),
        (
            "create table t with (partitioned_by = array['a']) as select 1 as a",
            "INVALID_TABLE_PROPERTY: Table contains only partition columns",
        ),
    ],
)
def test_what_cannot_be_written_leaves_nothing(place: Place, sql: str, error: str) -> None:
    place.rows(f"create table there with (external_location = '{place.location('there')}') as select 1 as a")
    asked = place.ask(sql.format(there=place.location("there")))
    assert (asked.state, asked.error[: len(error)]) == ("FAILED", error)
    assert [each["Name"] for each in place.glue.get_tables(DatabaseName=place.database)["TableList"]] == ["there"]
    assert place.rows("select * from there") == [("1",)]


def test_an_enforced_workgroup_says_where_tables_are(place: Place) -> None:
    group = f"group-{place.database}"
    where = {"ResultConfiguration": {"OutputLocation": "s3://results/enforced/"}}
    place.athena.create_work_group(Name=group, Configuration=where)
    sql = f"create table t with (external_location = '{place.location('t')}') as select 1 as a"
    assert "enforces a centralized output location" in place.ask(sql, WorkGroup=group).error
    assert place.ask("create table t as select 1 as a", WorkGroup=group).state == "SUCCEEDED"
    table = place.glue.get_table(DatabaseName=place.database, Name="t")["Table"]
    assert table["StorageDescriptor"]["Location"].startswith("s3://results/enforced/tables/")
