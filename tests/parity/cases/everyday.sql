select shop, sum(price * qty) as revenue from sales group by shop;
select shop, sum(price * qty) / sum(qty) as mean_price from sales group by shop;
select shop, count(*) as n, count(qty) as q, count(distinct item) as items from sales group by shop having
  count(*) > 1;
select date_trunc('month', day) as month, sum(qty) as qty from sales group by 1 order by 1;
select date_trunc('week', day) as week, sum(if(item = 'tea', qty, 0)) as tea from sales group by 1 order by 1;
select day, sum(qty) over (order by day, id rows between 2 preceding and current row) as moving from sales;
select id, qty, avg(qty) over (partition by shop order by id rows between 1 preceding and 1 following) as m
  from sales;
select id, day, lag(day) over (partition by shop order by day, id) as before, date_diff('day', lag(day) over
  (partition by shop order by day, id), day) as gap from sales;
select * from (select id, shop, row_number() over (partition by shop order by price desc, id) as rn from
  sales) where rn <= 1;
select s.id, h.region from sales s left join shops h on h.name = s.shop;
select h.name, count(s.id) as n, coalesce(sum(s.qty), 0) as qty from shops h left join sales s on s.shop =
  h.name group by h.name;
select h.region, s.item, sum(s.qty) as qty from sales s join shops h on h.name = s.shop group by rollup
  (h.region, s.item);
select h.region, grouping(h.region, s.item) as g, count(*) as n from sales s join shops h on h.name = s.shop
  group by cube (h.region, s.item);
select name, tag from shops cross join unnest(tags) as t(tag);
select name, tag, n from shops left join unnest(tags) with ordinality as t(tag, n) on true;
select tag, array_agg(name order by name) as names from shops cross join unnest(tags) as t(tag) group by tag;
select count(*) filter (where item = 'tea') as tea, count(*) filter (where item = 'rice') as rice, count(*) as
  n from sales;
select sum(case when item = 'tea' then 1 else 0 end) * 100.0 / count(*) as share from sales;
select round(100.0 * sum(qty) / sum(sum(qty)) over (), 2) as share, shop from sales group by shop;
select count(*) / 4 as quarter, count(*) / 4.0 as exact, count(*) % 4 as rest from sales;
select date(at at time zone 'Asia/Tokyo') as jst, count(*) as n from sales group by 1;
select hour(at at time zone 'Asia/Tokyo') as h, minute(at) as m from sales;
select date_format(at, '%Y-%m-%d %H') as h, count(*) as n from sales group by 1;
select date_format(day, '%Y-%m') as m, max(price) as most, min(price) as least from sales group by 1;
select format_datetime(at, 'yyyy/MM/dd HH:mm') as t from sales;
select id from sales where day between date '2024-01-01' and date '2024-01-07';
select id from sales where day >= date '2024-02-29' - interval '1' month;
select id from sales where at >= timestamp '2024-01-01 15:00:00' and at < timestamp '2024-01-08 00:00:00';
select id from sales where shop in ('tokyo', 'kyoto') or item is null;
select id from sales where shop not in ('tokyo');
select id from sales where shop <> 'tokyo';
select id from sales where item like 't%' and shop like '%a%';
select id from sales where coalesce(shop, '') = '';
select id from sales where exists (select 1 from shops h where h.name = sales.shop and h.region = 'west');
select id from sales where shop in (select name from shops where region = 'west');
select id from sales where price > (select avg(price) from sales);
select id, (select region from shops where name = sales.shop) as region from sales;
select max_by(item, price) as dearest, min_by(item, price) as cheapest from sales;
select shop, arbitrary(shop) as s, max_by(id, day) as last from sales where shop = 'tokyo' group by shop;
select shop, array_agg(item order by id) as items, array_join(array_agg(item order by id), ',') as list from
  sales group by shop;
select shop, array_agg(distinct item order by item) as items from sales group by shop;
select shop, cardinality(array_agg(distinct item)) as n from sales group by shop;
select map_agg(name, region) as regions from shops;
select map_agg(name, region)['tokyo'] as region from shops;
select element_at(map_agg(name, region), 'nara') as region from shops;
select histogram(shop) as shops from sales;
select item, approx_distinct(shop) as shops from sales group by item;
select stddev(qty) as s, variance(qty) as v, avg(qty) as m from sales;
select corr(qty, price) as c from sales;
select id, ntile(3) over (order by id) as bucket, percent_rank() over (order by qty) as p from sales;
select id, first_value(item) over (partition by shop order by day, id) as first, last_value(item) over
  (partition by shop order by day, id rows between unbounded preceding and unbounded following) as last from
  sales;
select id, last_value(qty) ignore nulls over (order by id rows between unbounded preceding and current row) as
  filled from sales;
select day, count(*) as n from unnest(sequence(date '2024-01-01', date '2024-01-03')) as c(day) left join
  sales using (day) group by day;
select c.day, count(s.id) as n from unnest(sequence(date '2024-01-01', date '2024-01-10', interval '1' day))
  as c(day) left join sales s on s.day = c.day group by c.day;
select shop, item, sum(qty) as qty from sales group by grouping sets ((shop, item), (shop), ());
select shop from sales union select name from shops;
select shop from sales intersect select name from shops;
select name from shops except select shop from sales;
select shop, 'sale' as kind from sales union all select name, 'shop' from shops;
select distinct shop, item from sales;
select distinct date_trunc('month', day) as m from sales order by m desc;
select id from sales order by qty desc, id limit 3;
select id from sales order by price nulls first, id limit 2;
select id, price * 1.1 as gross from sales;
select id, price * decimal '1.10' as gross, price + 1 as more, price / 3 as third from sales;
select id, cast(price as double) * qty as revenue from sales;
select id, cast(price as integer) as whole, cast(qty as varchar) || ' pcs' as text from sales;
select id, concat(shop, '/', item) as k, concat(cast(id as varchar), '-', shop) as k2 from sales;
select id, if(qty > 2, 'many', 'few') as q, nullif(item, 'tea') as other from sales;
select id, case when qty is null then 'unknown' when qty >= 5 then 'large' else 'small' end as size from sales;
select id, greatest(qty, 3) as g, least(qty, id) as l from sales;
select year(day) as y, month(day) as m, day_of_week(day) as dow, week(day) as w, count(*) as n from sales
  group by 1, 2, 3, 4;
select id, date_add('day', qty, day) as due, day + interval '7' day as week_later, last_day_of_month(day) as
  eom from sales;
select id, date_diff('hour', at, timestamp '2024-03-01 00:00:00') as hours, date_diff('month', day, date
  '2024-03-31') as months from sales;
select id, to_unixtime(at) as epoch, from_unixtime(to_unixtime(at)) as back from sales;
select id, cast(at as date) as d, cast(at as varchar) as t, date_trunc('hour', at) as h from sales;
select id, at + interval '9' hour as jst, at - interval '1' day as yesterday from sales;
select region, sum(n) as n from (select h.region, count(*) as n from sales s join shops h on s.shop = h.name
  group by h.region, s.item) group by region;
select a.id, b.id as other from sales a join sales b on a.shop = b.shop and a.id < b.id;
select a.day, count(distinct b.id) as trailing from sales a join sales b on b.day between a.day - interval '7'
  day and a.day group by a.day;
select split('a,b,c', ',')[2] as x, element_at(split('a,b', ','), 5) as y, cardinality(split('', ',')) as n;
select transform(tags, t -> upper(t)) as t, filter(tags, t -> t = 'big') as f, contains(tags, 'old') as o from
  shops;
select reduce(tags, '', (s, t) -> s || t, s -> s) as r, any_match(tags, t -> t like 'b%') as a from shops;
select name, cardinality(tags) as n, array_join(tags, '+') as j, tags[1] as first from shops where tags is not
  null;
select name, element_at(tags, 2) as second, element_at(tags, -1) as last from shops;
select name, try(tags[2]) as second from shops;
select tags[2] from shops;
select 1 / (id - 3) from sales;
select try(1 / (id - 3)) as x from sales;
select cast(item as integer) from sales;
select try_cast(item as integer) as x from sales;
select sum(id) from sales where false;
select count(*), sum(qty), max(day), array_agg(id) from sales where false;
select shop, sum(qty) from sales where false group by shop;
select json_extract_scalar('{"a": {"b": [10, 20]}}', '$.a.b[1]') as x;
select url_extract_host('https://www.example.com/p?a=1') as h,
  url_extract_parameter('https://www.example.com/p?a=1', 'a') as a;
select regexp_extract(item, '^(.)', 1) as initial, regexp_replace(item, 'e', 'E') as r, regexp_like(item,
  'ic') as l from sales;
select substr(item, 1, 2) as a, strpos(item, 'e') as p, lpad(cast(id as varchar), 3, '0') as z, reverse(item)
  as r from sales;
select row(id, shop) as r from sales;
select cast(row(id, shop) as row(id bigint, shop varchar)).shop as s from sales;
select r.id, r.shop from (select cast(row(id, shop) as row(id integer, shop varchar)) as r from sales);
select array_agg(cast(row(id, shop) as row(id integer, shop varchar)) order by id) as rows from sales;
select (id, shop) = (1, 'tokyo') as first from sales;
select id from sales where (shop, item) in (('tokyo', 'tea'), ('osaka', 'rice'));
select id from sales where (shop, item) in (select shop, item from sales where id = 1);
select shop, sum(qty) as total from sales group by shop order by total desc nulls last;
select shop, sum(qty) as total from sales group by shop order by sum(qty), shop;
select shop, item from sales order by 2 desc, 1, id;
select upper(shop) as shop, count(*) as n from sales group by upper(shop) order by count(*) desc, 1;
select s.shop, x.n from sales s cross join lateral (select count(*) as n from shops h where h.name = s.shop) x;
select id, shop from sales where shop = 'tokyo' or (item = 'rice' and not qty < 5);
select id from sales where qty between 2 and 5 and price is not null;
select count(distinct (shop, item)) as n from sales;
select bool_or(qty > 5) as any5, bool_and(qty > 0) as all0, every(id > 0) as e from sales;
select min(at) as first, max(at) as last, date_diff('second', min(at), max(at)) as seconds from sales;
select avg(price) as p, avg(qty) as q, sum(price) as s, avg(cast(price as double)) as d from sales;
select id, sum(price) over (partition by shop) as total, price / sum(price) over (partition by shop) as share
  from sales;
select id, rank() over (order by shop) as r, dense_rank() over (order by shop desc) as d from sales;
select id, count(*) over (partition by shop, item) as n, cume_dist() over (order by qty) as c from sales;
select id, nth_value(item, 2) over (partition by shop order by id rows between unbounded preceding and
  unbounded following) as second from sales;
select listagg(item, ', ') within group (order by id) as items from sales;
select shop, listagg(item, '/') within group (order by id desc) as items from sales group by shop;
select approx_percentile(qty, 0.5) from sales;
select count_if(qty > 2) as n, count_if(shop is null) as nulls from sales;
select shop from sales group by all;
select x from (select id as x from sales) where x > 1 order by x offset 1 limit 2;
select id as day, day as id from sales order by id, day;
select s.* from sales s where s.id = 1;
select s.id, h.* from sales s join shops h on h.name = s.shop where s.id = 1;
select id, typeof(price) as t, typeof(price * qty) as u, typeof(avg(price) over ()) as v from sales;
select date_parse('2024-01-05 10:11', '%Y-%m-%d %H:%i') as t, date '2024-01-31' + interval '1' month as m;
select cast(date_diff('second', timestamp '2024-01-01 00:00:00', at) as double) / 3600 as hours from sales;
select at_timezone(cast(at as timestamp with time zone), 'America/New_York') as ny from sales;
select date_trunc('day', at at time zone 'Asia/Tokyo') as d from sales;
select cast(date_trunc('day', at at time zone 'Asia/Tokyo') as date) as d from sales;
select id, array[id, qty] as a, map(array['id'], array[id]) as m from sales;
select zip_with(array[1, 2], array[3, 4], (a, b) -> a * b) as z, flatten(array[array[1], array[2, 3]]) as f;
select map_filter(map(array['a', 'b'], array[1, 2]), (k, v) -> v > 1) as f, map_keys(map(array['a'],
  array[1])) as k;
select array_sort(array[3, 1, null]) as s, array_distinct(array[1, 1, null, null]) as d, slice(array[1, 2, 3],
  2, 5) as p;
select t.item.sku, t.item.n from (select cast(array[row('x', 1), row('y', 2)] as array(row(sku varchar, n
  integer))) as items) cross join unnest(items) as t(item);
select from_iso8601_timestamp(s) as t from (values '2024-03-05T10:20:30Z', '2024-03-06T10:20:30.5Z', null,
  '2024-03-07', '2024-03-05T10:20:30+00:00') as x(s);
with x(s) as (values '2024-03-05T10:20:30Z', '2024-03-06T23:20:30.5Z'), y as (select from_iso8601_timestamp(s) as
  t from x) select date_trunc('day', t) as d, hour(t) as h, date_format(t, '%Y-%m') as m, cast(t as varchar) as v,
  date(t) as e, t + interval '1' day as n, to_iso8601(t) as i, coalesce(t, now()) as c from y;
select date_trunc('day', from_iso8601_timestamp(s)) as d, count(*) as n from (values '2024-03-05T10:20:30Z') as x(s)
  group by 1 order by 1;
select min(from_iso8601_timestamp(s)) as a, array_agg(from_iso8601_timestamp(s)) as b, transform(array['2024-03-05'],
  x -> from_iso8601_timestamp(x)) as c from (values '2024-03-05T10:20:30Z') as x(s);
select parse_datetime(s, 'dd/MMM/yyyy:HH:mm:ss Z') as t from (values '05/Mar/2024:10:20:30 +0000', null) as x(s);
select from_iso8601_timestamp(s) as t from (values '2024-03-05T10:20:30Z') as x(s) union all select from_unixtime(0);
select hour(from_iso8601_timestamp(s)) as h, from_iso8601_timestamp(s) at time zone 'Asia/Tokyo' as t from (values
  '2024-03-05T10:20:30Z', '2024-03-06T10:20:30.5+09:00') as x(s);
select try(from_iso8601_timestamp(s)) as t from (values '2024-03-05T10:20:30Z', 'bad') as x(s);
select n, m from (values 1, 2) as t(n) cross join lateral (select n * 2 as m where n > 1);
select n, m from (values 1, 2) as t(n) cross join lateral (select 5 as m where n > 1);
select map_agg(k, v) as m, histogram(k) as h, max_by(k, v, 2) as b, skewness(v) as s from (values ('a', 1)) as e(k, v);
select map_entries(m) as e, map_concat(m, m) as c, transform_values(m, (k, v) -> v + 1) as t, json_format(cast(m as
  json)) as j from (values (map(array['a'], array[1]), 'zz', 9)) as item(m, key, value);
select map_concat(m, m) as c, multimap_from_entries(array[row(1, 2)]) as f from (values (map(array['a'], array[1]),
  'zz', 9)) as e(m, key, value);
select cast(json '{"A":1}' as row(a integer)) as r from (values ('zz', 9)) as member(key, value);
select try(sum(x) / 0) as x from (values (8, 9)) as given_1(x, f0);
