"""Whole statements. Where rows have no order, both answers are sorted before they are compared.

What the fuzzer has found stands in fuzzed.sql; most of it reads `unnest`, as Trino computes VALUES before it runs.
What everyday expressions of strangers have found stands in unseen.sql.
"""

from pathlib import Path

_T = (
    "(values (1, 'a', 10.5, date '2024-01-01'), (2, 'b', null, date '2024-01-02'), (2, 'a', 1.5, null), "
    "(null, 'c', 7.0, date '2024-01-31'), (3, null, -2.0, date '2024-02-29')) as t(k, s, v, d)"
)
_U = "(values (1, 'one'), (2, 'two'), (null, 'none'), (4, 'four')) as u(k, name)"

_JOINS = [
    f"select t.k, t.s, u.name from {_T} {join} join {_U} on t.k = u.k" for join in ("inner", "left", "right", "full")
] + [
    f"select t.s, u.name from {_T} cross join {_U}",
    f"select t.k, u.name from {_T} join {_U} on t.k = u.k and u.name <> 'one'",
    f"select t.k, u.name from {_T} left join {_U} on t.k = u.k and t.v > 1",
    f"select t.k, u.name from {_T} join {_U} on t.k < u.k",
    f"select k, t.s, u.name from {_T} join {_U} using (k)",
    f"select k, t.s, u.name from {_T} full join {_U} using (k)",
    f"select t.k from {_T} where t.k in (select u.k from {_U})",
    f"select t.k from {_T} where t.k not in (select u.k from {_U})",
    f"select t.k from {_T} where t.k not in (select u.k from {_U} where u.k is not null)",
    f"select t.k from {_T} where exists (select 1 from {_U} where u.k = t.k)",
    f"select t.k, (select max(u.name) from {_U} where u.k = t.k) as m from {_T}",
    f"select t.k, (select u.name from {_U} where u.k = t.k) as m from {_T}",
    f"select (select u.name from {_U}) as m",
    f"select t.k from {_T} where t.k > all (select u.k from {_U} where u.k < 2)",
    f"select t.k from {_T} where t.k = any (select u.k from {_U})",
    f"select t.k, x.y from {_T} cross join lateral (select t.k * 2 as y) as x",
]
_FRAMES = (
    "rows between unbounded preceding and current row",
    "rows between 1 preceding and 1 following",
    "rows between current row and unbounded following",
    "range between unbounded preceding and current row",
    "rows between 2 preceding and 1 preceding",
    "rows unbounded preceding",
    "rows 1 preceding",
)
_WINDOWS = (
    [
        f"select k, s, {f} over (partition by s order by k, v) as w from {_T}"
        for f in (
            *(
                "row_number()",
                "rank()",
                "dense_rank()",
                "percent_rank()",
                "cume_dist()",
                "ntile(2)",
                "lag(v)",
                "lead(v)",
                "lag(v, 2)",
            ),
            *(
                "lead(v, 1, 0)",
                "lag(v, 1, -1e0)",
                "first_value(v)",
                "last_value(v)",
                "nth_value(v, 2)",
                "sum(v)",
                "count(*)",
                "count(v)",
            ),
            *(
                "avg(v)",
                "min(d)",
                "max(k)",
                "lag(v) ignore nulls",
                "first_value(v) ignore nulls",
                "last_value(v) ignore nulls",
                "array_agg(k)",
            ),
            *("lead(d) ignore nulls", "count_if(v > 1)", "sum(k)", "stddev(v)"),
        )
    ]
    + [
        f"select k, v, {f} over (order by k, v {frame}) as w from {_T}"
        for frame in _FRAMES
        for f in ("sum(v)", "count(v)", "min(s)", "last_value(k)")
    ]
    + [
        f"select k, v, sum(v) over (order by k, v {frame}) as w from {_T}"
        for frame in ("groups between 1 preceding and current row", "range between 1 preceding and current row")
    ]
    + [
        f"select k, row_number() over (order by k desc, v) as w from {_T}",
        f"select k, row_number() over (order by k desc nulls first, v) as w from {_T}",
        f"select k, rank() over (order by s) as w from {_T}",
        f"select s, sum(sum(v)) over (order by s) as w from {_T} group by s",
        f"select k, sum(v) over w as x, count(*) over w as y from {_T} window w as (partition by k order by v)",
        f"select k, row_number() over (order by k rows between 1 preceding and current row) from {_T}",
        f"select k, row_number() ignore nulls over (order by k) from {_T}",
        f"select k, ntile(0) over (order by k) from {_T}",
        f"select k, lag(v, -1) over (order by k) from {_T}",
        f"select * from (select k, v, row_number() over (partition by k order by v desc) as rn from {_T}) where rn = 1",
    ]
)
_AGGREGATES = [
    f"select {f} as a from {_T}{where}"
    for where in ("", " where false", " where k = 1")
    for f in (
        *(
            "count(*)",
            "count(v)",
            "count(distinct s)",
            "sum(k)",
            "sum(v)",
            "avg(k)",
            "avg(v)",
            "min(s)",
            "max(d)",
            "count_if(v > 1)",
        ),
        *(
            "min_by(s, v)",
            "max_by(s, v)",
            "max_by(v, k)",
            "array_agg(s order by s)",
            "array_agg(distinct k order by k)",
            "bool_and(v > 0)",
        ),
        *(
            "bool_or(v > 0)",
            "every(v > 0)",
            "stddev(v)",
            "stddev_pop(v)",
            "variance(v)",
            "var_pop(k)",
            "corr(v, k)",
            "covar_samp(v, k)",
        ),
        *(
            "covar_pop(v, k)",
            "regr_slope(v, k)",
            "regr_intercept(v, k)",
            "geometric_mean(abs(v))",
            "map_agg(s, k)",
            "histogram(k)",
        ),
        *(
            "approx_distinct(s)",
            "sum(cast(v as decimal(10,2)))",
            "avg(cast(v as decimal(10,2)))",
            "sum(cast(v as real))",
        ),
        *(
            "sum(v) filter (where k > 1)",
            "count(*) filter (where s = 'a')",
            "sum(distinct k)",
            "array_agg(k order by k desc nulls first)",
        ),
        *("count(*) / 4", "sum(k) / count(*)", "sum(k) * 1.0 / count(*)", "listagg(s, ',') within group (order by s)"),
        *(
            "arbitrary(7)",
            "bitwise_or_agg(k)",
            "avg(cast(k as decimal(12,4)))",
            "max(v) - min(v)",
            "approx_percentile(v, 0.5)",
            "array_agg(s order by d desc, k)",
        ),
    )
] + [
    "select sum(x) from (values 9223372036854775807, 1) as t(x)",
    "select sum(x), avg(x) from (values tinyint '127', tinyint '1') as t(x)",
    "select avg(x) from (values decimal '0.01', decimal '0.02', decimal '0.02') as t(x)",
    "select avg(x) from (values decimal '-0.01', decimal '-0.02') as t(x)",
    "select sum(x) from (values decimal '99999999999999999.99', decimal '0.01') as t(x)",
    "select max(x), min(x) from (values nan(), 1e0, infinity()) as t(x)",
    "select map_agg(x, y) from (values (cast(null as varchar), 1)) as t(x, y)",
    "select cardinality(map_agg(x, y)) from (values ('a', 1), ('a', 2), ('b', 3)) as t(x, y)",
    "select corr(x, y) from (values (1e0, 2e0)) as t(x, y)",
    "select stddev(x), variance(x), stddev_pop(x) from (values 1e0) as t(x)",
]
_GROUPS = [
    f"select s, count(*) as n, sum(v) as v from {_T} group by s",
    f"select s, count(*) as n from {_T} group by 1 having count(*) > 1",
    f"select s, k, sum(v) as v from {_T} group by cube (s, k)",
    f"select s, k, sum(v) as v from {_T} group by rollup (s, k)",
    f"select s, k, sum(v) as v, grouping(s, k) as g from {_T} group by grouping sets ((s), (k), ())",
    f"select s, k, count(*) as v, grouping(s) as g from {_T} group by s, rollup (k)",
    f"select s, k, count(*) from {_T} group by grouping sets ((s, k), s)",
    f"select date_trunc('month', d) as m, count(*) from {_T} group by date_trunc('month', d)",
    f"select distinct s from {_T}",
    f"select distinct k, s is null from {_T}",
    f"select count(*) from {_T} having count(*) > 100",
    f"select upper(s) as s, count(*) as n from {_T} group by upper(s)",
    f"select s as x, count(*) from {_T} group by x",
    f"select s, v from {_T} group by s",
    f"select k + 1 from {_T} group by k",
    f"select count(*) from {_T} where count(*) > 1",
    f"select s, sum(v) as total from {_T} group by s having total > 1",
]
_SETS = [
    "select 1 union select 1 union select null",
    "select 1 as x union all select 2 union all select 1",
    "select 1 union select 2.5",
    "select 1 as a, 'x' as b union all select null, null",
    "select x from (values 1, 2, null) as t(x) intersect select x from (values 2, null, 3) as u(x)",
    "select x from (values 1, 2, null) as t(x) except select x from (values 2, 3) as u(x)",
    "select x from (values 1, 1, 2) as t(x) intersect all select x from (values 1, 1, 1) as u(x)",
    "select x from (values 1, 1, 2) as t(x) except all select x from (values 1) as u(x)",
    "(select 1 as x union all select 2) intersect select 2",
    "select 1 as x union all select 2 intersect select 2",
    "select 'a' union select 1",
    "select 1, 2 union select 1",
    "select cast(1 as tinyint) union all select 3000000000",
    "select date '2024-01-01' union all select timestamp '2024-01-01 10:00:00'",
    "select decimal '1.5' union all select decimal '2.25'",
    "select x from (values 3, 1, null, 2) as t(x) order by x",
    "select x from (values 3, 1, null, 2) as t(x) order by x desc",
    "select x from (values 3, 1, null, 2) as t(x) order by x desc nulls first limit 2",
    "select x from (values 3, 1, null, 2) as t(x) order by x offset 1 limit 2",
    "select x from (values 3, 1, null, 2) as t(x) order by x offset 1 rows fetch first 2 rows only",
    "select x, -x as x2 from (values 3, 1, null, 2) as t(x) order by x2",
    "select x from (values 3, 1, 2) as t(x) order by 1 desc",
    "select x from (values 'b', 'B', 'a', '日', '') as t(x) order by x",
    "select x from (values nan(), 1e0, infinity(), null) as t(x) order by x desc",
]
_UNNESTS = [
    "select x from unnest(array[1, 2, null]) as t(x)",
    "select x, n from unnest(array['a', 'b']) with ordinality as t(x, n)",
    "select k, v from unnest(map(array['a', 'b'], array[1, 2])) as t(k, v)",
    "select x, y from unnest(array[1, 2, 3], array['a']) as t(x, y)",
    "select x, y, n from unnest(array[1], array['a', 'b']) with ordinality as t(x, y, n)",
    "select t.id, x from (values (1, array[1, 2]), (2, cast(array[] as array(integer))), (3, null)) as t(id, "
    "a) cross join unnest(t.a) as u(x)",
    "select t.id, x from (values (1, array[1, 2]), (2, cast(array[] as array(integer))), (3, null)) as t(id, "
    "a) left join unnest(t.a) as u(x) on true",
    "select t.id, x, n from (values (1, array['p', 'q']), (2, array['r'])) as t(id, a) cross join unnest(a) "
    "with ordinality as u(x, n)",
    "select id, count(*) as n, sum(x) as s from (values (1, array[1, 2]), (2, array[5])) as t(id, a) cross "
    "join unnest(a) as u(x) group by id",
    "select d from unnest(sequence(date '2024-02-27', date '2024-03-01')) as t(d)",
    "select id, x, y from (values (1, array[1, 2], array['a', 'b'])) as t(id, a, b) cross join unnest(a, b) as u(x, y)",
    "select x from (values 1) as t(one), unnest(array[4, 5]) as u(x)",
    "select id, k, v from (values (1, map(array['a'], array[2]))) as t(id, m) cross join unnest(m) as u(k, v)",
]
_MIXED = [
    "select try(1 / count(*)), try(sum(x) / 0) from (values 1) as t(x)",
    "select try(cast(max(s) as integer)), try_cast(min(s) as timestamp) from (values 'a', '2') as t(s)",
    "select try(cast(lag(s) over (order by s) as integer)) from (values 'a', '7', 'b') as t(s)",
    "select k, try(10 / (sum(x) - k)) as y from (values (1, 1), (2, 5)) as t(k, x) group by k",
    "select try((select x from (values 5) as t(x)) / 0)",
    "select try(sum(x)) from (values 9223372036854775807, 1) as t(x)",
    "select array_agg(try(1 / x)) from (values 0, 1) as t(x)",
    "select x from (values 0, 1) as t(x) where try(1 / x) = 1",
    "select sum(x) over w as s, count(*) over w as n from (values 1, 2) as t(x) window w as (order by x)",
    "select array_agg(x) over (order by x) from (values 1, 2) as t(x)",
    "select try(x in (select 1 / y from (values 0) as u(y))) from (values 1) as t(x)",
    f"with a as (select k, sum(v) as v from {_T} group by k), b as (select k, name from {_U}) select b.name, "
    f"a.v from a join b on a.k = b.k",
    f"with a(x) as (select k from {_T}) select x from a where x is not null",
    "values (1, 'a'), (2, 'b')",
    "values 1, 2",
    "select * from (values row(1, 'a'), row(2, null)) as t(x, y)",
    "select \"upper\"('a'), \"date_trunc\"('month', date '2024-02-29')",
    "select case when x = 0 then null else 10 / x end from (values 0, 2) as t(x)",
    "select 10 / x from (values 0, 2) as t(x)",
    "select x from (values 0, 2) as t(x) where x <> 0 and 10 / x > 1",
    "select t.* from (values (1, 'a')) as t(x, y)",
    "select count(*) from (select * from (values 1, 2, 3) as t(x) where x > 1)",
    "select x from (values 1, 2) as t(x) where x = 'a'",
    "select y from (values 1) as t(x)",
    "select nosuch(1)",
    "select x, from (values 1) as t(x)",
    "select 1 where null",
    "select 'a' 'b'",
    "select 1 in ('a', 'b')",
    "select substr('abc')",
    "select concat('a', 1)",
    "select 1 || 'a'",
    "select length(5)",
    "select date '2024-13-01'",
    "select array[1, 'a']",
    "select if(1, 2, 3)",
    "select coalesce(1, 'a')",
    "select json_extract_scalar('{\"a\":{\"b\":1}}', '$.a.b') || 'x'",
    "select sum('a')",
    "select max(1, 2, 3)",
    "select 1 = true",
    "select cast('a' as nosuch)",
    "select x from (values (array[1, 2])) as t(x) where contains(x, 2)",
    "select x is distinct from y from (values (1, null), (null, null), (1, 1)) as t(x, y)",
    "select round(v, 2), v from (values 1.005, 2.5, -0.5) as t(v)",
    "select sum(clicks) * 100.0 / nullif(sum(views), 0) from (values (1, 3), (2, 0)) as t(clicks, views)",
    "select date_diff('day', min(d), max(d)) + 1 from (values date '2024-01-01', date '2024-03-01') as t(d)",
    "select approx_distinct(x) from (values 1, 1, 2, null) as t(x)",
    "select date(ts at time zone 'Asia/Tokyo') as day, count(*) from (values timestamp '2024-01-01 14:59:59', "
    "timestamp '2024-01-01 15:00:00') as t(ts) group by 1",
    "select x at time zone 'America/New_York' from (values timestamp '2024-03-10 06:59:59', timestamp "
    "'2024-03-10 07:00:00') as t(x)",
    "select element_at(m, 'b'), m['a'] from (values map(array['a'], array[1])) as t(m)",
    "select m['b'] from (values map(array['a'], array[1])) as t(m)",
    "select a[5] from (values array[1]) as t(a)",
    "select r.x, r.y from (select cast(row(1, 'a') as row(x integer, y varchar)) as r)",
    "select array_agg(r.x) from (select cast(row(1, 'a') as row(x integer, y varchar)) as r)",
    "select try(cast(x as integer)), try_cast(x as integer) from (values '1', 'a', null) as t(x)",
    "select cast(x as integer) from (values '1', 'a') as t(x)",
    "select sum(x) over () / count(*) over () from (values 1, 2, 4) as t(x)",
    "select cast(d as varchar) || '!' from (values date '2024-01-01') as t(d)",
    "select json_extract_scalar(j, '$.a') as a from (values '{\"a\": \"x\"}', '{\"a\": 1}', 'bad', null) as t(j)",
    "select regexp_extract(s, '(\\d+)-(\\d+)', 2) from (values '10-20', 'none', null) as t(s)",
    "select k, sum(v) from (values ('a', decimal '1.10'), ('a', decimal '2.20'), ('b', null)) as t(k, v) group by k",
    "select min(x), max(x), avg(x) from (values timestamp '2024-01-01 00:00:00', null) as t(x)",
    "select min(x), max(x) from (values timestamp '2024-01-01 00:00:00.123', null) as t(x)",
]

_STOPPING = (
    "select x from (values (1, '1'), (2, 'b')) as t(x, s) where x = 1 and cast(s as integer) = 1",
    "select x from (values (1, '1'), (2, 'b')) as t(x, s) where x = 2 or cast(s as integer) = 1",
    "select x = 1 and cast(s as integer) = 1 from (values (1, '1'), (2, 'b')) as t(x, s)",
    "select x = 2 or cast(s as integer) = 1 from (values (1, '1'), (2, 'b')) as t(x, s)",
    "select case when x = 1 and cast(s as integer) = 1 then 'a' else 'b' end "
    "from (values (1, '1'), (2, 'b')) as t(x, s)",
    "select case when x = 2 or cast(s as integer) = 1 then 'a' else 'b' end "
    "from (values (1, '1'), (2, 'b')) as t(x, s)",
    "select x "
    "from (values (1, '1'), (2, 'b'), (3, 'c'), (1, '7')) as t(x, s) "
    "where s not like 'b%' and s not like '%c' and cast(s as integer) > 3",
    "select x <> 0 and 10 / x > 1 from (values 0, 1, 2) as t(x)",
    "select count_if(x <> 0 and 10 / x > 1) from (values 0, 1, 2) as t(x)",
    "select x from (values 0, 1, 2) as t(x) where not (x = 0 or 10 / x > 6)",
    "select if(x <> 0 and 10 / x > 1, 'a', 'b') from (values 0, 1, 2) as t(x)",
    "select x = 0 or 10 / x > 1 from (values 0, 1, 2) as t(x)",
    "select x is null or 10 / x > 1 from (values null, 1, 2) as t(x)",
    "select filter(array[0, 1, 2], e -> e <> 0 and 10 / e > 5)",
    "select a.x from (values 0, 1) as a(x) join (values 0, 1) as b(y) on a.x = b.y and a.x <> 0 and 10 / a.x > 1",
    "select coalesce(x, 10 / y) from (values (1, 0), (null, 5)) as t(x, y)",
    "select coalesce(x, 10 / y), coalesce(y, 10 / x) from (values (1, 0), (null, 5)) as t(x, y)",
    "select greatest(x, 1) from (values 0) as t(x) where x in (1, 2) and 1 / x = 1",
    "select try(cast(x as integer) * cast(x as integer)) from (values (1, '1'), (2, 'b')) as t(n, x)",
    "select coalesce(n, cast(x as integer) * cast(x as integer)) from (values (1, '1'), (2, 'b')) as t(n, x)",
    "select try(element_at(map(array[x], array[1]), x)) from (values 1, null) as t(x)",
    "select round(x), round(x, 1) from (values -0e0, -0.3e0, 0.3e0, -0.5e0, -0.03e0) as t(x)",
    "select mod(x, y), x % y from (values (real '1.5', real '0.4'), (real '-1.5', real '0')) as t(x, y)",
    "select to_base(x, 36) from (values -9223372036854775807 - 1, -1) as t(x)",
    "select a, count(*) from (values (1, 2)) as t(a, b) group by rollup (a + 1)",
    "select a, count(*) from (values (1, 2)) as t(a, b) group by cube (1)",
    "select a, count(*) from (values (1, 2)) as t(a, b) group by grouping sets ((a), (a + b))",
    "select try(from_iso8601_date(x)) from (values 'x', '2024-02-30', '2024-02-29') as t(x)",
    "select try(from_iso8601_timestamp(x)) from (values 'x', '2024-02-30T10:00', '') as t(x)",
    "select try(bit_count(x, 64)), bit_count(x, 64) from (values bigint '7') as t(x)",
    "select nullif(x, 10 / y) from (values (null, 0), (5, 2)) as t(x, y)",
    "select nullif(s, cast(cast(t as integer) as varchar)) from (values (null, 'b'), ('5', '5')) as t(s, t)",
    "select x between 1 and 10 / y from (values (0, 0), (5, 2)) as t(x, y)",
    "select array_except(array[c, c], l) "
    "from (values ('a', array['a']), (null, array['b', null]), ('b', cast(array[] as array(varchar)))) as t(c, l)",
    "select x + 10 / y, x * (cast(s as integer) % y), x - 1 + 10 / y - 10 / y "
    "from (values (null, 0, 'a'), (3, 2, '5')) as t(x, y, s)",
    "select s || cast(10 / y as varchar) || 'b', concat(s, '-', cast(a[y] as varchar)) "
    "from (values (null, 0, array[1]), ('a', 1, array[7])) as t(s, y, a)",
    "select try(coalesce(x + 10 / y, 5)) from (values (null, 0), (1, 0), (1, 1)) as t(x, y)",
    "select try(case when luhn_check('ABC abc 123') then 'x' else '' end)",
    "select g, try(case when g = 1 or luhn_check('a') then 'x' end) from (values 1, 2) q(g)",
    "select k, try(bit_count(k, 2023)), try(-(k / 0)), try(-(1 / 0)), if(k = 7, -(1 / 0)) "
    "from (values bigint '1') q(k)",
    "select try(array_min(array[array[d, x], array[x, x]])) from (values (1e0, null), (1e0, 2e0)) q(d, x)",
    "select try(contains(array[a], array[1, 2])) from (values array[1, null], array[2]) q(a)",
    "select g, try(reduce(array[1], 0, (s, x) -> s + x / g, s -> 7)) from (values 0, 1) q(g)",
    "select g, try(greatest(cast(null as integer), 10 / g)), try(least(g, 10 / g)) from (values 0, 1, null) q(g)",
    "select k, map_agg(k, transform(array[1], x -> x + k)), multimap_agg(k, try(cast('x' as integer))) "
    "from (values 1, 2) q(k) group by k",
)
"""What may not be computed: parts of AND and OR behind the one that decides, branches of COALESCE, what TRY catches."""

STATEMENTS: dict[str, str] = {
    "joins": ";\n".join(_JOINS),
    "windows": ";\n".join(_WINDOWS),
    "aggregates": ";\n".join(_AGGREGATES),
    "grouping": ";\n".join(_GROUPS),
    "sets": ";\n".join(_SETS),
    "unnest": ";\n".join(_UNNESTS),
    "mixed": ";\n".join(_MIXED),
    "stopping": ";\n".join(_STOPPING),
    "fuzzed": (Path(__file__).parent / "fuzzed.sql").read_text(encoding="utf-8"),
    "unseen": (Path(__file__).parent / "unseen.sql").read_text(encoding="utf-8"),
}
