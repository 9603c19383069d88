"""Tables and views of Glue's as Athena reads them: columns by name, partitions where and what Glue says."""

from __future__ import annotations

import json
from base64 import b64encode

import pytest
from asking_athena import Place

pytestmark = pytest.mark.aws


def test_columns_are_found_by_name_and_what_a_file_has_not_is_null(place: Place) -> None:
    place.parquet("t/a.parquet", "select 'x' as \"B\", 1 as a, 9 as other")
    place.parquet("t/deeper/b.parquet", "select 2 as a")
    place.parquet("t/_hidden.parquet", "select 3 as a")
    place.parquet("t/empty.parquet", "select 4 as a where false")
    place.table("t", {"a": "bigint", "b": "string", "c": "array<int>"})
    asked = place.ask("select * from t order by a")
    assert asked.rows == [("1", "x", None), ("2", None, None)]
    assert [column["Type"] for column in asked.columns] == ["bigint", "varchar", "array"]
    qualified = f"select t.a from \"awsdatacatalog\".{place.database}.t where t.b = 'x'"
    assert place.rows(qualified, QueryExecutionContext={"Database": "default"}) == [("1",)]


def test_a_table_without_files_is_empty(place: Place) -> None:
    place.table("t", {"a": "bigint", "s": "struct<x:int>"})
    assert place.rows("select count(*), max(s.x) from t") == [("0", None)]


def test_partitions_have_the_values_and_the_places_that_glue_says(place: Place) -> None:
    place.table("t", {"a": "int"}, {"day": "date", "kind": "string"})
    place.parquet("t/day=2024-05-01/kind=a%20b/x.parquet", "select 1 as a")
    place.parquet("t/elsewhere/x.parquet", "select 2 as a")
    place.parquet("t/day=2024-05-03/kind=moved/x.parquet", "select 3 as a")
    place.parquet("t/day=2024-05-04/kind=unknown/x.parquet", "select 4 as a")
    place.partition("t", ["2024-05-01", "a b"], "day=2024-05-01/kind=a%20b")
    place.partition("t", ["2024-05-02", "b"], "elsewhere")
    place.partition("t", ["2024-05-03", "c"], "day=2024-05-03/kind=moved")
    place.partition("t", ["2024-05-05", "d"], "never")
    assert place.rows("select a, day, kind from t order by a") == [
        ("1", "2024-05-01", "a b"),
        ("2", "2024-05-02", "b"),
        ("3", "2024-05-03", "c"),
    ]
    assert place.rows("select a from t where day > date '2024-05-01' and kind = 'b'") == [("2",)]


def test_a_view_is_its_query(place: Place) -> None:
    place.parquet("t/a.parquet", "select 1 as a")
    place.table("t", {"a": "int"})
    columns = [{"name": "twice", "type": "integer"}]
    view = {"originalSql": "select a * 2 as twice from t", "catalog": "awsdatacatalog", "schema": place.database}
    made(place, "v", {**view, "columns": columns})
    made(place, "w", {**view, "originalSql": "select twice from v", "columns": columns})
    context = {"Database": "default"}
    assert place.rows(f"select twice from {place.database}.w", QueryExecutionContext=context) == [("2",)]
    made(place, "stale", {**view, "columns": [{"name": "other", "type": "integer"}]})
    assert place.ask("select * from stale").error.startswith("VIEW_IS_STALE: line 1:15: ")


def made(place: Place, name: str, view: object) -> None:
    text = f"/* Presto View: {b64encode(json.dumps(view).encode()).decode()} */"
    given = {
        "Name": name,
        "TableType": "VIRTUAL_VIEW",
        "ViewOriginalText": text,
        "ViewExpandedText": "/* Presto View */",
    }
    place.glue.create_table(DatabaseName=place.database, TableInput=given)


def test_each_row_knows_its_object_but_no_star_shows_it(place: Place) -> None:
    place.table("t", {"a": "int"}, {"day": "date"})
    for number, folder in enumerate(("day=2024-05-01", "elsewhere"), 1):
        place.parquet(f"t/{folder}/x.parquet", f"select {number} as a")
        place.partition("t", [f"2024-05-0{number}"], folder)
    here = place.location("t")
    assert place.rows('select a, "$path" from t order by a') == [
        ("1", f"{here}day=2024-05-01/x.parquet"),
        ("2", f"{here}elsewhere/x.parquet"),
    ]
    assert place.rows("select * from t as u(x, y) order by x") == [("1", "2024-05-01"), ("2", "2024-05-02")]
    assert place.rows("select count(*) from t where \"$path\" like '%elsewhere%'") == [("1",)]
    assert place.rows('with p as (select t."$path" from t) select count(distinct "$path") from p') == [("2",)]
    place.rows("create view v as select * from t")
    assert place.rows("select * from v where a = 2") == [("2", "2024-05-02")]


PROJECTION = {
    "projection.enabled": "true",
    "projection.day.type": "date",
    "projection.day.range": "2024-04-29,NOW-1YEAR",
    "projection.day.format": "yyyy-MM-dd",
    "projection.hour.type": "integer",
    "projection.hour.range": "0,23",
    "projection.hour.digits": "2",
    "projection.kind.type": "enum",
    "projection.kind.values": "click, view",
}


def test_partitions_may_be_computed(place: Place) -> None:
    keys = {"day": "date", "hour": "int", "kind": "string"}
    place.table("t", {"a": "int"}, keys, Parameters=PROJECTION)
    for number, folder in enumerate(("2024-05-01/hour=07/kind=click", "2024-05-02/hour=23/kind=view")):
        place.parquet(f"t/day={folder}/x.parquet", f"select {number} as a")
    place.parquet("t/day=2024-05-02/hour=24/kind=view/x.parquet", "select 9 as a")
    assert place.rows("select * from t order by a") == [
        ("0", "2024-05-01", "7", "click"),
        ("1", "2024-05-02", "23", "view"),
    ]
    template = f"{place.location('u')}${{day}}/"
    months = {
        "projection.day.range": "2024/04,2024/06",
        "projection.day.format": "yyyy/MM",
        "projection.day.type": "date",
    }
    parameters = {"projection.enabled": "true", **months, "storage.location.template": template}
    place.table("u", {"a": "int"}, {"day": "string"}, Parameters=parameters)
    place.parquet("u/2024/05/x.parquet", "select 1 as a")
    place.parquet("u/2024/07/x.parquet", "select 2 as a")
    assert place.rows("select a, day from u") == [("1", "2024/05")]


def test_a_projection_that_cannot_be_is_told(place: Place) -> None:
    parameters = {"projection.enabled": "true", "projection.day.type": "dates"}
    place.table("t", {"a": "int"}, {"day": "date"}, Parameters=parameters)
    assert "the type of partition column 'day' is dates" in place.ask("select * from t").error
    place.table(
        "u",
        {"a": "int"},
        {"user": "string"},
        Parameters={"projection.enabled": "true", "projection.user.type": "injected"},
    )
    place.parquet("u/user=x/x.parquet", "select 1 as a")
    assert place.rows("select a, user from u where user = 'x'") == [("1", "x")]


def test_folders_that_are_no_partitions_change_nothing(place: Place) -> None:
    place.table("t", {"a": "int", "run": "string"}, {"day": "date"})
    for number, folder in enumerate(("run=x/day=2024-05-01", "day=2024-05-02", "kind=y/day=2024-05-03"), 1):
        place.parquet(f"t/{folder}/x.parquet", f"select {number} as a, 'held' as run")
        place.partition("t", [f"2024-05-0{number}"], folder)
    assert place.rows("select a, run, day from t order by a") == [
        ("1", "held", "2024-05-01"),
        ("2", "held", "2024-05-02"),
        ("3", "held", "2024-05-03"),
    ]


def test_a_file_that_does_not_fit_its_table_fails_the_query(place: Place) -> None:
    place.table("t", {"a": "int"})
    place.parquet("t/x.parquet", "select '5' as a")
    error = place.ask("select a from t").error
    assert error.startswith("HIVE_BAD_DATA: Field a's type BYTE_ARRAY in parquet file")
    assert error.endswith("is incompatible with type integer defined in table schema")
