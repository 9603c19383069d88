/*
description: Days on which a figure was far from the same weekdays before, newest first to look at.
owner: platform
tags: [kpi]
*/
select
  a.day,                                                    -- Calendar day, JST
  a.metric,                                                 -- Which figure
  a.value,                                                  -- Its value on the day
  a.median,                                                 -- What was usual on this weekday
  round(100e0 * (a.value / nullif(a.median, 0e0) - 1e0), 1) as difference_percent,  -- How far away, percent of the usual
  date_format(a.day, '%W') as weekday                       -- Name of the day
from core_kpi.anomalies a
where a.is_anomaly
