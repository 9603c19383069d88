select n from (values 1, 2, 2, 3) t(n) order by n fetch first 2 rows with ties;
select n from (values 1, 2, 2, 3) t(n) order by n offset 1 rows fetch first 1 rows with ties;
select n from (values 1, 2, 2, 3, null, null) t(n) order by n desc nulls first fetch first 1 rows with ties;
select n from (values 1, 2, 2, 3) t(n) fetch first 2 rows with ties;
select n, count(*) from (values 1, 2, 2, 3) t(n) group by n order by count(*), n / 2 fetch first 1 rows with ties;
select distinct n from (values 1, 2, 2, 3) t(n) order by n fetch first 2 rows with ties;
select n from (values 1, 2) t(n) union all select 2 order by 1 desc fetch first row with ties;
select n from (values 1, 2, 2) t(n) order by n fetch first 0 rows with ties;
select n as m from (values 1, 2, 2, 3) t(n) order by m desc fetch first 2 rows with ties;
select n, s from (values (1, 'a'), (2, 'b'), (2, 'c'), (null, 'd'), (null, 'e')) t(n, s) order by 1 nulls first, s fetch first 1 row with ties;
select n, s from (values (1, 'a'), (2, 'b'), (2, 'c'), (null, 'd'), (null, 'e')) t(n, s) order by 1 nulls first fetch first 1 row with ties;
select n % 2 as k, sum(n) as total from (values 1, 2, 3, 4, 6) t(n) group by n % 2 order by count(*) desc, 1 fetch next 1 row with ties;
select n, rank() over (order by n) as r from (values 1, 1, 2) t(n) order by r fetch first 1 rows with ties;
select n, rank() over (order by n) as r from (values 1, 1, 2) t(n) order by n fetch first 1 rows with ties;
select * from (select n from (values 1, 1, 2) t(n) order by n offset 1 fetch first 1 row with ties) x;
select n from (values 1e0, nan(), 2e0, nan()) t(n) order by n desc fetch first 1 rows with ties
