"""Where columns come from, what they say of themselves, and which days of an input they read."""

from __future__ import annotations

import pytest
from analyzer_company import SCHEMA

from transforms.analysis import Reach
from transforms.column import OutputColumn
from transforms.compile import analyze
from transforms.names import TableName

EVENTS, DAILY = TableName("raw_app", "events"), TableName("core_app", "daily")


def columns(sql: str) -> dict[str, OutputColumn]:
    analysis = analyze(sql, SCHEMA)
    assert analysis.errors == ()
    return {column.name: column for column in analysis.columns}


def sources(sql: str) -> dict[str, list[str]]:
    return {name: [str(source) for source in column.sources] for name, column in columns(sql).items()}


def reach(sql: str, table: TableName = EVENTS) -> Reach | None:
    analysis = analyze(sql, SCHEMA)
    assert analysis.errors == ()
    return {item.table: item.reach for item in analysis.inputs}[table]


def test_sources_are_the_columns_that_a_value_is_computed_from() -> None:
    assert sources(
        """
        with per_user as (select user_id, count(*) as n, max(at) as last_at from raw_app.events group by user_id)
        select p.n + u.id as x, coalesce(u.email, 'none') as y, 1 as one, last_at
        from per_user p join raw_app.users u on u.id = p.user_id
        where u.country = 'jp'
        """
    ) == {
        "x": ["raw_app.users.id"],
        "y": ["raw_app.users.email"],
        "one": [],
        "last_at": ["raw_app.events.at"],
    }


def test_sources_go_through_unions_subqueries_unnest_and_stars() -> None:
    assert sources("select user_id from raw_app.events union all select id from raw_app.users") == {
        "user_id": ["raw_app.events.user_id", "raw_app.users.id"]
    }
    assert sources(
        "select (select max(id) from raw_app.users u where u.id = e.user_id) as m from raw_app.events e"
    ) == {"m": ["raw_app.users.id"]}
    assert sources("select x from app.t cross join unnest(a) as u(x)") == {"x": ["app.t.a"]}
    assert sources("select * from (select kind as k, day from raw_app.events)") == {
        "k": ["raw_app.events.kind"],
        "day": ["raw_app.events.day"],
    }
    assert sources("select r.y.z, transform(a, x -> x + n) as t from app.t") == {
        "z": ["app.t.r"],
        "t": ["app.t.a", "app.t.n"],
    }


def test_what_only_chooses_rows_is_no_source() -> None:
    assert sources(
        """
        select row_number() over (partition by kind order by at) as rn, count(*) filter (where user_id = 1) as c,
          exists (select 1 from raw_app.users u where u.id = 1) as e
        from raw_app.events group by kind, at
        """
    ) == {"rn": [], "c": [], "e": []}


def test_personal_flows_downstream_unless_it_was_only_counted() -> None:
    found = columns(
        """
        select email, lower(email) as l, max(email) as m, count(email) as n, count(distinct email) as nd,
          approx_distinct(email) as ad, count_if(email like '%x') as ci, sum(count(email)) over () as total, id
        from raw_app.users group by email, id
        """
    )
    assert [name for name, column in found.items() if column.personal] == ["email", "l", "m"]


def test_a_comment_beside_a_column_is_its_description() -> None:
    found = columns(
        """
        select
          u.id as user_id,               -- Who did it
          count(*) as events,            -- @personal How many
          u.country,
          email as contact
        from raw_app.users u
        group by 1, 3, 4
        """
    )
    assert {name: (column.description, column.personal) for name, column in found.items()} == {
        "user_id": ("Who did it", False),
        "events": ("How many", True),
        "country": ("Two letters", False),
        "contact": ("Address", True),
    }


def test_descriptions_travel_with_plain_columns_only() -> None:
    found = columns(
        "with x as (select id as key -- The key\n, country from raw_app.users) select *, key + 1 as next from x"
    )
    assert {name: column.description for name, column in found.items()} == {
        "key": "The key",
        "country": "Two letters",
        "next": "",
    }


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("day between :start and :end", Reach(0, 0)),
        ("day = :start", Reach(0, 0)),
        ("day >= :start and day <= :end", Reach(0, 0)),
        (":start <= day and :end >= day", Reach(0, 0)),
        ("day >= date_add('day', -6, :start) and day <= :end", Reach(-6, 0)),
        ("day between :start - interval '27' day and :end", Reach(-27, 0)),
        ("day between date_add('week', -1, :start) and :end + interval '1' day", Reach(-7, 1)),
        ("day > :start - interval '7' day and day < date_add('day', 1, :end)", Reach(-6, 0)),
        ("date_add('day', 7, day) between :start and :end", Reach(-7, -7)),
        ("(day between :start and :end) and kind = 'click'", Reach(0, 0)),
        ("day >= :start", None),
        ("day <= :end", None),
        ("day between :start and :end or kind = 'x'", None),
        ("not (day between :start and :end)", None),
        ("day between date '2024-01-01' and :end", None),
        ("cast(at as date) between :start and :end", None),
        ("true", None),
    ],
)
def test_a_filter_on_the_day_bounds_the_reach(condition: str, expected: Reach | None) -> None:
    assert reach(f"select kind, day from raw_app.events where {condition}") == expected


def test_a_join_passes_the_bounds_on() -> None:
    joined = (
        "select e.kind from core_app.daily d {} join raw_app.events e on e.day {} where d.day between :start and :end"
    )
    assert reach(joined.format("", "= d.day")) == Reach(0, 0)
    assert reach(joined.format("left", "= d.day")) == Reach(0, 0)
    assert reach(joined.format("", "between d.day - interval '6' day and d.day")) == Reach(-6, 0)
    assert reach(joined.format("left", "= date_add('day', -1, d.day)")) == Reach(-1, -1)
    assert reach(joined.format("full", "= d.day")) is None
    assert reach(joined.format("right", "= d.day")) is None
    assert reach(joined.format("", "< d.day")) is None


def test_the_kept_side_of_an_outer_join_is_not_bounded_by_its_condition() -> None:
    sql = """
    select e.kind from raw_app.events e
    left join core_app.daily d on d.day = e.day and e.day between :start and :end
    """
    assert reach(sql) is None
    assert reach(sql, DAILY) is None


def test_a_filter_outside_reaches_into_plain_queries() -> None:
    around = "with x as ({}) select day from x where day between :start and :end"
    assert reach(around.format("select kind, day from raw_app.events")) == Reach(0, 0)
    assert reach(around.format("select day, count(*) as n from raw_app.events group by day")) == Reach(0, 0)
    assert reach(around.format("select day from raw_app.events union all select day from core_app.daily")) == Reach(
        0, 0
    )
    assert reach(
        around.format("select day, row_number() over (partition by day order by at) as rn from raw_app.events")
    ) == Reach(0, 0)


def test_a_filter_outside_does_not_reach_behind_what_looks_at_other_days() -> None:
    around = "with x as ({}) select day from x where day between :start and :end"
    assert reach(around.format("select day, lag(kind) over (order by at) as before from raw_app.events")) is None
    assert reach(around.format("select day from raw_app.events order by at limit 10")) is None
    assert reach(around.format("select day + interval '1' day as day from raw_app.events")) is None
    assert reach(around.format("select max(day) as day from raw_app.events")) is None


def test_a_query_read_twice_is_bounded_only_by_its_own_filter() -> None:
    sql = "with x as (select day from raw_app.events {}) select a.day from x a, x b where a.day between :start and :end"
    assert reach(sql.format("")) is None
    assert reach(sql.format("where day between :start and :end")) == Reach(0, 0)


def test_two_scans_of_a_table_add_up() -> None:
    sql = """
    select day from raw_app.events where day between :start and :end
    union all select day from raw_app.events where day = date_add('day', -7, :start) {}
    """
    assert reach(sql.format("")) == Reach(-7, 0)
    assert reach(sql.format("union all select max(day) from raw_app.events")) is None


def test_white_space_comments_and_case_do_not_change_the_fingerprint() -> None:
    prints = [
        analyze(sql, SCHEMA).fingerprint
        for sql in (
            "select kind, day from raw_app.events where kind = 'a'",
            "SELECT Kind,  -- what\n  day\nFROM raw_app.events /* all */ WHERE kind = 'a';",
            "select kind, day from raw_app.events where kind = 'A'",
            "select kind, day from raw_app.events where kind = 'a' limit 1",
        )
    ]
    assert prints[0] == prints[1]
    assert len(set(prints)) == 3
