select multimap_agg(k, v order by v desc) from (values ('a', 2), ('a', 3), ('b', 1), ('a', 2), (null, 7)) t(k, v);
select multimap_agg(k, v order by v, k desc) from (values ('a', 2), ('a', null), ('b', 1), ('a', 1)) t(k, v);
select multimap_agg(k, v order by k) from (values ('b', 2), ('a', 3), ('b', 1)) t(k, v);
select multimap_agg(distinct k, v) from (values ('a', 2), ('a', 2), ('b', 1)) t(k, v);
select g, multimap_agg(k, v order by v desc) filter (where v > 1) from (values (1, 'a', 2), (1, 'a', 3), (2, 'b', 1),
(1, 'a', 1)) t(g, k, v) group by g;
select map_agg(k, v order by v desc) from (values ('a', 2), ('a', 3), ('b', 1), (null, 3)) t(k, v);
select map_agg(k, v order by v) from (values ('a', 2), ('a', 3), ('b', 1), ('c', null)) t(k, v);
select map_agg(distinct k, v) from (values ('a', 2), ('a', 2), ('b', 1)) t(k, v);
select map_agg(k, v order by v desc) over (partition by k) from (values ('a', 2), ('c', 3), ('a', 1)) t(k, v);
select k, multimap_agg(k, v order by v desc) over (partition by k) from (values ('a', 2), ('c', 3), ('a', 1)) t(k, v);
select transform_values(multimap_agg(k, v order by v desc), (k, x) -> x[1]) from (values ('a', 2), ('c', 3), ('a', 1))
t(k, v);
select map_agg(k, v order by w desc, v) from (values ('a', 2, 1), ('a', 3, 2), ('b', 1, null), ('b', 2, null)) t(k, v,
w);
select multimap_agg(k, v order by w desc nulls last, v) from (values (1, 2, 1e0), (1, 3, nan()), (2, 1, null), (1, 2,
null)) t(k, v, w)
