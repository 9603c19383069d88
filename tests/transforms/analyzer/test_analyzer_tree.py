"""The canonical form of the typed tree: what every rewrite may rely on."""

from __future__ import annotations

import pytest
from analyzer_company import SCHEMA
from sqlglot import exp

from transforms.analyzer import call_of, coerced_of, field_of, is_literal, parse, signature_of, type_of, zone_of
from transforms.analyzer.analyze import analyze_tree


def analyzed(sql: str) -> exp.Expr:
    tree = parse(sql)
    findings = analyze_tree(tree, SCHEMA)
    assert [str(problem) for problem in findings.problems if problem.severity == "error"] == []
    return tree


def canonical(sql: str) -> str:
    return analyzed(sql).sql(dialect="trino").replace('"', "")


def zone(expression: str) -> str | None:
    return zone_of(analyzed(f"select {expression} as x from app.t").expressions[0])


@pytest.mark.parametrize(
    ("sql", "form"),
    [
        ("select N, T.s from app.t", "SELECT t.n AS N, t.s AS s FROM app.t AS t"),
        ("select app.t.n from app.t", "SELECT t.n AS n FROM app.t AS t"),
        ("select r.y.z from app.t x", "SELECT x.r.y.z AS z FROM app.t AS x"),
        ("select 1, n + 1 from app.t", "SELECT 1 AS _col0, t.n + 1 AS _col1 FROM app.t AS t"),
        (
            "select * from raw_app.users",
            "SELECT users.id AS id, users.email AS email, users.country AS country FROM raw_app.users AS users",
        ),
        (
            "select * from (select 1 as a) join (select 1 as a, 2 as b) using (a)",
            "SELECT a AS a, _q2.b AS b FROM (SELECT 1 AS a) AS _q1 "
            "JOIN (SELECT 1 AS a, 2 AS b) AS _q2 ON _q1.a = _q2.a",
        ),
        ("select n as k from app.t order by k, k + 1, n", "SELECT t.n AS k FROM app.t AS t ORDER BY k, (t.n) + 1, t.n"),
        (
            "select extract(year from day), position('a' in s) from app.t",
            "SELECT YEAR(t.day) AS _col0, STRPOS(t.s, 'a') AS _col1 FROM app.t AS t",
        ),
        (
            "select sum(n) over v as x from app.t window w as (partition by s), v as (w order by n)",
            "SELECT SUM(t.n) OVER (PARTITION BY t.s ORDER BY t.n) AS x FROM app.t AS t",
        ),
        ("select transform(a, X -> x + n) as q from app.t", "SELECT TRANSFORM(t.a, x -> x + t.n) AS q FROM app.t AS t"),
    ],
)
def test_names_are_resolved_in_place(sql: str, form: str) -> None:
    assert canonical(sql) == form


def test_every_call_keeps_the_name_and_the_arguments_of_the_author() -> None:
    tree = analyzed(
        "select date_add('day', 1, day), \"Date_Diff\"('day', day, day), if(b, 1, 2), coalesce(n, 1) from app.t"
    )
    calls = [call_of(item.this) for item in tree.expressions]
    assert [(call.name, len(call.args)) for call in calls if call] == [
        ("date_add", 3),
        ("date_diff", 3),
        ("if", 3),
        ("coalesce", 2),
    ]
    assert str(signature_of(tree.expressions[0].this)) == "date_add(varchar(x), bigint, date) -> date"


def test_wrappers_around_a_call_are_taken_apart() -> None:
    sql = """
    select array_agg(distinct s order by s) filter (where b), lag(n) ignore nulls over (order by ts)
    from app.t group by n, ts
    """
    first, second = (call_of(item.this) for item in analyzed(sql).expressions)
    assert first is not None
    assert second is not None
    assert (first.name, first.distinct, first.order is not None, first.filter is not None) == (
        "array_agg",
        True,
        True,
        True,
    )
    assert (second.name, second.ignore_nulls, second.window is not None) == ("lag", True, True)


def test_implicit_casts_are_told_where_they_happen() -> None:
    addition, comparison = (item.this for item in analyzed("select n + p, i = d from app.t").expressions)
    assert [str(coerced_of(side)) for side in (addition.this, addition.expression)] == [
        "decimal(10,0)",
        "decimal(10,2)",
    ]
    assert [str(coerced_of(side)) for side in (comparison.this, comparison.expression)] == ["double", "double"]
    union = analyzed("select n from app.t union all select d from app.t")
    assert str(coerced_of(union.this.expressions[0])) == "double"
    assert str(type_of(union.this.expressions[0])) == "integer"


def test_columns_know_their_field_and_literals_that_they_are_some() -> None:
    item = analyzed("select n from app.t where day = date '2024-01-01'")
    assert field_of(item.expressions[0].this).name == "n"
    assert is_literal(item.args["where"].this.expression)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("now()", "UTC"),
        ("current_timestamp", "UTC"),
        ("timestamp '2024-01-01 00:00 Asia/Tokyo'", "Asia/Tokyo"),
        ("timestamp '2024-01-01 00:00 +09:00'", "+09:00"),
        ("ts at time zone 'Asia/Tokyo'", "Asia/Tokyo"),
        ("at_timezone(tz, 'Europe/Paris')", "Europe/Paris"),
        ("with_timezone(ts, 'Asia/Tokyo')", "Asia/Tokyo"),
        ("date_trunc('day', ts at time zone 'Asia/Tokyo')", "Asia/Tokyo"),
        ("date_add('day', 1, ts at time zone 'Asia/Tokyo')", "Asia/Tokyo"),
        ("(ts at time zone 'Asia/Tokyo') + interval '1' day", "Asia/Tokyo"),
        ("from_unixtime(n)", "UTC"),
        ("from_unixtime(n, 'Asia/Tokyo')", "Asia/Tokyo"),
        ("from_unixtime(n, 5, 30)", "+05:30"),
        ("from_iso8601_timestamp(s)", None),
        ("parse_datetime(s, 'yyyy')", "UTC"),
        ("parse_datetime(s, 'yyyy Z')", None),
        ("cast(s as timestamp with time zone)", None),
        ("cast(ts as timestamp with time zone)", "UTC"),
        ("tz", None),
        ("if(b, now(), ts at time zone 'UTC')", "UTC"),
        ("if(b, now(), ts at time zone 'Asia/Tokyo')", None),
        ("coalesce(ts at time zone 'Asia/Tokyo', null)", "Asia/Tokyo"),
        ("coalesce(now(), ts)", "UTC"),
        ("max(ts at time zone 'Asia/Tokyo')", "Asia/Tokyo"),
        ("array_agg(ts at time zone 'Asia/Tokyo')", "Asia/Tokyo"),
        ("array_agg(ts at time zone 'Asia/Tokyo')[1]", "Asia/Tokyo"),
        ("transform(array[now()], x -> date_trunc('day', x))", "UTC"),
        ("max(now()) over ()", "UTC"),
        ("(select max(ts at time zone 'Asia/Tokyo') from app.t)", "Asia/Tokyo"),
    ],
)
def test_a_constant_zone_is_tracked_beside_the_type(expression: str, expected: str | None) -> None:
    assert zone(expression) == expected


def test_zones_travel_through_subqueries_unions_and_values() -> None:
    tree = analyzed("with x as (select ts at time zone 'Asia/Tokyo' as at_jst from app.t) select at_jst from x")
    assert zone_of(tree.expressions[0]) == "Asia/Tokyo"
    tree = analyzed("select y from unnest(array[timestamp '2024-01-01 00:00 Asia/Tokyo']) as u(y)")
    assert zone_of(tree.expressions[0]) == "Asia/Tokyo"
