"""awswrangler on the local AWS: frames become tables and come back, by each of its ways to ask Athena."""

import os
from datetime import date
from decimal import Decimal

import awswrangler as wr
import boto3
import pandas as pd
import pytest

DATABASE = os.environ["DATABASE"]
HERE = f"s3://lake/{DATABASE}"
OUTPUT = f"s3://results/{DATABASE}"
wr.config.athena_query_wait_polling_delay = 0.05
boto3.setup_default_session()  # or each call reads the models of its services anew
ORDERS = pd.DataFrame(
    {
        "id": [1, 2, 3],
        "name": ['a, "b"', None, "日本"],
        "amount": [Decimal("1.50"), Decimal("2.25"), None],
        "at": pd.to_datetime(["2024-05-01 10:00:00", "2024-05-01 11:00:00", "2024-05-02 00:00:00"]),
        "day": [date(2024, 5, 1), date(2024, 5, 1), date(2024, 5, 2)],
    }
)
PLACED = {"database": DATABASE, "table": "orders", "dataset": True, "partition_cols": ["day"], "dtype": {"day": "date"}}


@pytest.fixture
def orders():
    settings = {"description": "Orders", "columns_comments": {"id": "The id"}}
    wr.s3.to_parquet(ORDERS, f"{HERE}/orders/", mode="overwrite", glue_table_settings=settings, **PLACED)


def ask(sql, **ways):
    return wr.athena.read_sql_query(sql, DATABASE, **{"s3_output": f"{OUTPUT}/asked/", **ways})


UNLOADED = {"ctas_approach": False, "unload_approach": True, "s3_output": f"{OUTPUT}/unloaded/"}


@pytest.mark.parametrize("ways", [{"ctas_approach": True}, {"ctas_approach": False}, UNLOADED])
def test_rows_come_back_as_they_were(orders, ways):
    found = ask("select * from orders order by id", **ways)
    assert list(found["name"].fillna("none")) == list(ORDERS["name"].fillna("none"))
    assert list(found["amount"]) == list(ORDERS["amount"])
    assert list(found["at"]) == list(ORDERS["at"])
    assert list(found["day"]) == list(ORDERS["day"])


def test_rows_come_in_chunks(orders):
    assert [len(chunk) for chunk in ask("select * from orders", ctas_approach=False, chunksize=2)] == [2, 1]
    assert sum(len(chunk) for chunk in ask("select * from orders", ctas_approach=True, chunksize=True)) == 3


def test_parameters_are_filled_in(orders):
    named = ask("select id from orders where id = :id", ctas_approach=False, params={"id": 2})
    marked = ask("select id from orders where id = ?", ctas_approach=False, params=["2"], paramstyle="qmark")
    assert (list(named["id"]), list(marked["id"])) == ([2], [2])


def test_a_result_is_taken_from_the_cache():
    cached = {"athena_cache_settings": {"max_cache_seconds": 900}, "ctas_approach": False}
    first = ask("select 1 as cached", **cached).query_metadata["QueryExecutionId"]
    assert ask("select 1 as cached", **cached).query_metadata["QueryExecutionId"] == first


def test_days_are_appended_and_overwritten(orders):
    wr.s3.to_parquet(ORDERS.assign(id=ORDERS["id"] + 10), f"{HERE}/orders/", mode="append", **PLACED)
    wider = ORDERS.head(1).assign(id=7, extra=1)
    wr.s3.to_parquet(wider, f"{HERE}/orders/", mode="overwrite_partitions", **PLACED)
    assert list(ask("select id from orders order by id", ctas_approach=False)["id"]) == [3, 7, 13]
    assert wr.catalog.get_table_types(DATABASE, "orders")["extra"] == "bigint"


def test_text_files_become_tables():
    wr.s3.to_csv(ORDERS[["id", "name"]], f"{HERE}/csv/", database=DATABASE, table="csv", dataset=True, index=False)
    rows = {"orient": "records", "lines": True, "index": False}
    wr.s3.to_json(ORDERS[["id"]], f"{HERE}/json/", database=DATABASE, table="json", dataset=True, **rows)
    assert list(wr.athena.read_sql_table("csv", DATABASE, s3_output=OUTPUT, ctas_approach=False)["id"]) == [1, 2, 3]
    assert list(ask("select sum(id) as n from json", ctas_approach=False)["n"]) == [6]


def test_the_catalog_tells_what_there_is(orders):
    assert DATABASE in list(wr.catalog.databases(limit=1000)["Database"])
    assert "orders" in list(wr.catalog.tables(database=DATABASE)["Table"])
    assert wr.catalog.does_table_exist(DATABASE, "orders")
    assert not wr.catalog.does_table_exist(DATABASE, "never")
    assert wr.catalog.get_table_description(DATABASE, "orders") == "Orders"
    assert wr.catalog.get_columns_comments(DATABASE, "orders")["id"] == "The id"
    assert list(wr.catalog.get_parquet_partitions(DATABASE, "orders").values()) == [["2024-05-01"], ["2024-05-02"]]
    assert [each["Name"] for each in wr.catalog.search_tables("the id")] == ["orders"]
    wr.catalog.upsert_table_parameters({"team": "ads"}, DATABASE, "orders")
    assert wr.catalog.get_table_parameters(DATABASE, "orders")["team"] == "ads"
    described = wr.athena.describe_table("orders", DATABASE, s3_output=OUTPUT)
    assert dict(zip(described["Column Name"], described["Type"], strict=True))["amount"] == "decimal(3,2)"
    assert "PARTITIONED BY ( `day` date)" in wr.athena.show_create_table("orders", DATABASE, s3_output=OUTPUT)


def test_folders_become_partitions(orders):
    wr.catalog.delete_all_partitions("orders", DATABASE)
    assert list(ask("select count(*) as n from orders", ctas_approach=False)["n"]) == [0]
    assert wr.athena.repair_table("orders", DATABASE, s3_output=OUTPUT) == "SUCCEEDED"
    assert list(ask("select count(*) as n from orders", ctas_approach=False)["n"]) == [3]


def test_files_and_tables_are_read_without_athena_and_deleted(orders):
    assert len(wr.s3.read_parquet_table("orders", DATABASE)) == 3
    second = wr.s3.read_parquet(
        f"{HERE}/orders/", dataset=True, partition_filter=lambda part: part["day"] > "2024-05-01"
    )
    assert list(second["id"]) == [3]
    wr.catalog.delete_partitions("orders", DATABASE, [["2024-05-02"]])
    assert wr.catalog.delete_table_if_exists(DATABASE, "orders")
    wr.s3.delete_objects(f"{HERE}/orders/")
    assert wr.s3.list_objects(f"{HERE}/orders/") == []


def test_statements_are_prepared():
    name = f"by_id_{DATABASE}"
    wr.athena.create_prepared_statement("select 1 as a where 1 = ?", name)
    assert list(ask(f"execute {name} using 1", ctas_approach=False)["a"]) == [1]
    wr.athena.delete_prepared_statement(name)
    assert name not in [each["StatementName"] for each in wr.athena.list_prepared_statements()]
