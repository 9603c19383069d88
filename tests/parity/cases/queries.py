"""Whole queries over three small tables with NULL keys: relations, subqueries, groups, names, recursion."""

from __future__ import annotations

from itertools import product

_T = "(values (1, 'a', 10.5), (2, 'b', null), (2, 'a', 1.5), (null, 'c', 7.0), (3, null, -2.0)) as t(k, s, v)"
_U = "(values (1, 'one'), (2, 'two'), (null, 'none'), (4, 'four')) as u(k, name)"
_W = "(values (1, 'x'), (1, 'y'), (4, 'z'), (null, 'w')) as w(k, tag)"
_ROW = "(select cast(row(1, 'a') as row(x integer, y varchar)) as r) as q"
_JOINS = ("join", "left join", "right join", "full join")
_CONDITIONS = (
    *("t.k = u.k", "t.k = u.k and t.v > 1", "t.k = u.k and u.name <> 'one'", "t.k < u.k", "false", "null", "t.k = 1"),
    *("t.k is not distinct from u.k", "t.k = u.k or u.k is null", "t.k + 1 = u.k", "t.k in (1, 2)"),
)
_RELATIONS = [
    *(f"select t.k, t.s, u.name from {_T} {join} {_U} on {on}" for join, on in product(_JOINS, _CONDITIONS)),
    *(
        f"select {items} from {relation}".format(join=join)
        for join in _JOINS
        for items, relation in (
            ("*", f"{_U} {{join}} {_W} using (k)"),
            ("k, name, tag", f"{_U} {{join}} {_W} using (k) {{join}} {_T} using (k)"),
            ("t.k, u.name, w.tag", f"{_T}, {_U} {{join}} {_W} on u.k = w.k"),
            ("t.k, u.name, w.tag", f"{_T} {{join}} ({_U} join {_W} on u.k = w.k) on t.k = u.k"),
            ("t.k, u.name, w.tag", f"({_T} {{join}} {_U} on t.k = u.k) {{join}} {_W} on w.k = t.k"),
            ("t.k, u.name, w.tag", f"{_T} {{join}} {_U} {{join}} {_W} on u.k = w.k on t.k = u.k"),
            ("*", f"(({_U} {{join}} {_W} on u.k = w.k)) as q"),
            ("t.s, x.y", f"{_T} {{join}} unnest(array[t.k, 7]) as x(y) on true"),
            ("t.s, x.y", f"{_T} {{join}} lateral (select t.k * 2 as y) as x on true"),
            ("*", f"{_U} natural {{join}} {_W}"),
        )
    ),
    f"select t.k, x.y from {_T}, {_U} cross join unnest(array[t.k, 2]) as x(y)",
    f"select t.k, x.y from {_T}, {_U} cross join unnest(array[u.k, 2]) as x(y)",
    f"select t.k, u.name from {_T}, {_U} join {_W} on t.k = w.k",
    f"select t.k, x.y from {_T}, unnest(array[1, 2]) as x(y), unnest(array[x.y]) as z(a)",
    f"select k from {_U} join {_W} using (k), (values 3) as x(k)",
    f"select * from {_U} join {_W} using (k), (values 3) as x(k)",
    f"select u.k from {_U} join {_W} using (k)",
    f"select u.*, tag from {_U} join {_W} using (k)",
    f"select k from {_U} join {_W} using (k, k)",
    f"select k, count(*) as n from {_U} full join {_W} using (k) group by k",
    "select * from (values (1, 2)) as a(k, j) join (values (1, 5)) as b(k, m) using (k) "
    "join (values (2, 7)) as c(j, n) using (j)",
    "select k, typeof(k) from (values 1) as a(k) full join (values bigint '1', 3) as b(k) using (k)",
    "select a.x from ((values 1) as a(x), (values 2) as b(y))",
    "select * from (values 1) as a(x) cross join (values 2) as b(y) on true",
    "select t.x, u.x from (values 1) as t(x) cross join (values 2) as t(x), (values 2) as u(x)",
]
_INNER = (
    *("select u.k from {u}", "select u.k from {u} where u.k is not null", "select u.k from {u} where u.k = t.k"),
    *("select u.k from {u} where false", "select max(u.k) from {u}", "values 1, 2", "values 2, null", "select 2"),
)
_COMPARED = ("in", "not in", "= any", "<> any", "= all", "<> all", "> any", ">= all", "<= some")
_COMPUTED = (
    *("count(*)", "sum(u.k)", "max(u.name)", "coalesce(max(u.k), -1)", "array_agg(u.name order by u.name)"),
    "count(*) = 0",
)
_CORRELATED = (
    *("where u.k = t.k", "where u.k <> t.k", "where u.name > t.s", "where u.k = t.k or u.k is null"),
    *("where u.k = t.k group by u.k", "where u.k = t.k having count(*) > 0", "where u.k is not distinct from t.k"),
)
_SCALARS = """
select t.k + 1;select max(t.k);select t.k from {u} where u.k = 4;select max(u.k) + t.k from {u} where u.k = t.k
select u.name || t.s from {u} where u.k = 4 and u.k <> t.k;select max(u.k) from {u} where u.k + t.k > 3
select max(u.k) from {u} where u.k in (select w.k from {w} where w.k = t.k)
select max(u.k) from {u} where u.k in (select w.k from {w} where w.k = u.k)
select max(u.k) from {u} where t.k = u.k and t.k in (select w.k from {w})
select max(u.k) from {u} join {w} on u.k = w.k and w.k = t.k
select max(u.k) from {u} left join {w} on u.k = w.k where w.k = t.k
select max(q.k) from (select u.k from {u} where u.k = t.k) as q
select max(q.k) from (select u.k from {u} where u.k = t.k) as q join {w} on q.k = w.k
select u.k from {u} where u.k > t.k limit 1;select u.k from {u} where u.k = t.k limit 1
select u.name from {u} where u.k = t.k order by u.name desc limit 1
select u.k from {u} where u.k > t.k order by u.k limit 1;select u.k from {u} where u.k = t.k offset 1
select u.k from {u} where u.k = t.k and u.name <> t.s limit 1;select u.k from {u} where u.k = t.k + 3 limit 1
select max(u.k) from {u} where u.k = t.k group by u.name limit 1;select distinct u.k from {u} where u.k = t.k
select count(distinct u.name) from {u} where u.k > t.k;select max(u.k) from {u} having max(u.k) > t.k
select sum(u.k) over () from {u} where u.k = t.k limit 1
select max(x) from unnest(array[t.k, 9]) as q(x);select count(*) from unnest(array[t.k, 9]) as q(x) where x > 1
select max(x + t.k) from unnest(array[t.k, 9]) as q(x);select max(x) from {u} cross join unnest(array[t.k]) as q(x)
select max(x) from {u} cross join unnest(array[u.k]) as q(x) where u.k = t.k
select max(u.name) filter (where u.k = t.k) from {u};select max(case when u.k = t.k then 1 end) from {u}
select max(u.name) from {u} where u.k between t.k and t.k + 3
"""
_CONDITIONAL = """
exists (select t.k from {u} where u.k > t.k);exists (select 1 from {u} where u.k = t.k group by u.k having count(*) > 1)
exists (select 1 from {u} where u.k > t.k limit 1);exists (select 1 from {u} where u.k = t.k limit 1)
exists (select 1 from {u} where u.k = t.k and exists (select 1 from {w} where w.k = u.k));exists (values 1)
exists (select 1 from {u} where u.k = t.k and exists (select 1 from {w} where w.k = t.k));not exists (select t.k)
exists (select 1 from unnest(array[t.k]) as q(x) where x > 1);exists (with q as (select 1 as x) select x from q)
exists (select 1 from {u} left join {w} on u.k = w.k and u.k > t.k);t.k in (select u.k + t.k from {u})
t.k in (select distinct u.k from {u} where u.name <> t.s);t.k in (select u.k from {u} where u.name <> t.s)
t.k in (select max(u.k) from {u} where u.name <> t.s);t.k > all (select u.k from {u} where u.k <> t.k)
t.k in (select t.k);(t.k, t.s) in (select u.k, u.name from {u});t.k = (select u.k, u.name from {u})
"""
_LATERAL = """
select t.k + 1 as y;select max(u.name) as y from {u} where u.k = t.k;select u.name as y from {u} where u.k = t.k
select u.name as y from {u} where u.k > t.k;select u.name || t.s as y from {u} where u.k > t.k;values t.k
select u.name as y from {u} where u.k > t.k order by u.k limit 1;values t.k, 5;select t.k as y union all select 1
select u.name as y from {u} where u.k = t.k order by u.name limit 1;select x as y from unnest(array[t.k, 7]) as q(x)
"""


def _listed(text: str) -> list[str]:
    return [each.format(u=_U, w=_W) for line in text.strip().split("\n") for each in line.split(";")]


_SUBQUERIES = [
    *(f"select t.k, t.k {op} ({inner.format(u=_U)}) as r from {_T}" for op, inner in product(_COMPARED, _INNER)),
    *(f"select t.k, (select {f} from {_U} {where}) as r from {_T}" for f, where in product(_COMPUTED, _CORRELATED)),
    *(f"select t.k, ({each}) as r from {_T}" for each in _listed(_SCALARS)),
    *(f"select t.k from {_T} where {each}" for each in _listed(_CONDITIONAL)),
    *(f"select t.k, l.y from {_T} cross join lateral ({each}) as l(y)" for each in _listed(_LATERAL)),
    f"select t.k, (select u.name from {_U}) as r from {_T}",
    f"select t.s, max((select max(u.k) from {_U} where u.k = t.k)) as r from {_T} group by t.s",
    f"select t.k, (select max(u.k) from {_U} where u.k = t.k) as r from {_T} group by t.k",
    f"select t.s from {_T} group by t.s having sum(t.k) > (select min(u.k) from {_U})",
    f"select t.k, t.s from {_T} order by (select max(u.name) from {_U} where u.k = t.k), t.k, t.s",
    "select t.id, (select array_agg(x order by x desc) from unnest(t.a) as u(x)) as r "
    "from (values (1, array[1, 5]), (2, null)) as t(id, a)",
]
_KEYS = (
    *("k, s", "rollup (s, k)", "cube (s, k)", "grouping sets ((s), (k), ())", "s, rollup (k)", "rollup (s), cube (k)"),
    *("()", "grouping sets ((), ())", "grouping sets ((s), (s))", "rollup ((s, k))", "s, ()", "all s", "cube (s, s)"),
    *("grouping sets (rollup (s), k)", "s, grouping sets ((k), ())", "grouping sets ((1, 2), (1))", "rollup (1, 2)"),
    *("cube (s, k, s)", "cube ((s, k), (k, s))", "rollup (s, s, k)", "cube ((s, s), s, k)"),
)
_GROUPED = [
    *(f"select s, k, count(*) as n, sum(v) as v from {_T} group by {keys}" for keys in _KEYS),
    *(f"select count(*) as n from (select * from {_T} where false) group by {keys}" for keys in _KEYS),
    *(f"select s, k, grouping(s, k) as g, grouping(k) as h from {_T} group by {keys}" for keys in _KEYS),
    f"select upper(s) as s, count(*) as n from {_T} group by rollup (upper(s))",
    f"select s, case when grouping(s) = 1 then 'total' else s end as label, count(*) from {_T} group by rollup (s)",
    f"select s, sum(count(*)) over () as n from {_T} group by rollup (s)",
    f"select 5 as x from {_T} having count(*) > 1",
    f"select 5 as x from {_T} having false",
    f"select s as k, k as s, count(*) as n from {_T} group by s, k",
    f"select s, count(*) as n from {_T} group by s order by count(*) desc, s",
    f"select distinct s from {_T} order by (s)",
    f"select array_agg(distinct s order by k) as x from {_T}",
    f"select k, s from {_T} order by null, k, s, v",
    *(f"select k from {_T} order by k {rows}" for rows in ("limit 0", "limit all", "offset 2 limit 1", "offset 1 row")),
    *(f"select k from {_T} order by k fetch first {n} rows only" for n in (0, 1, 3)),
    *(
        f"select {item}, count(*) as n from {_T} group by {key}"
        for item, key in (
            ("date_format(timestamp '2024-01-01 00:00:00', s)", "date_format(timestamp '2024-01-01 00:00:00', (s))"),
            ("(k + 1) * 2", "((k) + 1) * 2"),
            ("k + 1 + 2", "(k + 1) + 2"),
            ("k + (1 + 2)", "k + 1 + 2"),
            ("case when (k = 1) then 'a' end", "case when k = 1 then 'a' end"),
            ("'a' || s", "'a' || (s)"),
            ("cast((k) as varchar)", "cast(k as varchar)"),
            ("upper(S)", "UPPER(t.s)"),
            ("k <> 1", "k != 1"),
        )
    ),
    f"select (k) from {_T} group by k having (k) > 0 order by (k) + 1",
    f"select distinct (k) + 1 as x from {_T} order by k + 1",
    f"select s, array_agg(distinct (k) order by k) as x from {_T} group by s",
    *(f"values 3, 1, null, 2 {rows}" for rows in ("order by 1", "order by 1 limit 2", "order by 2")),
]
_NAMES = """
with a as (select 1 as x), b as (select x + 1 as x from a) select a.x, b.x from a, b;
with a as (select 1 as x) select * from (with a as (select 2 as x) select x from a) as q, a;
with a as (select 1 as x) select (with a as (select 3 as x) select x from a) as y, x from a;
with a as (select 1 as x), A as (select 2 as x) select * from a;
with a as (select * from b), b as (select 1 as x) select * from a;
with a(x, x) as (values (1, 2)) select * from a;
with a as (select 1 as x, 2 as x) select * from a;
with a as (select 1) select * from a;
with a as (select 1 as x) select a.x from a as b;
with a as (select 1 as x) (select x from a) union all (select x + 1 from a);
(with a as (select 1 as x) select x from a) union all select 5;
select * from (select 1 as x, 2 as x) as q;
select x from (values (1, 2)) as t(x, x);
select q.*, q.* from (select 1 as x, 2 as y) as q;
select q.X, Q.x, "q"."X" from (select 1 as x) as q;
select x as y, y as x from (values (1, 2)) as t(x, y) order by x;
select x as y from (values (1, 2)) as t(x, y) where y = 2;
select x, count(*) as x from (values 1, 2) as t(x) group by x;
select r.* from {row};
select q.r.* from {row};
select row(1, 'a').*;
select t from (values 1) as t(x);
select "sum"(x) as "Sum of X", "COUNT"(*) from (values 1, 2) as t(x);
select text, string, list, number, format, object from (values (1, 2, 3, 4, 5, 6)) as t(text, string, list, number,
  format, object);
select date, year, first, last, value, type, key, data, offset from (values (1, 2, 3, 4, 5, 6, 7, 8, 9)) as t(date,
  year, first, last, value, type, key, data, offset);
select 1 isnull, 2 glob, 3 as regexp_, 4 collate;
select 'a;b', 'a--b', 'a/*b*/', '"', "x;y" from (values 1) as t("x;y");
select /* a ; 'b */ 1 /* " */ + 1;
values row(1, 2), row(3, 4);
select 1 where true group by () having true order by 1 limit 1;
with recursive r(x) as (select 1 union all select x + 1 from r where x < 5) select x from r;
with recursive r(x) as (select 1 union all select x + 1 from r where x < 11) select count(*), max(x) from r;
with recursive r(x) as (select 1 union all select x + 1 from r where x < 12) select count(*), max(x) from r;
with recursive r as (select 1 as x union all select x + 1 from r where x < 5) select x from r;
with recursive r(x, p) as (select 1, 'a' union all select x + 1, p || 'b' from r where x < 3) select * from r;
with recursive r(x, p) as (select 1, cast('a' as varchar) union all select x + 1, p || 'b' from r where x < 3)
  select * from r;
with recursive r(x) as (select 1 union all select x + 1.5 from r where x < 4) select x from r;
with recursive r(x) as (select 1 union all select cast(x + 1 as smallint) from r where x < 4) select x, typeof(x)
  from r;
with recursive r(x) as (select 1 union all select a.x + 1 from r a, r b where a.x < 3) select x from r;
with recursive r(x) as (select 1 union all select u.k from r left join (values 1, 2) as u(k) on u.k = r.x + 1 where
  r.x < 2) select x from r;
with recursive r(x) as (select 1 union all select u.k from (values 1, 2) as u(k) left join r on u.k = r.x + 1 where
  r.x < 2) select x from r;
with recursive r(x) as (select 1 union all select x + 1 from r where x < 3 limit 1) select x from r;
with recursive r(x) as (select 1 union all (select q.y + 1 from r as q(y) where q.y < (select 3))) select x from r;
with recursive e(a, b) as (values (1, 2), (2, 3), (3, 4)), r(a, b) as (select a, b from e union all select r.a, e.b
  from r join e on r.b = e.a) select * from r;
with recursive r(x) as (select 1 union all select u.v from r cross join unnest(array[x + 1, x + 2]) as u(v) where x
  < 3) select x from r;
with recursive r(d) as (select date '2024-01-01' union all select d + interval '1' day from r where d < date
  '2024-01-05') select d from r;
with recursive r(x) as (select 1 union all select x + 1 from r where x < 3 union all select 10) select x from r;
with r(x) as (select 1 union all select x + 1 from r where x < 3) select x from r
"""

STATEMENTS: dict[str, str] = {
    "relations": ";\n".join(_RELATIONS),
    "subqueries": ";\n".join(_SUBQUERIES),
    "groups": ";\n".join(_GROUPED),
    "names": _NAMES.replace("{row}", _ROW),
}
