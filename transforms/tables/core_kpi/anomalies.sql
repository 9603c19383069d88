/*
description: >
  Each figure of each day against the same weekday of the 8 weeks before: the median, and how many median absolute
  deviations (MAD, scaled to a standard deviation) the day lies away from it. Below 3 earlier weeks nothing is
  flagged; a MAD under 5 % of the median counts as 5 %.
owner: platform
key: [day, metric]
checks:
  - accepted: {metric: [dau, sessions, article_reads, ad_impressions, revenue_jpy]}
  - at_least: {earlier_weeks: 0}
*/
with figures as (
  select k.day, t.metric, t.value
  from core_kpi.daily k
  cross join unnest(
    array['dau', 'sessions', 'article_reads', 'ad_impressions', 'revenue_jpy'],
    array[
      cast(k.dau as double), cast(k.sessions as double), cast(k.article_reads as double),
      cast(k.ad_impressions as double), k.revenue_jpy
    ]
  ) as t(metric, value)
),
before as (
  select f.day, f.metric, f.value, array_sort(array_agg(h.value)) as earlier
  from figures f
  join figures h on h.metric = f.metric
    and day_of_week(h.day) = day_of_week(f.day)
    and h.day < f.day
    and h.day >= date_add('day', -56, f.day)
  group by f.day, f.metric, f.value
),
medians as (
  select
    b.*,
    (b.earlier[(cardinality(b.earlier) + 1) / 2] + b.earlier[cardinality(b.earlier) / 2 + 1]) / 2 as median
  from before b
),
deviations as (
  select m.*, array_sort(transform(m.earlier, x -> abs(x - m.median))) as distances
  from medians m
),
spreads as (
  select
    d.*,
    (d.distances[(cardinality(d.distances) + 1) / 2] + d.distances[cardinality(d.distances) / 2 + 1]) / 2 as mad
  from deviations d
)
select
  f.day,                                                    -- Calendar day, JST
  f.metric,                                                 -- Column of core_kpi.daily
  f.value,                                                  -- Its value on the day
  coalesce(cardinality(s.earlier), 0) as earlier_weeks,     -- Same weekdays that it is compared with
  s.median,                                                 -- Median of these; none without any
  s.mad,                                                    -- Their median absolute deviation
  (f.value - s.median) / nullif(1.4826e0 * s.mad, 0e0) as deviations,  -- How far the day lies away; none if they were all equal
  coalesce(
    cardinality(s.earlier) >= 3 and abs(f.value - s.median) > 3.5e0 * 1.4826e0 * greatest(s.mad, 0.05e0 * abs(s.median)),
    false
  ) as is_anomaly                                           -- Whether somebody should look
from figures f
left join spreads s on s.day = f.day and s.metric = f.metric
