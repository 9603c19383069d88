{rows} select json_value(s, 'lax $.a') as x, count(*) as c from t group by json_value(s, 'lax $.a') order by 1;
{rows} select json_value(s, 'lax $.a' returning bigint) as x, count(*) as c from t group by 1 order by 1;
{rows} select json_value(s, 'lax $.a' returning bigint), count(*) from t group by json_value(s, 'lax $.a');
{rows} select n, json_value(s, 'lax $.b.c' default k on empty default cast(n as varchar) on error), json_value(s, 'lax
$.a' returning integer default n on error), json_exists(s, 'lax $.t ? (@ == $X)' passing 'q' as x), json_exists(s,
'lax $.a ? (@ > $N)' passing n as n), json_query(s, 'lax $.t' with conditional wrapper), json_query(s, 'lax $.t[$N]'
passing n - 1 as n) from t;
{rows} select n from t where json_exists(s, 'lax $.b.c') and json_value(s, 'lax $.b.c') = 'x';
{rows} select json_object('n' : n, 'k' value k, 's' : s format json) from t where n <> 5;
{rows} select json_object(key coalesce(k, 'none') value n, 'x' : 1 absent on null) from t;
{rows} select k, json_array(k, max(n), json_object('c' : count(*))) from t group by k;
{rows} select sum(json_value(s, 'lax $.a' returning double)) filter (where json_exists(s, 'lax $.a')),
max(json_value(s, 'lax $.a')) from t;
{rows} select n, row_number() over (partition by json_value(s, 'lax $.a') order by n) as r from t;
{rows} select transform(array[s], e -> json_value(e, 'lax $.a')), transform(array[s, k], e -> json_value(e, 'lax $.a'
returning bigint default 7 on error)) from t;
{rows} select json_value(json_query(s, 'lax $.b'), 'lax $.c'), json_value(json_object('q' : s format json), 'lax
$.q.a') from t where n <> 5;
{rows} select n, e from t cross join unnest(cast(json_parse(json_query(s, 'lax $.t' empty array on empty empty array
on error)) as array(varchar))) as u(e);
{rows} select n from t order by json_value(s, 'lax $.a'), n;
{rows} select case when json_exists(s, 'lax $.t[1]') then json_value(s, 'lax $.t[1]' error on error error on empty)
else 'no' end, coalesce(json_value(s, 'lax $.zz'), k), try(json_value(s, 'lax $.a' returning bigint)),
if(json_exists(s,'strict $.t'), 1, 2) from t;
with t(s, n, k) as (values ('{"a":1}', 1, 'a'), ('bad', 2, 'b')) select json_value(s, 'lax $.a' error on empty error
on error) from t;
with t(s, n, k) as (values ('{"a":1}', 1, 'a'), ('{}', 2, 'b')) select json_value(s, 'lax $.a' error on empty error on
error) from t;
with t(s, n, k) as (values ('{"a":1}', 1, 'a'), ('{}', 2, 'b')) select json_value(s, 'lax $.a' default k on empty
error on error), json_value(s, 'lax $.a' default cast(1 / (n - 2) as varchar) on empty) from t;
with t(s, n, k) as (values ('{"a":1}', 1, 'a'), ('{}', 2, 'b')) select json_object('a' value 1 null on null with
unique keys), json_array(s format json, k null on null returning varchar(5)) from t;
with t(s, k) as (values ('{"a":1}', 'a'), ('{}', 'a'), ('{}', null)) select json_object(k : 1, 'b' : 2) from t;
with t(s, k) as (values ('{"a":1}', 'a'), ('{}', 'b')) select try(json_object(k : 1, 'b' : 2 with unique keys)) from t;
with t(s, k) as (values ('{"a":1}', 'a'), ('{}', 'b')) select json_object(k : 1, 'b' : 2) from t;
select json_object('a' : 1, 'b' : 2, 'c' : 3, 'd' : 4, 'e' : 5, 'f' : 6, 'g' : 7, 'h' : 8, 'i' : 9, 'j' : 10, 'k' :
11, 'l' : 12, 'm' : 13, 'user_id' : 14, 'event_name' : 15);
select json_object('user_id' : 1, 'event_name' : 2, 'event_time' : 3, 'device' : 4, 'os' : 5, 'country' : 6,
'campaign' : 7, 'revenue' : 8, '日本' : 9, '😀' : 10, '' : 11, 'Aa' : 12, 'BB' : 13);
select json_object('AaAa' : 1, 'BBBB' : 2, 'AaBB' : 3, 'BBAa' : 4, 'x' : 5);
select json_array(json_format(cast(array[1,2] as json)) format json);
select a.x from (values 1) a(x) join (values '{"v":1}') b(s) on a.x = json_value(b.s, 'lax $.v' returning integer null
on empty null on error);
select a.x from (values 1) a(x) left join (select json_value(s, 'lax $.v' returning integer null on error) as v from
(values '{"v":1}') b(s)) c on a.x = c.v
