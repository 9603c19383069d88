"""Statements of aggregates, windows and unnested values that are hard: NaN, NULL, ties, bounds, what Athena rejects."""

_STATISTICS = """
select max(x), min(x) from (values nan(), 1e0, infinity()) t(x)
select max(x,2), min(x,2), max(x,5), min(x,5) from (values 3, 1, null, 2) t(x)
select max(x,2), min(x,5) from (values 3, 1, null, 2) t(x) where false
select max(x,3), min(x,3) from (values nan(), 1e0, infinity(), -1e0) t(x)
select max(x,0) from (values 3) t(x)
select max_by(s,x,2), min_by(s,x,2), max_by(s,x,9) from (values ('a',3),('b',1),('c',null),(null,2)) t(s,x)
select max_by(s,x), min_by(s,x) from (values ('a',3),('b',3),('c',2),('d',2)) t(s,x)
select max_by(s,x), min_by(s,x) from (values ('a',nan()),('b',3e0),('c',2e0)) t(s,x)
select max_by(s,x,2), min_by(s,x,2) from (values ('b',3e0),('a',nan()),('c',2e0)) t(s,x)
select skewness(x), kurtosis(x) from (values 1e0,2e0,5e0,9e0) t(x)
select skewness(x), kurtosis(x) from (values 1e0,2e0,5e0) t(x)
select skewness(x), kurtosis(x) from (values 1,1,1,1) t(x)
select geometric_mean(x) from (values 1,0,3) t(x)
select geometric_mean(x) from (values 1,-2,3) t(x)
select geometric_mean(x) from (values real '1.5',real '2.5') t(x)
select sum(x),avg(x) from (values interval '1' day, interval '2' hour, null) t(x)
select sum(x),avg(x) from (values interval '1' month, interval '2' month, null) t(x)
select sum(x),avg(x) from (values interval '-1' month, interval '-2' month, null) t(x)
select map_union(m) from (values map(array['b','a'],array[1,2]), map(array['c','a'],array[3,4]), null) t(m)
select map_union(m) from (values cast(map() as map(varchar,integer))) t(m)
select map_union(m) from (values cast(null as map(varchar,integer))) t(m)
select map_agg(x, strpos(s, 'a', -1)), multimap_agg(x, strpos(s, 'a', -1)) from (values (1,'aa'),(2,'b')) t(x,s)
select map_union(map(array[x], array[strpos(s, 'a', -1)])) from (values (1,'aa'),(2,'b')) t(x,s)
select reduce_agg(x, 0, (a,b)->a+b, (a,b)->a+b) from (values 1,2,null) t(x)
select reduce_agg(x, 0, (a,b)->a+b, (a,b)->a+b) from (values 1,2,null) t(x) where false
select reduce_agg(x, '', (a,b)->a||b, (a,b)->a||b) from (values 'a','b',null) t(x)
select approx_percentile(x, 0.5) from (values null, 1, 3, 4) t(x)
select approx_percentile(x, 0.5) from (values 1) t(x) where false
select approx_percentile(x, array[0.5,0.1]) from (values 1,2,3,4) t(x)
select approx_percentile(x, 0.5), typeof(approx_percentile(x, 0.5)) from (values decimal '1.1', decimal '2.2') t(x)
select approx_percentile(x, 1.5) from (values 1) t(x)
select approx_percentile(x, 0.9) from unnest(sequence(1,100)) t(x)
select max(row(k,v)) from (values (1,'a'),(2,'b')) t(k,v)
select max_by(k, (k,v)) from (values (1,'a'),(2,'b')) t(k,v)
select max(null)
select covar_samp(x,y) from (values (1e0,nan()),(2e0,2e0)) t(x,y)
select skewness(x), kurtosis(x) from (values 1e0,2e0,5e0,9e0) t(x)
select skewness(x), kurtosis(x) from (values 1,1,1,1) t(x)
select stddev(x), stddev_pop(x), variance(x), var_pop(x) from (values 1e0,infinity()) t(x)
select stddev(x), stddev_pop(x), variance(x), var_pop(x) from (values infinity()) t(x)
select array_agg(distinct s order by k) from (values ('a',1),('b',2),('a',3)) t(s,k)
select listagg(distinct s, ',') within group (order by k) from (values ('a',1),('b',2),('a',3)) t(s,k)
select listagg(distinct s, ',') within group (order by s) from (values ('a',1),('b',2),('a',3)) t(s,k)
select listagg(distinct upper(s), ',') within group (order by upper(s)) from (values ('a',1),('b',2),('a',3)) t(s,k)
select array_agg(distinct s order by s desc) from (values ('a',1),('b',2),('a',3)) t(s,k)
select corr(x,y), covar_pop(x,y), covar_samp(x,y), regr_slope(x,y), regr_intercept(x,y) from (values \
(2e0,infinity()),(1e0,2e0)) t(x,y)
select corr(x,y), covar_pop(x,y), covar_samp(x,y), regr_slope(x,y), regr_intercept(x,y) from (values (1e0,2e0)) t(x,y)
select g, approx_percentile(x, 0.9), approx_percentile(x, array[0.25, 0.75]) from (values \
('a',1),('a',5),('b',7),('a',9)) t(g,x) group by g
select approx_percentile(x, 0.5) from (values 1e0, nan(), 2e0) t(x)
select approx_percentile(x, 0.5) from (values 9007199254740993, 1, 9007199254740993) t(x)
select approx_percentile(x, array[0.5,null]) from (values 1,2) t(x)
select g, max(x, 2), min_by(x, y, 1) from (values ('a',1,3),('a',5,2),('b',7,1)) t(g,x,y) group by g
select reduce_agg(x, 1e0, (a,b)->a*b, (a,b)->a*b) from (values 2e0,3e0) t(x)
select g, map_union(m)['a'] from (values \
(1,map(array['a'],array[1])),(1,map(array['b'],array[2])),(2,map(array['a'],array[9]))) t(g,m) group by g
select min(x), max(x) from (values time '10:00:00', time '09:00:00') t(x)
select max(x) from (values interval '1' day, interval '2' hour) t(x)
select max(x) from (values array[1,2],array[1,3],array[0,9]) t(x)
select max_by(s, (k, x)) from (values ('a',1,2),('b',1,3),('c',0,9)) t(s,k,x)
select listagg(s, ',' on overflow error) within group (order by s) from (values 'a','b') t(s)
select listagg(s, ',' on overflow truncate '...' with count) within group (order by s) from (values 'a','b') t(s)
select listagg(s, ',' on overflow truncate) within group (order by s) from (values 'a','b') t(s)
select max(x,y) from (values (3,2),(4,2)) t(x,y)
"""
_FRAMES = """
select x, sum(x) over (order by k range between 1 preceding and 1 following) as z from (values \
(1,1),(2,2),(null,3),(3,4)) t(k,x)
select x, sum(x) over (order by k desc range between 1 preceding and 1 following) as z from (values \
(1,1),(2,2),(null,3),(3,4)) t(k,x)
select x, sum(x) over (order by k nulls first range between 1 preceding and 1 following) as z from (values \
(1,1),(2,2),(null,3),(3,4)) t(k,x)
select x, sum(x) over (order by k range 1 preceding) as z from (values (1,1),(2,2),(null,3),(3,4)) t(k,x)
select x, sum(x) over (order by k range between -1 preceding and current row) as z from (values \
(1,1),(2,2),(3,4)) t(k,x)
select x, sum(x) over (order by k range between null preceding and current row) as z from (values \
(1,1),(2,2),(3,4)) t(k,x)
select x, sum(x) over (order by k range between k preceding and current row) as z from (values \
(1,1),(2,2),(3,4)) t(k,x)
select x, sum(x) over (order by k range between 1 following and 2 following) as z from (values \
(1,1),(2,2),(3,4)) t(k,x)
select x, sum(x) over (order by k range between 2 preceding and 1 preceding) as z from (values \
(1,1),(2,2),(3,4)) t(k,x)
select x, sum(x) over (order by k range between 1.5 preceding and current row) as z from (values \
(1,1),(2,2),(3,4)) t(k,x)
select x, sum(x) over (order by k range between 1 preceding and current row) as z from (values \
(1.5,1),(2e0,2),(nan(),4),(3e0,5)) t(k,x)
select x, sum(x) over (order by k range between interval '1' day preceding and current row) as z from (values \
(date '2024-01-01',1),(date '2024-01-02',2),(null,4),(date '2024-01-04',5)) t(k,x)
select x, sum(x) over (order by k desc range between interval '1' day preceding and current row) as z from \
(values (date '2024-01-01',1),(date '2024-01-02',2),(null,4),(date '2024-01-04',5)) t(k,x)
select x, sum(x) over (order by k range between interval '1' month preceding and current row) as z from \
(values (date '2024-01-31',1),(date '2024-02-29',2),(date '2024-03-31',5),(date '2024-03-29',5)) t(k,x)
select x, sum(x) over (order by k range between interval '1' month preceding and interval '1' month \
following) as z from (values (timestamp '2024-01-31 10:00:00',1),(timestamp '2024-02-29 \
10:00:00',2),(timestamp '2024-03-31 10:00:00',5)) t(k,x)
select x, sum(x) over (order by k range between interval '2' hour preceding and current row) as z from \
(values (timestamp '2024-01-31 10:00:00',1),(timestamp '2024-01-31 11:30:00',2),(timestamp '2024-01-31 \
13:30:00',5)) t(k,x)
select x, sum(x) over (order by k range between 1 preceding and current row) as z from (values (decimal \
'1.50',1),(decimal '2.00',2),(decimal '2.51',4)) t(k,x)
select x, sum(x) over (order by k range between decimal '0.5' preceding and current row) as z from (values \
(decimal '1.50',1),(decimal '2.00',2),(decimal '2.51',4)) t(k,x)
select x, sum(x) over (order by k range between 1 preceding and current row) as z from (values (date \
'2024-01-01',1)) t(k,x)
select x, sum(x) over (order by k, x range between 1 preceding and current row) as z from (values (1,1)) t(k,x)
select x, array_agg(x) over (order by k groups between 1 preceding and current row) as z from (values \
(1,1),(1,2),(2,3),(null,4),(3,5)) t(k,x)
select x, array_agg(x) over (order by k groups between 1 following and 2 following) as z from (values \
(1,1),(1,2),(2,3),(null,4),(3,5)) t(k,x)
select x, array_agg(x) over (order by x rows between 1 following and 2 following) as z from (values \
(1,1),(1,2),(2,3),(null,4),(3,5)) t(k,x)
select x, count(*) over (order by x rows between 1 following and 2 following) as z from (values (1,1),(1,2)) t(k,x)
select x, array_agg(x) over (order by x rows between k preceding and current row) as z from (values \
(1,1),(0,2),(2,3),(3,5)) t(k,x)
select x, array_agg(x) over (order by x rows between k preceding and current row) as z from (values \
(1,1),(null,2),(2,3),(3,5)) t(k,x)
select x, array_agg(x) over (order by x rows between k preceding and current row) as z from (values \
(1,1),(-1,2),(2,3),(3,5)) t(k,x)
select x, array_agg(x) over (order by x rows between -1 preceding and current row) as z from (values \
(1,1),(1,2)) t(k,x)
select x, array_agg(x) over (order by x rows between 1 following and 1 preceding) as z from (values \
(1,1),(1,2)) t(k,x)
select x, array_agg(x) over (order by x rows between current row and 1 preceding) as z from (values \
(1,1),(1,2)) t(k,x)
select x, array_agg(x) over (order by x rows between unbounded following and current row) as z from (values \
(1,1),(1,2)) t(k,x)
select x, array_agg(x) over (order by x rows 1 following) as z from (values (1,1),(1,2)) t(k,x)
select x, array_agg(x) over (order by x rows between 1.5 preceding and current row) as z from (values \
(1,1),(1,2)) t(k,x)
select x, lag(x, k) over (order by x) as z from (values (1,1),(0,2),(2,3),(3,5)) t(k,x)
select x, lag(x, k) over (order by x) as z from (values (1,1),(null,2),(2,3),(3,5)) t(k,x)
select x, lag(x, k) over (order by x) as z from (values (1,1),(-1,2),(2,3),(3,5)) t(k,x)
select x, lag(x, 2, k) over (order by x) as z from (values (1,1),(0,2),(2,3),(3,5)) t(k,x)
select x, lead(x, 1, k) ignore nulls over (order by k) as z from (values (1,1),(2,null),(3,3),(4,null)) t(k,x)
select x, lag(x, 2) ignore nulls over (order by k) as z from (values (1,1),(2,null),(3,3),(4,null),(5,6)) t(k,x)
select x, lag(x, 0) ignore nulls over (order by k) as z from (values (1,1),(2,null),(3,3),(4,null)) t(k,x)
select x, lead(x, 0) over (order by k) as z from (values (1,1),(2,null)) t(k,x)
select x, lag(x, null) over (order by k) as z from (values (1,1),(2,null)) t(k,x)
select x, nth_value(x, k) over (order by x) as z from (values (1,1),(2,2),(2,3),(3,5)) t(k,x)
select x, nth_value(x, k) over (order by x) as z from (values (1,1),(null,2),(2,3),(3,5)) t(k,x)
select x, nth_value(x, 0) over (order by x) as z from (values (1,1),(2,2)) t(k,x)
select x, nth_value(x, null) over (order by x) as z from (values (1,1),(2,2)) t(k,x)
select x, nth_value(x, 2) ignore nulls over (order by k rows between unbounded preceding and unbounded \
following) as z from (values (1,1),(2,null),(3,4)) t(k,x)
select x, ntile(k) over (order by x) as z from (values (1,1),(2,2),(2,3),(3,5)) t(k,x)
select x, ntile(null) over (order by x) as z from (values (1,1),(2,2)) t(k,x)
select x, ntile(0) over (order by x) as z from (values (1,1),(2,2)) t(k,x)
select x, ntile(3) over (order by x) as z from (values (1,1),(2,2),(1,3),(1,4)) t(k,x)
select x, first_value(x) ignore nulls over (order by k rows between 1 preceding and 1 following) as z from \
(values (1,null),(2,null),(3,4)) t(k,x)
select x, percent_rank() over (order by k), cume_dist() over (order by k) from (values (1,1),(1,2),(null,3)) t(k,x)
select x, percent_rank() over (partition by x order by k) from (values (1,1),(1,2),(null,3)) t(k,x)
select x, rank() over (), dense_rank() over (), row_number() over () > 0 from (values (1,1),(1,2),(null,3)) t(k,x)
select x, rank() over (order by k), dense_rank() over (order by k) from (values \
(nan(),1),(nan(),2),(null,3),(1e0,4),(-0e0,5),(0e0,6)) t(k,x)
select x, count(distinct k) over () as z from (values (1,1),(1,2),(null,3)) t(k,x)
select x, sum(distinct k) over (order by x) as z from (values (1,1),(1,2),(null,3)) t(k,x)
select x, sum(k) filter (where x > 1) over () as z from (values (1,1),(1,2),(null,3)) t(k,x)
select x, sum(k) filter (where x > 1) over (order by x) as z from (values (1,1),(1,2),(null,3)) t(k,x)
select x, array_agg(k order by x) over () as z from (values (1,1),(1,2),(null,3)) t(k,x)
select x, array_agg(distinct k) over () as z from (values (1,1),(1,2),(null,3)) t(k,x)
select x, listagg(s, ',') within group (order by s) over () as z from (values ('a',1),('b',2)) t(s,x)
select x, sum(k) ignore nulls over () as z from (values (1,1),(1,2),(null,3)) t(k,x)
select x, row_number() ignore nulls over () as z from (values (1,1),(1,2),(null,3)) t(k,x)
select x, upper('a') over () as z from (values (1,1)) t(k,x)
select x, rank(k) over (order by k) as z from (values (1,1)) t(k,x)
select x, rank() over (order by k rows 1 preceding) as z from (values (1,1)) t(k,x)
select x, lag(k) over (order by k rows 1 preceding) as z from (values (1,1)) t(k,x)
select x, lag(k) over () as z from (values (1,1)) t(k,x)
select x, first_value(k) over () as z from (values (1,1)) t(k,x)
select row_number() as z from (values (1,1)) t(k,x)
select x, row_number() filter (where x > 1) over () as z from (values (1,1)) t(k,x)
select x, sum(row_number() over ()) over () as z from (values (1,1)) t(k,x)
select x, sum(sum(k)) over () as z from (values (1,1)) t(k,x) group by x
select x, sum(k) over (order by sum(x)) as z from (values (1,1)) t(k,x) group by x, k
select x, sum(k) over () as z from (values (1,1)) t(k,x) group by x
select max_by(k, x) over (order by x) as z from (values (1,1),(2,2)) t(k,x)
select x, max(k, 2) over (order by x) as z from (values (1,1),(2,2)) t(k,x)
select x, approx_percentile(k, 0.5) over (order by x) as z from (values (1,1),(2,2)) t(k,x)
select x, map_agg(k, x) over (order by x) as z from (values (1,1),(2,2)) t(k,x)
select x, histogram(k) over (order by x) as z from (values (1,1),(2,2)) t(k,x)
select x, approx_distinct(k) over (order by x) as z from (values (1,1),(2,2)) t(k,x)
select x, max(k) over (order by x rows between 1 preceding and current row) as z from (values \
(nan(),1),(2e0,2)) t(k,x)
select x, sum(k) over (order by x rows between 1 preceding and current row) as z from (values \
(nan(),1),(2e0,2),(3e0,3)) t(k,x)
select x, sum(k) over (order by x rows between 1 preceding and current row) as z from (values \
(1e100,1),(2e0,2),(3e0,3)) t(k,x)
select x, avg(k) over (order by x rows between 1 preceding and current row) as z from (values \
(0.1,1),(0.2,2),(0.3,3)) t(k,x)
select x, avg(k) over (order by x) as z from (values (decimal '0.10',1),(decimal '0.25',2),(null,3)) t(k,x)
select x, stddev(k) over (order by x rows between 1 preceding and current row) as z from (values \
(0.1,1),(0.2,2),(0.3,3)) t(k,x)
select x, corr(k, x) over (order by x) as z from (values (0.1,1),(0.2,2),(0.3,3)) t(k,x)
select x, bool_and(k > 1) over (partition by x % 2 order by x) as z from (values (1,1),(2,2)) t(k,x)
select x, sum(k) over (partition by a) as z from (values (1,1,array[1]),(2,2,array[1]),(3,3,null)) t(k,x,a)
select x, sum(k) over (order by a) as z from (values (1,1,array[2]),(2,2,array[1])) t(k,x,a)
select x, sum(k) over (order by a) as z from (values (1,1,array[2,null]),(2,2,array[2,1])) t(k,x,a)
select x, sum(k) over (order by 1) as z from (values (1,1),(2,2)) t(k,x)
select x, sum(k) over (order by 'a') as z from (values (1,1),(2,2)) t(k,x)
select x, sum(k) over (partition by 1) as z from (values (1,1),(2,2)) t(k,x)
select x, sum(k) over w as z from (values (1,1),(2,2)) t(k,x) window w as (order by x)
select x, sum(k) over (w rows 1 preceding) as z from (values (1,1),(2,2)) t(k,x) window w as (order by x)
select x, sum(k) over (w order by x) as z from (values (1,1),(2,2)) t(k,x) window w as (partition by k)
select x, sum(k) over (w order by x) as z from (values (1,1),(2,2)) t(k,x) window w as (order by k)
select x, sum(k) over (w partition by x) as z from (values (1,1),(2,2)) t(k,x) window w as (order by k)
select x, sum(k) over w as z from (values (1,1),(2,2)) t(k,x) window v as (partition by k), w as (v order by x)
select x, sum(k) over w as z from (values (1,1),(2,2)) t(k,x) window w as (partition by k), w as (order by x)
select x, sum(k) over u as z from (values (1,1),(2,2)) t(k,x) window w as (partition by k)
select x, sum(k) over (order by x rows between 1 preceding and current row exclude current row) as z from \
(values (1,1),(2,2)) t(k,x)
select x from (values (1,1),(2,2)) t(k,x) where row_number() over (order by x) = 1
select x, count(*) from (values (1,1),(2,2)) t(k,x) group by row_number() over ()
select x from (values (1,1),(2,2)) t(k,x) qualify row_number() over (order by x) = 1
select k, sum(count(*)) over (order by k), rank() over (order by count(*) desc) from (values \
(1,1),(2,2),(2,3)) t(k,x) group by k
select k, first_value(max(x)) over (order by k) from (values (1,1),(2,2),(2,3)) t(k,x) group by k
select k, lag(sum(x)) over (order by k) from (values (1,1),(2,2),(2,3)) t(k,x) group by k
select x, lag(x, 0) over (order by k) as z from (values (1,1),(2,null)) t(k,x)
select x, lag(x, 0) ignore nulls over (order by k) as z from (values (1,1),(2,null),(3,4)) t(k,x)
select x, lag(x, k) ignore nulls over (order by x) as z from (values (1,1),(1,2),(2,3),(3,5)) t(k,x)
select x, listagg(s, ',') within group (order by s desc) over (order by x) as z from (values ('a',1),('b',2)) t(s,x)
select x from (values (1,1,array[2]),(2,2,array[1])) t(k,x,a) order by a
select x from (values (1,1,row(2,'a')),(2,2,row(1,'z'))) t(k,x,a) order by a desc
select listagg(s, ',' on overflow error) within group (order by s) from (values 'a','b') t(s)
select listagg(s, ',' on overflow truncate '...' with count) within group (order by s) from (values 'a','b') t(s)
select listagg(s, ',' on overflow truncate without count) within group (order by s) from (values 'a','b') t(s)
select listagg(s, ',' on overflow truncate) within group (order by s) from (values 'a','b') t(s)
select listagg(distinct s) within group (order by s) from (values 'a','b') t(s)
"""
_UNNESTED = """
select * from (values (row(1,'a')),(row(2,'b'))) t
select * from (values (cast(row(1,'a') as row(x integer, y varchar)))) t
select y from (values cast(row(1,'a') as row(x integer, y varchar)), row(2,'b')) t(x,y)
select * from (values (row(1,2), 3)) t
values (cast(row(1,'a') as row(x integer, y varchar)))
select t.a.x from (values (1, cast(row(1,'a') as row(x integer, y varchar)))) t(i,a)
select * from (values (cast(row(1,'a') as row(x integer, y varchar)))) t(r)
select transform(a, y -> y + 1), count(*) from (values array[1]) t(a) group by transform(a, y -> y + 1)
select cardinality(filter(a, y -> y > 1)), count(*) from (values array[1],array[2],array[3]) t(a) group by \
cardinality(filter(a, y -> y > 1))
select transform(array[1,2], x -> transform(array[3], y -> x * y))
select transform(array[1,2], x -> transform(array[3], x -> x * 2))
select zip_with(array[1,2], array[3,4], (x, y) -> reduce(zip_with(array[5,6], array[7,8], (a, b) -> a * x + b \
* y), 0, (s, e) -> s + e, s -> s))
select array_sort(array[3,1,2], (x, y) -> if(x < y, -1, 1))
select transform(array[array[3,1],array[2]], x -> array_sort(x, (a, b) -> if(a < b, -1, 1)))
select try(10 / x), try(10 / x + 1) from (values 0,1) t(x)
select try(cast(s as integer)), try(cast(s as integer) + 1) from (values 'a','1') t(s)
select try(a[2]), try(a[2] * 2) from (values array[1],array[1,2]) t(a)
select try(array_max(transform(x, e -> b[e]))) from (values (array[1,2],array[5]),(array[1],array[5])) t(x,b)
select try(split_to_multimap(s, ',', '=')) from (values ('a'),('a=1')) t(s)
select try(10 / x), count(*) from (values 0,1) t(x) group by try(10 / x)
select map_filter(m, (k, v) -> cardinality(map_filter(m, (k2, v2) -> v2 > v)) > 0) from (values \
map(array[1,2],array[3,4])) t(m)
select sum(reduce(a, 0, (s, x) -> s + x, s -> s)) from (values array[1,2],array[3]) t(a)
select k, v, n from unnest(map(array['a','b'], array[1,2])) with ordinality as t(k, v, n)
select x, k, v from unnest(array[1,2,3], map(array['a'], array[9])) as t(x, k, v)
select id, x from (values (1, array[array[1,2],array[3]])) t(id, a) cross join unnest(a) as u(x)
select id, x, y from (values (1, array[array[1,2],array[3]])) t(id, a) cross join unnest(a) as u(x) cross \
join unnest(x) as w(y)
select x from unnest(cast(null as array(integer))) as t(x)
select x from unnest(array[]) as t(x)
select x from unnest(5) as t(x)
select x, y from unnest(array[1]) as t(x, y)
select id, x from (values (1, array[1]), (2, array[])) t(id, a) left join unnest(a) as u(x) on true
select id, x from (values (1, array[1]), (2, null)) t(id, a) left join unnest(a) with ordinality as u(x, n) on true
select id, x from (values (1, array[1])) t(id, a) left join unnest(a) as u(x) on x > 1
select sum(x) from (values (array[1,2])) t(a) cross join unnest(transform(a, e -> e * 2)) as u(x)
select count(*) from (values (array[1,2])) t(a), unnest(t.a)
select x from (values 'a,b') t(s) cross join unnest(split(s, ',')) as u(x)
select array_agg(x order by x) from unnest(sequence(1, 3)) as t(x)
"""

STATEMENTS: dict[str, str] = {
    family: ";\n".join(lines.strip().split("\n"))
    for family, lines in {"statistics": _STATISTICS, "frames": _FRAMES, "unnested": _UNNESTED}.items()
}
