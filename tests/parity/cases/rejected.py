"""Statements that Athena rejects: what people write for other engines, or by mistake."""

from __future__ import annotations

_T = (
    "(values (1, 'a', 1.5, date '2024-01-01', array[1], map(array['a'], array[1]), true, "
    "timestamp '2024-01-01 10:00:00')) as t(n, s, d, day, a, m, b, ts)"
)
_EXPRESSIONS = r"""
interval 1 day | interval '1 day' | interval '1' days | interval '1' week | interval '1' quarter | interval n day
date_add(day, interval 1 day) | date_add(day, 1, day) | dateadd(day, 1, day) | date_diff(day, day, day)
date_trunc(day, month) | date_trunc(day, 'month') | timestamp('2024-01-01') | date "2024-01-01"
timestamp "2024-01-01" | struct(1, 2) | struct(1 as a) | row(1 as a) | array(1, 2) | array<int>[1] | map('a', 1)
(1, 2).x | x -> x | lambda x: x | case n when 1 then 2 | case when n then 1 end | case n when 's' then 1 end
case when b then 1 else 's' end | case end | if(b, 1, 2, 3) | if(b) | if(n, 1, 2) | iif(b, 1, 2)
cast(n as string) | cast(n as int64) | cast(n as float) | cast(n as text) | cast(n as number)
cast(n as datetime) | cast(n as unsigned) | cast(n as varchar(max)) | cast(n as decimal(50,2))
cast(n as numeric(10,2)) | cast(n as bool) | cast(n as timestamptz) | cast(n as timestamp with time zone)
cast(n as date) | cast(n as array(int)) | cast(n as array<int>) | cast(n as struct<a int>) | cast(n, varchar)
cast(n varchar) | cast(s as interval day to second) | cast(n as varchar) format 'x' | safe_cast(s as integer)
convert(integer, s) | convert(s, integer) | extract('day' from day) | extract(epoch from ts)
extract(isodow from day) | extract(day, day) | extract(millisecond from ts) | substring(s for 1)
substring(s, 1 for 2) | position('a', s) | trim(from s) | overlay(s placing 'a' from 1) | count(t.*)
count(distinct *) | count(distinct n, s) | count(n, s) | sum(*) | array_agg(distinct n order by s)
array_agg(n order by n limit 1) | array_agg(n ignore nulls) | string_agg(s, ',') | string_agg(s, ',' order by n)
listagg(s, ',') | listagg(s) | listagg(s, n) within group (order by s) | group_concat(s separator ',')
percentile_cont(0.5) within group (order by n) | approx_percentile(s, 0.5) | rank()
rank() over (order by n rows unbounded preceding) | row_number() over w
row_number() over (partition by n, order by s) | row_number() over (order by n partition by s)
row_number() over order by n | row_number() | lag(n ignore nulls) over (order by n) | lag(n) over (partition by s)
lag(n, s) over (order by n) | lag(n, 1, 's') over (order by n) | ntile(s) over (order by n)
sum(n) over (order by n rows 1) | sum(n) over (order by n rows between 1 and 2)
sum(n) over (order by n rows between unbounded following and current row)
sum(n) over (order by s range between 1 preceding and current row) | sum(n) over (partition by s) filter (where b)
sum(n) filter (where b) over (partition by s) | sum(n) filter (where n) | sum(max(n)) | sum(sum(n) over ())
max(row_number() over ()) | grouping(n) | grouping(n, s) | grouping() | exists select 1 | (n, s) in (1, 'a')
n in (1, 'a') | n in ('1') | n in select 1 | n in 1 | n = any (array[1]) | n = any (1, 2) | any(n) | s like n
s like '%a' escape | s like any ('a', 'b') | not n | n and b | b and s | b xor b | b && b | !b | ~n | n || 'a'
s || n | s + 1 | s + 'a' | s * 2 | n / '2' | n / 0 | n mod 2 | n ^ 2 | n & 1 | n << 1 | -s | n = s | n = '1'
s = 1 | n > s | day = '2024-01-01' | day > '2024-01-01' | ts > '2024-01-01' | day - 1 | day + 1
interval '1' day + interval '1' month | interval '1' day + n | b = 1 | b = 'true' | n between 1
n between '1' and '2' | day between '2024-01-01' and '2024-02-01' | n is true | b is true | n is distinct from s
a['x'] | a[1:2] | a[0] | a[-1] | m[1] | m.a | s[1] | n.x | db.t.n | `n` | t.'n' | nosuch | nosuch(n) | lower(s, s)
lower() | lower(n) | lower(*) | lower(distinct s) | lower(s order by s) | upper(s) over () | length(n) | length(a)
cardinality(s) | concat(s) | concat(s, n) | concat(a, 's') | concat_ws(',', a) | coalesce(n) | coalesce(n, s)
coalesce() | nullif(n, s) | nullif(n) | greatest(n, s) | least() | round(s) | round(d, 's') | round(d, 1.5)
abs(s) | power(s, 2) | date_trunc('day', s) | date_diff('day', s, s) | date_add('day', '1', day)
date_add('day', 1, s) | date_format(s, '%Y') | date_parse(day, '%Y') | year(s) | year('2024') | from_unixtime(s)
from_unixtime('1') | json_extract(n, '$.a') | json_extract_scalar(s, 'a') | json_extract_scalar(s, s)
json_value(s) | regexp_like(s, n) | regexp_extract(s, 'a', 's') | split(s) | split_part(s, ',') | contains(a, 's')
contains(s, 'a') | transform(a, x -> x || 'a') | transform(a, (x, y) -> x) | transform(a, 1)
transform(s, x -> x) | transform(a, x -> y) | transform(a, x => x) | transform(a, lambda x: x) | filter(a, x -> x)
reduce(a, 0, (s, x) -> s + x) | map_filter(m, x -> x) | element_at(a, 's') | element_at(m, 1) | element_at(s, 1)
array_join(a, 1) | array_join(s, ',') | array[1, 's'] | array[array[1], array['s']] | array[1] || array['s']
map(array['a'], array[1, 2]) | map(array[1], 1) | max_by(n) | max(m) | sum(s) | sum(b) | sum(day) | avg(s)
avg(day) | stddev(s) | count_if(n) | bool_and(n) | current_timestamp() | now | getdate() | sysdate | user
session_user | 1L | $$a$$ | E'a\n' | N'a' | x'ABC' | b'1' | 'it\'s' | "it's" | decimal 1.5 | decimal(5,2) '1.5'
integer 's' | bigint '9999999999999999999' | boolean 'x' | char(3) 'a' | date '2024-02-30' | time '25:00'
timestamp '2024-01-01 10:00:00 Nowhere' | timestamp '2024-01-01T10:00:00' | timestamp '2024-01-01T10:00:00Z'
timestamp '01/02/2024' | interval '1.5' day | interval 'x' day | json 'x' | 9999999999999999999 | 1 / 0 | 1 + | (n
n) | () | (n, ) | select n | x.* | a.* | * except (n) | * exclude (n) | * exclude n | * replace (1 as n)
* rename (n as x) | columns('n') | t.* as (q) | n as | n as n n | n as 'x' | n as `x` | n as select | n as order
n as table | n as end | n select | n order | x = n | x := n | n as 1 | n as x y | n as x.y | try(n, 1) | try()
format('%s') | format(n) | hash(n) | md5(s) | sha256(s) | from_utf8(s) | chr('a') | lpad(s, 5) | rpad(n, 5, ' ')
repeat(s, 's') | reverse(n) | replace(s) | replace(s, 'a', 1) | strpos(s, 1) | ends_with(s, 'a') | left(s, 2)
right(s, 2) | substr(s, '1') | substr(n, 1) | substr(s) | bitwise_and(n, 1.5) | sequence(day, ts)
sequence('a', 'b') | sequence(1, 5, 's') | flatten(a) | array_distinct(s) | array_max(m) | slice(a, 1)
map_keys(a) | row() | row(n as x) | ROW(1, 'a').x | cast(row(1) as row(x integer, y varchar))
cast(m as map(varchar)) | cast(a as varchar) | cast(day as integer) | cast(ts as bigint)
ts at time zone 'Nowhere' | day at time zone 'UTC' | s at time zone 'UTC' | merge(n) | corr(n, s) | entropy(n)
max(n, 's') | map_union(a) | set_union(a) | array_agg(*)
"""
_BEHIND = r"""
::varchar | ::int | [1:2] | .* | ->'a' | ->>'a' | ->>'$.a' | @>1 | ==1 | div 2 | mod 2 | // 2 | ** 2 | ^ 2 | <=> 1
ilike 'a%' | rlike 'a' | regexp 'a' | similar to 'a' | ~ 'a' | !~ 'a' | glob 'a' | collate nocase | is true
is false | is not true | is unknown | isnull | notnull | is json | at time zone utc | as | as as | , | , , | 'x'
"x" | `x` | 1 | ( | ) | )( | [ | ] | :x | ? | @x | $1 | + | || | <> | = | = = | & 1 | << 2 | => 1 | := 1 | % | not
in | in () | in (1,) | between 1 | between 1 and | like | is | over () | over w | filter (where true)
within group (order by 1) | ignore nulls | respect nulls | asc | desc | nulls first | limit 1, 2
limit 10 offset 5 | limit n | limit 1.5 | limit -1 | top 5 | for update
for system_time as of timestamp '2024-01-01 00:00:00 UTC' | sample 10 | pivot (sum(n) for s in ('a'))
unpivot (x for y in (n)) | qualify row_number() over () = 1 | group by all | group by ()
group by 1, 2 with rollup | group by rollup(1) | having true | cluster by n | distribute by n | sort by n
lateral view explode(a) u as x | union | union all | union all by name | minus select 1 | join (values 1) as u(n)
join (values 1) as u(n) on | join (values 1) as u(n) on true | join (values 1) as u(n) using ()
cross join (values 1) as u(n) | cross join (values 1) as u(n) on true | natural join (values 1) as u(n)
left semi join (values 1) as u(n) on true | left anti join (values 1) as u(n) on true
asof join (values 1) as u(n) on true | positional join (values 1) as u(n) | left join (values 1) as u(n)
straight_join (values 1) as u(n) | full join (values 1) as u(n) on u.n = 1 | , (values 1) as u(n)
, lateral flatten(a) | , unnest(a) with offset | emit changes | option (recompile) | with (nolock) | into x
limit 5 percent | by name
"""
_QUERIES = """
select n from {t} order by n where n = 1
select n from {t} limit 1 offset 1
select n from {t} order by n union select 1
select s, count(*) from {t}
select s, n from {t} group by s
select s as x, count(*) from {t} group by x
select s as x, count(*) as c from {t} group by s having c > 1
select n from {t} where count(*) > 1
select n from {t} where row_number() over () = 1
select sum(sum(n)) from {t}
select n, n as n, s as n from {t} order by n
select n from {t}, (values 1) as u(n)
select x.n from {t}
select nosuch from {t}
select t.nosuch from {t}
select n from nosuch
select n from {t} join (values 1) as u(k)
select n from {t} join (values 1) as u(k) using (n)
select n from {t} union select n, s from {t}
select n from {t} union select s from {t}
select n from {t} where n in (select n, s from {t})
select * from (values (1, 2), (3)) as u(x, y)
select * from (values 1, 'a') as u(x)
select * from (select n from {t}) as u(x, y)
select * from {t} cross join unnest(a) as u(x, y)
select * from {t} cross join unnest(n) as u(x)
select * from {t} cross join unnest(a) (x)
with x as (select 1), x as (select 2) select 1
with x(a, b) as (select 1) select * from x
with x as (select 1 as a) from x
select from {t}
select distinct from {t}
select n,, s from {t}
select n s d from {t}
select (n from {t}
select n) from {t}
select case when b then n from {t}
select case when b n end from {t}
select n from {t} where
select n from {t} where n =
select n from {t} where and n = 1
select n from {t} group by
select n from {t} order by
select n from where n = 1
select n form {t}
selct n from {t}
update t set n = 1
delete from t
insert into t select 1
create table x as select 1
drop table x
describe t
explain
set x = 1
select 1 from lower('a')
select 1 = 1 = true
select true is null is null
select not 1
select sum(n) over (order by n rows and current row) from {t}
select sum(n) over (partition by order by n) from {t}
select sum(n) over (order by n rows between 1 and 2) from {t}
select sum(n) over w from {t}
select sum(n) over (order by n) filter (where b) from {t}
select transform(a, x -> count(*)) from {t}
select (select max(t.n) from (values 1) as u(k)) from {t}
select (select t.n + u.k from (values 1) as u(k) where u.k = 1) from {t}
select u.k from (values 1, 2) as u(k) where exists (select 1 from unnest(array[u.k]) as q(x) where x > 1)
select n from {t} fetch first 3
select n from {t} fetch first 0 rows only
select n from {t} group by rollup (upper(s), n)
select n from {t} group by grouping sets (rollup (n))
"""


def _each(text: str) -> list[str]:
    return [each for line in text.strip().split("\n") for each in line.split(" | ")]


STATEMENTS: dict[str, str] = {
    "rejected": ";\n".join(
        [
            *(f"select {each} from {_T}" for each in _each(_EXPRESSIONS)),
            *(f"select n from {_T} {each}" for each in _each(_BEHIND)),
            *(each.replace("{t}", _T) for each in _QUERIES.strip().split("\n")),
        ]
    )
}
