"""What each engine receives: the author's own text for Athena, a translation for DuckDB, or every reason against it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import duckdb
import pytest

from transforms.column import Column, Schema
from transforms.compile import analyze, compile_sql
from transforms.errors import Refused, Rejected
from transforms.lake_types import Type
from transforms.names import TableName
from transforms.window import Window

MAY = Window(date(2024, 5, 1), date(2024, 5, 31))
SPEND = TableName("raw_ads", "spend")
SCHEMA: Schema = {
    SPEND: (
        Column("campaign", Type.parse("varchar")),
        Column("cost", Type.parse("decimal(10,2)")),
        Column("day", Type.parse("date")),
    )
}


def test_athena_receives_the_authors_own_text_with_the_days_filled_in() -> None:
    text = (
        "/* owner: ads; :start stays */\nselect campaign, ':end' as x -- from :start\n"
        "FROM raw_ads.spend\nwhere day  between :start and :END"
    )
    assert compile_sql(text, SCHEMA, window=MAY).athena == text.replace(
        "between :start", "between DATE '2024-05-01'"
    ).replace(":END", "DATE '2024-05-31'")


def test_a_query_without_days_reaches_athena_unchanged() -> None:
    text = "select  1  as one  -- the only\n;"
    assert compile_sql(text, {}).athena == text


def test_a_placeholder_without_days_is_rejected() -> None:
    with pytest.raises(Rejected, match="1:54: :start has no value here; give the days: --start and --end"):
        compile_sql("select campaign from raw_ads.spend where day between :start and :end", SCHEMA)


def test_duckdb_receives_sql_that_it_can_run() -> None:
    compiled = compile_sql(
        "select campaign, sum(cost) as cost from raw_ads.spend where day between :start and :end group by campaign",
        SCHEMA,
        window=MAY,
    )
    assert [(column.name, str(column.type)) for column in compiled.columns] == [
        ("campaign", "varchar"),
        ("cost", "decimal(38,2)"),
    ]
    assert compiled.inputs == (SPEND,)
    with duckdb.connect() as connection:
        connection.execute("create schema raw_ads")
        connection.execute("create table raw_ads.spend (campaign varchar, cost decimal(10,2), day date)")
        connection.execute("insert into raw_ads.spend values ('a', 1.5, '2024-05-01'), ('a', 9, '2024-06-01')")
        assert [(name, str(cost)) for name, cost in connection.execute(compiled.duckdb).fetchall()] == [("a", "1.50")]


def test_only_an_order_of_the_outermost_query_fixes_the_order_of_rows() -> None:
    assert compile_sql("select campaign from raw_ads.spend order by 1", SCHEMA).ordered
    assert not compile_sql("select campaign from (select campaign from raw_ads.spend order by 1)", SCHEMA).ordered


def test_inputs_are_every_table_that_is_read_wherever_it_stands() -> None:
    schema = {**SCHEMA, **{TableName("app", name): (Column("x", Type.parse("bigint")),) for name in "abc"}}
    compiled = compile_sql(
        "with w as (select x from app.a) select x from w where exists (select 1 from app.b) union select x from app.c",
        schema,
    )
    assert [str(table) for table in compiled.inputs] == ["app.a", "app.b", "app.c"]


def test_a_name_without_a_database_is_in_the_one_that_was_chosen() -> None:
    sql = "with t as (select 1 as cost) select spend.cost, raw_ads.spend.day, t.cost from spend, t"
    compiled = compile_sql(sql, SCHEMA, database="raw_ads")
    assert [str(table) for table in compiled.inputs] == ["raw_ads.spend"]
    assert '"raw_ads"."spend"' in compiled.duckdb
    with pytest.raises(Rejected, match=r"1:15: table raw_ads\.spent does not exist; did you mean"):
        compile_sql("select 1 from spent", SCHEMA, database="raw_ads")


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        (
            'select "$path" from raw_ads.spend',
            '1:8: "$path" is a hidden column of Athena, which a laptop does not have',
        ),
        ("select 1 from information_schema.tables", "1:15: information_schema is not portable"),
        ("select x from table(sequence(1, 2)) as t(x)", "1:15: table functions cannot mean the same on DuckDB"),
    ],
)
def test_what_athena_accepts_and_duckdb_cannot_do_is_refused(sql: str, message: str) -> None:
    with pytest.raises(Refused) as refused:
        compile_sql(sql, SCHEMA)
    assert str(refused.value).startswith(message)
    assert [problem.severity for problem in analyze(sql, SCHEMA).problems] == ["error"]


def test_many_threads_may_compile_at_once() -> None:
    def one(number: int) -> str:
        return compile_sql(f"select campaign as c{number} from raw_ads.spend", SCHEMA).columns[0].name

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(one, range(200))) == [f"c{number}" for number in range(200)]
