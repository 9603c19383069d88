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
pairs as (
  select
    f.day, f.metric, f.value, h.value as earlier,
    row_number() over (partition by f.day, f.metric order by h.value, h.day) as place,
    count(*) over (partition by f.day, f.metric) as weeks
  from figures f
  join figures h on h.metric = f.metric
    and day_of_week(h.day) = day_of_week(f.day)
    and h.day < f.day
    and h.day >= date_add('day', -56, f.day)
),
medians as (
  select p.day, p.metric, avg(p.earlier) as median
  from pairs p
  where p.place in ((p.weeks + 1) / 2, p.weeks / 2 + 1)
  group by p.day, p.metric
),
distances as (
  select
    p.day, p.metric, p.weeks, m.median, abs(p.earlier - m.median) as distance,
    row_number() over (partition by p.day, p.metric order by abs(p.earlier - m.median), p.earlier) as place
  from pairs p
  join medians m on m.day = p.day and m.metric = p.metric
),
spreads as (
  select d.day, d.metric, d.weeks, d.median, avg(d.distance) as mad
  from distances d
  where d.place in ((d.weeks + 1) / 2, d.weeks / 2 + 1)
  group by d.day, d.metric, d.weeks, d.median
)
select
  f.day,                                                    -- Calendar day, JST
  f.metric,                                                 -- Column of core_kpi.daily
  f.value,                                                  -- Its value on the day
  coalesce(s.weeks, 0) as earlier_weeks,                    -- Same weekdays that it is compared with
  s.median,                                                 -- Median of these; none without any
  s.mad,                                                    -- Their median absolute deviation
  (f.value - s.median) / nullif(1.4826e0 * s.mad, 0e0) as deviations,  -- How far the day lies away; none if they were all equal
  coalesce(
    s.weeks >= 3
      and abs(f.value - s.median) > 3.5e0 * 1.4826e0 * s.mad
      and abs(f.value - s.median) > 3.5e0 * 1.4826e0 * 0.05e0 * abs(s.median),
    false
  ) as is_anomaly                                           -- Whether somebody should look
from figures f
left join spreads s on s.day = f.day and s.metric = f.metric
