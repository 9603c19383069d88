"""What Athena rejects is rejected here, with the place and what to write; a real Trino rejected each statement."""

from __future__ import annotations

import pytest
from analyzer_company import SCHEMA, files, pairs

from transforms.column import Column
from transforms.compile import analyze, compile_sql
from transforms.errors import Rejected
from transforms.lake_types import Type
from transforms.names import TableName


def errors(sql: str, **options: str) -> list[str]:
    return [str(problem) for problem in analyze(sql, SCHEMA, **options).errors]  # type: ignore[arg-type]


@pytest.mark.parametrize("file", files("rejections"))
def test_a_statement_is_rejected_with_its_place_and_the_way_out(file: str) -> None:
    expected = pairs("rejections", file)
    assert [(sql, " | ".join(errors(sql))) for sql, _ in expected] == expected


def test_only_queries_are_accepted() -> None:
    assert errors("drop table app.t") == [
        "1:1: a query is expected, and DROP is none; a file in transforms/tables makes a table: baikal new table"
    ]
    assert errors("explain select 1") == [
        "1:1: a query is expected, and EXPLAIN is none; run baikal compile --sql '..'"
    ]
    assert errors("show tables") == ["1:1: a query is expected, and SHOW is none; run baikal show database.table"]
    assert errors("") == ["1:1: there is no query; write select .. from .."]


def test_a_name_does_not_begin_with_a_digit() -> None:
    assert errors("select 1d") == ["1:8: 1d is not a number; write a space before a name"]


def test_all_faults_of_a_query_are_reported_at_once() -> None:
    sql = "select nosuch,\n  lower(n),\n  s + 1\nfrom app.t\nwhere s = 1\n  and day > 'x'\ngroup by x"
    assert [line.split(":", 2)[:2] for line in errors(sql)] == [
        ["1", "8"],
        ["2", "3"],
        ["3", "3"],
        ["5", "7"],
        ["6", "7"],
        ["7", "10"],
    ]


def test_a_fault_in_a_subquery_is_reported_once() -> None:
    assert errors("select a, b from (select nosuch as a, n as b from app.t)") == [
        '1:26: column "nosuch" does not exist'
    ]
    assert errors("with x as (select nosuch from app.t) select * from x, x as y") == [
        '1:19: column "nosuch" does not exist'
    ]


def test_a_table_whose_columns_are_unknown_causes_no_faults_of_its_own() -> None:
    schema = {TableName("core_app", "broken"): ()}
    assert analyze("select a, b + 1 from core_app.broken where c", schema).errors == ()


def test_lines_are_those_of_the_file_and_the_path_is_told() -> None:
    problem = analyze("/*\nowner: ads\n*/\nselect\n  nosuch\nfrom app.t", SCHEMA, path="tables/x.sql").problems[0]
    assert str(problem) == 'tables/x.sql:5:3: column "nosuch" does not exist'


def test_compile_raises_what_analyze_finds() -> None:
    with pytest.raises(Rejected, match='1:8: column "nosuch" does not exist'):
        compile_sql("select nosuch from app.t", SCHEMA)


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("select n + 1, day from app.t", "1:8: column 1 has no name; write .. as name"),
        (
            "select n, s as n from app.t",
            '1:8: the column name "n" is used more than once; give each column its own name',
        ),
        (
            'select n as "my n" from app.t',
            '1:8: "my n" cannot be a column name; a to z, 0 to 9 and _; write .. as name',
        ),
        (
            "select tz as t1 from app.t",
            "1:8: column t1 is timestamp(3) with time zone, which a table cannot hold;"
            " write cast(.. at time zone 'UTC' as timestamp(3)): a timestamp in UTC without a zone",
        ),
        (
            "select ts6 as t1 from app.t",
            "1:8: column t1 is timestamp(6), which a table cannot hold; write cast(.. as timestamp(3))",
        ),
        (
            "select null as x from app.t",
            "1:8: column x is unknown, which a table cannot hold;"
            " write cast(null as varchar), or the type that you mean",
        ),
        ("select c3 from app.t", "1:8: column c3 is char(3), which a table cannot hold; write cast(.. as varchar)"),
        (
            "select json_parse(s) as j from app.t",
            "1:8: column j is json, which a table cannot hold; write json_format(..)",
        ),
        (
            "select row(1, 2) as r from app.t",
            "1:8: column r is row(integer, integer), which a table cannot hold;"
            " write cast(.. as row(name type)): every field needs a name and a type that a table can hold",
        ),
    ],
)
def test_a_table_cannot_hold_everything(sql: str, message: str) -> None:
    assert errors(sql, kind="table") == [message]


def test_a_table_has_lower_case_names_and_texts_without_a_length() -> None:
    analysis = analyze("select v5 as V, 'ab' as Kind from app.t", SCHEMA, kind="table")
    assert [(column.name, str(column.type)) for column in analysis.columns] == [("v", "varchar"), ("kind", "varchar")]
    analysis = analyze("select v5 as V from app.t", SCHEMA)
    assert [(column.name, str(column.type)) for column in analysis.columns] == [("V", "varchar(5)")]


def test_the_partition_column_is_a_date_and_the_last_column() -> None:
    options = {"kind": "table", "partition": "day"}
    assert errors("select n, day from app.t", **options) == []
    assert errors("select day, n from app.t", **options) == [
        "1:8: the partition column day must be the last column; move it to the end"
    ]
    assert errors("select n, ts as day from app.t", **options) == [
        "1:11: the partition column day is timestamp(3), but must be a date; write cast(.. as date) as day"
    ]
    assert errors("select n from app.t", **options) == [
        "1:8: the partition column day is not selected; select it last: .. as day"
    ]


def test_a_view_has_no_days_but_may_hold_any_type() -> None:
    assert errors("select tz at time zone 'Asia/Tokyo' as at_jst, ts6 from app.t", kind="view") == []
    assert errors("select n from app.t where day = :start", kind="view") == [
        "1:8: :start has no value in a view; only tables are built for days"
    ]


def test_a_query_that_is_too_long_for_athena_is_rejected() -> None:
    assert errors(f"select 1 -- {'x' * 262_144}") == ["1:1: the query has 262,156 bytes; Athena accepts 262,144"]


def test_a_quoted_reserved_word_is_a_name() -> None:
    schema = {TableName("app", "orders"): (Column("order", Type.parse("bigint")),)}
    assert [c.name for c in analyze('select "order" from app.orders', schema).columns] == ["order"]
    assert [c.name for c in analyze('select "ORDER" as "group" from "app"."orders"', schema).columns] == ["group"]


def test_long_chains_are_read() -> None:
    assert errors("select " + " || ".join(["s"] * 80) + " as x from app.t") == []
    assert errors("select n from app.t where " + " or ".join(["n = 1"] * 80)) == []
    assert errors("select n from app.t where n in (" + ", ".join(["1"] * 5000) + ")") == []


@pytest.mark.parametrize("sql", [f"select {'(' * 5000}1{')' * 5000}", "select " + " + ".join(["1"] * 5000)])
def test_what_is_nested_too_deeply_is_a_problem_and_no_crash(sql: str) -> None:
    assert errors(sql) == ["1:1: the query is nested too deeply; name its parts in WITH, or use IN (..)"]
    with pytest.raises(Rejected):
        compile_sql(sql, SCHEMA)


def test_a_query_over_a_table_with_problems_names_that_table() -> None:
    with pytest.raises(Rejected, match=r"a table that has problems of its own; these have: core_app\.broken"):
        compile_sql("select a from core_app.broken", {TableName("core_app", "broken"): ()})


def test_a_row_that_is_unnested_is_one_column() -> None:
    (error,) = errors("select 1 from unnest(array[row(1, 2)]) as t(a, b)")
    assert error.endswith("an array of rows is one column here; write t(r), and r.a for a field of it")
