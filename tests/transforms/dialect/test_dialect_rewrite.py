"""What the compiler sends to DuckDB, and what it refuses to send."""

from __future__ import annotations

from datetime import date

import pytest

from transforms.column import Column, Schema
from transforms.compile import compile_sql
from transforms.dialect import macros
from transforms.errors import ContentError, Refused, Rejected
from transforms.lake_types import BIGINT, DATE, DOUBLE, TIMESTAMP, VARCHAR
from transforms.names import TableName
from transforms.window import Window

SCHEMA: Schema = {
    TableName("raw_app", "events"): (
        *(Column("user_id", BIGINT), Column("name", VARCHAR), Column("cost", DOUBLE), Column("at", TIMESTAMP)),
        Column("day", DATE),
    )
}
WINDOW = Window(date(2024, 5, 1), date(2024, 5, 2))


def duckdb_sql(sql: str) -> str:
    return " ".join(compile_sql(sql, SCHEMA, window=WINDOW).duckdb.split())


def test_a_filter_on_the_partition_column_stays_plain_so_that_partitions_are_pruned() -> None:
    sql = duckdb_sql("select user_id from raw_app.events e where e.day between :start and :end and e.user_id = 7")
    assert """where (("e"."day" between date '2024-05-01' and date '2024-05-02') and ("e"."user_id" = """ in sql


def test_the_days_before_the_window_stay_a_constant() -> None:
    sql = duckdb_sql("select user_id from raw_app.events where day >= :start - interval '6' day")
    assert "\"day\" >= (date '2024-05-01' - 6)" in sql


def test_a_company_day_needs_no_time_zone_library_per_row() -> None:
    compiled = compile_sql("select date(at at time zone 'Asia/Tokyo') as jst from raw_app.events", SCHEMA)
    assert compiled.macros == ("athena_steady_local",)


def test_whole_numbers_are_divided_without_a_macro() -> None:
    assert '("events"."user_id" // 2)' in duckdb_sql("select user_id / 2 as half from raw_app.events").replace(
        "cast(2 as bigint)", "2"
    )


def test_nulls_come_last_whether_ascending_or_descending() -> None:
    sql = duckdb_sql("select user_id, row_number() over (order by at desc) as n from raw_app.events order by name")
    assert 'over (order by "events"."at" desc nulls last)' in sql
    assert sql.endswith('order by "events"."name" asc nulls last')


def test_an_array_of_rows_is_unnested_into_one_column() -> None:
    sql = duckdb_sql("select r.item.id from unnest(array[cast(row(1) as row(id integer))]) as r(item)")
    assert 'struct_extract("r"."item", \'id\')' in sql


def test_a_function_without_a_rule_is_refused_at_its_place() -> None:
    with pytest.raises(Refused) as refused:
        compile_sql(
            "select user_id,\n  spooky_hash_v2_64(to_utf8(name)) as s from raw_app.events", SCHEMA, path="v.sql"
        )
    (problem,) = refused.value.problems
    assert (problem.path, problem.line, problem.column) == ("v.sql", 2, 3)
    assert problem.what == "spooky_hash_v2_64 cannot mean the same on DuckDB: DuckDB has none"


def test_all_refusals_of_a_statement_come_at_once_with_what_to_write() -> None:
    with pytest.raises(Refused) as refused:
        compile_sql("select checksum(cost), rand(), approx_set(name) from raw_app.events", SCHEMA)
    assert [problem.column for problem in refused.value.problems] == [8, 24, 32]
    assert all(problem.write.startswith("write ") for problem in refused.value.problems)


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("select at_timezone(cast(at as timestamp with time zone), name) from raw_app.events", "varies by row"),
        ("select (select name, day from raw_app.events) as x", "a subquery with 2 columns as one value"),
        ("select regexp_like(name, '\\Ga') from raw_app.events", "is not portable"),
        ("select regexp_replace(name, '(', 'x') from raw_app.events", "invalid on Athena: end pattern with unmatched"),
        (
            "select regexp_replace(name, '[', '$1') from raw_app.events",
            "premature end of char-class",
        ),
        ("select regexp_split(name, '\\') from raw_app.events", "invalid on Athena: end pattern at escape"),
        ("select regexp_count(name, 'a{99999999999999999999}') from raw_app.events", "too big number for repeat"),
        ("select regexp_like(name, '(a)(?(1)b)') from raw_app.events", "undefined group option"),
        ("select regexp_extract(name, '(a)', 2) from raw_app.events", "no group 2; write a group from 0 to 1"),
        ("select json_extract_scalar(name, '$..a') from raw_app.events", r"'\$\.\.a' is not a path of JSON on Athena"),
        ("select table_name from information_schema.tables", "information_schema is not portable"),
        ("select name from raw_app.events tablesample bernoulli (10)", "(?i)sample"),
        ("with recursive t(n) as (select 1 union select n + 1 from t where n < 3) select n from t", "recursive"),
    ],
)
def test_what_cannot_be_kept_is_refused_or_rejected(sql: str, why: str) -> None:
    with pytest.raises(ContentError, match=why):
        compile_sql(sql, SCHEMA)


def test_a_constant_with_which_athena_fails_is_rejected_and_fails_within_try() -> None:
    with pytest.raises(Rejected, match="'a' is not a path of JSON"):
        compile_sql("select json_extract(name, 'a') from raw_app.events", SCHEMA)
    tried = duckdb_sql("select try(json_extract(name, 'a')) from raw_app.events")
    assert 'try(case when "events"."name" is not null then cast(cast(' in tried
    with pytest.raises(Refused, match="no directive of format"):
        compile_sql("select try(format('%q', name)) from raw_app.events", SCHEMA)


@pytest.mark.parametrize(
    "java", [r"^a+(b|c)\d{2}\s[^\w.]$", "(?i)abc", r"[a-z0-9-_]+", r"\bab", "a{1000}", r"\p{Han}+"]
)
def test_a_pattern_that_means_the_same_to_re2_stays_with_it(java: str) -> None:
    assert "regexp_matches(" in duckdb_sql(f"select regexp_like(name, '{java}') from raw_app.events")


@pytest.mark.parametrize(
    "java", ["(?=a)", r"(a)\1", "a++", "[a&&b]", "[[:digit:]]", "a{1001}", r"(?m)^a", r"\p{Alpha}"]
)
def test_a_pattern_that_re2_lacks_is_a_row_function(java: str) -> None:
    compiled = compile_sql(f"select regexp_like(name, '{java}') from raw_app.events", SCHEMA)
    assert compiled.macros == ("athena_regexp_test",)


def test_each_output_column_tells_the_zone_in_which_athena_shows_it() -> None:
    compiled = compile_sql("select at, at at time zone 'Asia/Tokyo' as jst, now() as t from raw_app.events", SCHEMA)
    assert compiled.zones == (None, "Asia/Tokyo", "UTC")


def test_what_may_fail_asks_the_parts_before_it_and_the_others_stay_plain() -> None:
    sql = duckdb_sql("select name from raw_app.events where day >= :start and 10 / user_id > 1 and name = 'a'")
    day, name = """("events"."day" >= date '2024-05-01')""", """("events"."name" = 'a')"""
    assert f"where (({day} and ({name} or ({name}) is null) and case when not ({day} and {name}) then false" in sql


def test_a_refusal_at_run_time_names_what_the_statement_may_meet() -> None:
    compiled = compile_sql("select array_sort(array[cost], (x, y) -> 1) as c from raw_app.events", SCHEMA)
    assert "array_sort with a comparison that contradicts itself is not portable" in macros.unportable_in(
        compiled.duckdb
    )
