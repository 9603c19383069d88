"""dbt on the local AWS: tables, days that are replaced and added, a view, a seed, a snapshot and tests, twice."""

import os
import shutil
from pathlib import Path

import pyathena
import pytest
from dbt.cli.main import dbtRunner

DATABASE = os.environ["DATABASE"]
PROJECT = Path(__file__).parent.parent / "dbt_shop"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return shutil.copytree(PROJECT, tmp_path_factory.mktemp("dbt") / "shop")


def dbt(project, *words):
    where = ["--project-dir", str(project), "--profiles-dir", str(project), "--quiet"]
    done = dbtRunner().invoke([*words, *where])
    assert done.success, done.exception or [(each.node.name, each.message) for each in done.result]
    return done.result


def rows(sql):
    place = f"s3://results/{DATABASE}/"
    with pyathena.connect(s3_staging_dir=place, schema_name=DATABASE, poll_interval=0.05) as connection:
        return [tuple(map(str, row)) for row in connection.cursor().execute(sql).fetchall()]


def test_everything_is_built_and_tested(project):
    found = {each.node.name: str(each.status) for each in dbt(project, "build")}
    assert {"orders", "daily", "added", "best", "countries", "order_history", "nothing_is_free"} <= set(found)
    assert set(found.values()) == {"success", "pass"}
    assert rows("select orders, amount, day from daily order by day") == [
        ("1", "100", "2024-05-01"),
        ("1", "50", "2024-05-02"),
    ]
    assert rows("select * from best") == [("2024-05-01", "100")]
    assert rows("select country from orders order by id") == [("日本",), ("States",)]


def test_days_are_replaced_and_added(project):
    dbt(project, "build", "--vars", "later: true")
    assert rows("select orders, amount, day from daily order by day") == [
        ("1", "100", "2024-05-01"),
        ("2", "120", "2024-05-02"),
        ("1", "5", "2024-05-03"),
    ]
    assert rows("select id from added order by id") == [("1",), ("2",), ("3",), ("4",)]
    assert rows("select id from order_history where dbt_valid_to is null order by id")[-1] == ("4",)


def test_the_catalog_is_documented(project):
    catalog = dbt(project, "docs", "generate")
    orders = catalog.nodes["model.shop.orders"]
    assert {name: column.type for name, column in orders.columns.items()} == {
        "id": "int",
        "amount": "int",
        "country": "string",
        "day": "date",
    }
