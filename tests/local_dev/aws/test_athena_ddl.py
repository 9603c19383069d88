"""Hive's statements and views: what they change in Glue, and what SHOW and DESCRIBE tell of it."""

from __future__ import annotations

import json

import pytest
from asking_athena import Place

pytestmark = pytest.mark.aws
CREATE = """
CREATE EXTERNAL TABLE IF NOT EXISTS `{db}`.`logs` (
  `a` int COMMENT 'a number',
  b STRING,
  s struct<x: array<array<int>>, `y`: map<string,decimal(10, 2)>>
)
COMMENT 'of "tests"'
PARTITIONED BY (day date, hour int)
ROW FORMAT SERDE 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe'
WITH SERDEPROPERTIES ('serialization.format' = '1')
STORED AS PARQUET
LOCATION '{location}'
TBLPROPERTIES ("owner" = "ads", 'n'='1');
"""


@pytest.fixture
def logs(place: Place) -> Place:
    """With a table, partitioned and empty."""
    asked = place.ask(CREATE.format(db=place.database, location=place.location("logs")))
    assert asked.state == "SUCCEEDED", asked.error
    return place


def test_a_table_is_created_in_hives_words(logs: Place) -> None:
    table = logs.glue.get_table(DatabaseName=logs.database, Name="logs")["Table"]
    storage = table["StorageDescriptor"]
    assert storage["Columns"] == [
        {"Name": "a", "Type": "int", "Comment": "a number"},
        {"Name": "b", "Type": "string"},
        {"Name": "s", "Type": "struct<x:array<array<int>>,y:map<string,decimal(10,2)>>"},
    ]
    assert [(key["Name"], key["Type"]) for key in table["PartitionKeys"]] == [("day", "date"), ("hour", "int")]
    assert storage["Location"] == logs.location("logs")
    assert storage["InputFormat"].endswith("MapredParquetInputFormat")
    assert table["Parameters"]["comment"] == 'of "tests"'
    assert (table["Parameters"]["owner"], table["Parameters"]["n"]) == ("ads", "1")
    again = CREATE.format(db=logs.database, location=logs.location("logs"))
    assert logs.ask(again).state == "SUCCEEDED"
    assert "already exists" in logs.ask(again.replace("IF NOT EXISTS", "")).error
    assert logs.rows("select count(*) from logs") == [("0",)]


def test_text_rows_are_described_by_their_delimiters(place: Place) -> None:
    place.rows(
        "CREATE EXTERNAL TABLE t (a int) ROW FORMAT DELIMITED FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\' "
        f"LINES TERMINATED BY '\\n' STORED AS TEXTFILE LOCATION '{place.location('t')}'"
    )
    serde = place.glue.get_table(DatabaseName=place.database, Name="t")["Table"]["StorageDescriptor"]["SerdeInfo"]
    assert serde["SerializationLibrary"].endswith("LazySimpleSerDe")
    assert serde["Parameters"]["field.delim"] == "\t"
    assert serde["Parameters"]["escape.delim"] == "\\"


def test_partitions_are_added_moved_and_dropped(logs: Place) -> None:
    logs.parquet("logs/day=2024-05-01/hour=1/x.parquet", "select 1 as a, 'x' as b")
    logs.parquet("elsewhere/x.parquet", "select 2 as a")
    elsewhere = logs.location("elsewhere")
    logs.rows(
        "ALTER TABLE logs ADD IF NOT EXISTS PARTITION (day = '2024-05-01', hour = 1) "
        f"PARTITION (hour = 2, day = date '2024-05-01') LOCATION '{elsewhere}'"
    )
    assert logs.rows("SHOW PARTITIONS logs") == [("day=2024-05-01/hour=1",), ("day=2024-05-01/hour=2",)]
    assert logs.rows("select a, b, hour from logs order by a") == [("1", "x", "1"), ("2", None, "2")]
    assert "already exists" in logs.ask("ALTER TABLE logs ADD PARTITION (day='2024-05-01', hour=1)").error
    logs.rows(f"ALTER TABLE logs PARTITION (day='2024-05-01', hour=1) SET LOCATION '{elsewhere}'")
    assert logs.rows("select a, hour from logs order by hour") == [("2", "1"), ("2", "2")]
    logs.rows("ALTER TABLE logs DROP PARTITION (day='2024-05-01', hour=1), PARTITION (day='2024-05-01', hour=2)")
    assert logs.rows("select count(*) from logs") == [("0",)]
    assert "Partition not found" in logs.ask("ALTER TABLE logs DROP PARTITION (day='2024-05-01', hour=1)").error
    assert logs.ask("ALTER TABLE logs DROP IF EXISTS PARTITION (day='2024-05-01', hour=1)").state == "SUCCEEDED"
    assert "partition columns" in logs.ask("ALTER TABLE logs ADD PARTITION (day='2024-05-01')").error


def test_a_partition_gets_another_name(logs: Place) -> None:
    logs.parquet("logs/day=2024-05-01/hour=1/x.parquet", "select 1 as a")
    logs.rows("ALTER TABLE logs ADD PARTITION (day='2024-05-01', hour=1) PARTITION (day='2024-05-01', hour=2)")
    rename = "ALTER TABLE logs PARTITION (day='2024-05-01', hour=1) RENAME TO PARTITION (day='2024-05-01', hour={})"
    assert "AlreadyExistsException" in logs.ask(rename.format(2)).error
    logs.rows(rename.format(3))
    assert logs.rows("select a, hour from logs") == [("1", "3")]
    assert "Partition not found" in logs.ask(rename.format(4)).error


def test_msck_finds_folders_that_are_named_after_the_keys(logs: Place) -> None:
    logs.parquet("logs/day=2024-05-01/hour=1/x.parquet", "select 1 as a")
    logs.parquet("logs/day=2024-05-02/hour=7/x.parquet", "select 2 as a")
    logs.parquet("logs/other/hour=8/x.parquet", "select 3 as a")
    lines = logs.rows("MSCK REPAIR TABLE `logs`")
    assert lines == [
        ("Partitions not in metastore:\tlogs:day=2024-05-01/hour=1\tlogs:day=2024-05-02/hour=7",),
        ("Repair: Added partition to metastore logs:day=2024-05-01/hour=1",),
        ("Repair: Added partition to metastore logs:day=2024-05-02/hour=7",),
    ]
    assert logs.rows("MSCK REPAIR TABLE logs") == []
    assert logs.rows("select a, day, hour from logs order by a") == [("1", "2024-05-01", "1"), ("2", "2024-05-02", "7")]


def test_a_table_grows_columns_and_properties(logs: Place) -> None:
    logs.rows("ALTER TABLE logs ADD COLUMNS (c bigint COMMENT 'new', d array<string>)")
    logs.rows("ALTER TABLE logs SET TBLPROPERTIES ('owner' = 'growth')")
    table = logs.glue.get_table(DatabaseName=logs.database, Name="logs")["Table"]
    assert [column["Name"] for column in table["StorageDescriptor"]["Columns"]] == ["a", "b", "s", "c", "d"]
    assert (table["Parameters"]["owner"], table["Parameters"]["n"]) == ("growth", "1")
    assert logs.rows("SHOW TBLPROPERTIES logs ('owner')") == [("owner\tgrowth",)]


def test_columns_are_replaced_and_changed(logs: Place) -> None:
    logs.parquet("logs/day=2024-05-01/hour=1/x.parquet", "select 1 as a, 'x' as b")
    logs.rows("MSCK REPAIR TABLE logs")
    logs.rows("ALTER TABLE logs REPLACE COLUMNS (b string, n bigint)")
    assert logs.rows("select b, n from logs") == [("x", None)]
    logs.rows("ALTER TABLE logs CHANGE COLUMN n a bigint COMMENT 'found by its name'")
    assert logs.rows("select a, b from logs") == [("1", "x")]
    assert "Invalid column reference never" in logs.ask("ALTER TABLE logs CHANGE never a int").error


def test_databases_come_and_go(place: Place) -> None:
    name = f"{place.database}_made"
    place.rows(f"CREATE DATABASE IF NOT EXISTS {name} COMMENT 'of a test' LOCATION 's3://lake/made/'")
    made = place.glue.get_database(Name=name)["Database"]
    assert (made["Description"], made["LocationUri"]) == ("of a test", "s3://lake/made/")
    assert place.ask(f"CREATE SCHEMA IF NOT EXISTS {name}").state == "SUCCEEDED"
    assert "already exists" in place.ask(f"CREATE DATABASE `{name}`").error
    assert place.rows(f"SHOW DATABASES LIKE '{place.database}_m*'") == [(name,)]
    place.rows(f"create table {name}.t as select 1 as a")
    assert "is not empty" in place.ask(f"DROP DATABASE {name}").error
    place.rows(f"DROP DATABASE {name} CASCADE")
    assert "Database does not exist" in place.ask(f"DROP SCHEMA {name}").error
    assert place.ask(f"DROP SCHEMA IF EXISTS {name}").state == "SUCCEEDED"


def test_tables_are_dropped_and_their_objects_stay(place: Place) -> None:
    where = f"external_location = '{place.location('t')}'"
    place.rows(f"create table t with ({where}) as select 1 as a")
    place.rows(f"DROP TABLE `{place.database}`.`t`")
    assert list(place.folder.rglob("*"))
    assert "Table not found" in place.ask("DROP TABLE t").error
    assert place.ask("DROP TABLE IF EXISTS t").state == "SUCCEEDED"


def test_views_are_created_replaced_and_dropped(place: Place) -> None:
    place.rows("create table t as select 1 as a, 'x' as b")
    place.rows("create view v as\nselect a + 1 as A1, b from t")
    assert place.rows("select * from v") == [("2", "x")]
    table = place.glue.get_table(DatabaseName=place.database, Name="v")["Table"]
    assert (table["TableType"], table["ViewExpandedText"]) == ("VIRTUAL_VIEW", "/* Presto View */")
    assert [(c["Name"], c["Type"]) for c in table["StorageDescriptor"]["Columns"]] == [("a1", "int"), ("b", "string")]
    assert place.ask("create view v as select 1 as a").error.startswith("TABLE_ALREADY_EXISTS: ")
    place.rows(f"CREATE OR REPLACE VIEW {place.database}.v AS SELECT 7 AS n;")
    assert place.rows("select * from v") == [("7",)]
    assert place.rows("SHOW VIEWS") == [("v",)]
    assert place.rows("SHOW CREATE VIEW v") == [(f"CREATE VIEW {place.database}.v AS",), ("SELECT 7 AS n",)]
    assert place.ask("create or replace view v as select x from t").error.startswith("COLUMN_NOT_FOUND: line 1:36:")
    place.rows("DROP VIEW v")
    assert place.ask("DROP VIEW v").error.startswith("TABLE_NOT_FOUND: ")
    assert place.ask("DROP VIEW IF EXISTS v").state == "SUCCEEDED"
    assert place.rows("SHOW TABLES") == [("t",)]


def test_a_view_is_stale_when_its_table_has_changed(place: Place) -> None:
    place.rows("create table t as select 1 as a")
    place.rows("create view v as select * from t")
    place.rows("ALTER TABLE t ADD COLUMNS (b int)")
    assert place.ask("select * from v").error.startswith("VIEW_IS_STALE: ")


def test_what_there_is_is_shown(logs: Place) -> None:
    logs.rows("create table other as select 1 as a")
    shown = logs.ask("SHOW TABLES")
    assert (shown.rows, shown.columns[0]["Name"]) == ([("logs",), ("other",)], "tab_name")
    assert shown.execution["ResultConfiguration"]["OutputLocation"].endswith(".txt")
    assert (shown.execution["StatementType"], shown.execution["SubstatementType"]) == ("UTILITY", "SHOW_TABLES")
    assert logs.rows(f"SHOW TABLES IN {logs.database} 'l*|x'") == [("logs",)]
    columns = logs.ask(f"SHOW COLUMNS IN {logs.database}.logs")
    assert columns.rows[0] == ("a                   ",)
    assert columns.columns[0]["Type"] == "string"
    lines = [row[0] for row in logs.rows("DESCRIBE logs")]
    assert lines[0] == "a                   \tint                 \ta number            "
    assert lines[5:8] == [
        "\t \t ",
        "# Partition Information\t \t ",
        "# col_name          \tdata_type           \tcomment             ",
    ]
    assert [column["Name"] for column in logs.ask("desc logs").columns] == ["col_name", "data_type", "comment"]
    plan = logs.ask("EXPLAIN select count(*) from logs")
    assert (plan.columns[0]["Name"], bool(plan.rows)) == ("Query Plan", True)
    assert '"name": "' in "".join(row[0] or "" for row in logs.rows("EXPLAIN (FORMAT JSON) select 1 from logs"))
    assert logs.rows("explain (type validate) select 1 from logs") == [("true",)]
    assert "EXPLAIN takes one of TYPE DISTRIBUTED" in logs.ask("explain (type nonsense) select 1").error
    logs.rows("CREATE VIEW over_logs AS select 1 as one from logs")
    told = logs.rows("EXPLAIN (TYPE IO, FORMAT JSON) select * from over_logs")
    table = {"catalog": "awsdatacatalog", "schemaTable": {"schema": logs.database, "table": "logs"}}
    assert json.loads("".join(row[0] or "" for row in told)) == {"inputTableColumnInfos": [{"table": table}]}
    assert logs.ask("EXPLAIN select x from logs").error.startswith("COLUMN_NOT_FOUND: line 1:16:")


def test_what_a_table_was_made_with_makes_it_again(logs: Place) -> None:
    statement = "\n".join(row[0] or "" for row in logs.rows("SHOW CREATE TABLE logs"))
    before = logs.glue.get_table(DatabaseName=logs.database, Name="logs")["Table"]
    logs.rows("DROP TABLE logs")
    logs.rows(statement.replace(f"`{logs.database}.logs`", "logs"))
    after = logs.glue.get_table(DatabaseName=logs.database, Name="logs")["Table"]
    for part in ("StorageDescriptor", "PartitionKeys", "Parameters"):
        assert after[part] == before[part]


@pytest.mark.parametrize(
    ("sql", "error"),
    [
        ("CREATE EXTERNAL TABLE t (a int) STORED AS PARQUET", "FAILED: ParseException line 1:1 missing LOCATION"),
        ("CREATE EXTERNAL TABLE t (a number) LOCATION 's3://lake/x/'", "FAILED: ParseException line 1:1"),
        ("ALTER TABLE never ADD PARTITION (a=1)", "FAILED: SemanticException [Error 10001]: Table not found"),
        ("DESCRIBE never", "FAILED: SemanticException [Error 10001]: Table not found"),
        ("SHOW TABLES IN never", "FAILED: SemanticException [Error 10072]: Database does not exist: never"),
        ("DROP TABLE", "SYNTAX_ERROR: line 1:11: mismatched input '<EOF>'. Expecting: <identifier>"),
        ("DROP TABLE t extra", "SYNTAX_ERROR: line 1:14: mismatched input 'extra'. Expecting: <EOF>"),
        ("VACUUM t", "NOT_SUPPORTED: line 1:1: "),
        ("CREATE TABLE t (a int) LOCATION 's3://lake/x/'", "FAILED: SemanticException Unsupported table type"),
        (
            "CREATE TABLE t (a int) LOCATION 's3://lake/x/' TBLPROPERTIES ('table_type' = 'ICEBERG')",
            "NOT_SUPPORTED: line 1:1: the local Athena makes no tables of Iceberg",
        ),
    ],
)
def test_a_statement_that_cannot_be_is_told_so(place: Place, sql: str, error: str) -> None:
    asked = place.ask(sql)
    assert (asked.state, asked.error[: len(error)]) == ("FAILED", error)
