/*
description: >
  Each experiment's read rate (articles read per article opened) per variant, the difference to control, and its 95 %
  confidence interval. Users are independent, their views are not: the variance is that of a ratio of means (delta
  method).
owner: product
key: [experiment, variant]
checks:
  - at_least: {users: 2, read_rate: 0}
  - at_most: {difference_low: 1}
*/
with means as (
  select
    m.experiment,
    m.variant,
    count(*) as users,
    sum(m.views) as views,
    sum(m.reads) as reads,
    avg(cast(m.views as double)) as mean_views,
    avg(cast(m.reads as double)) as mean_reads,
    var_samp(cast(m.views as double)) as var_views,
    var_samp(cast(m.reads as double)) as var_reads,
    covar_samp(cast(m.reads as double), cast(m.views as double)) as covar
  from core_experiment.user_metrics m
  group by m.experiment, m.variant
  having count(*) >= 2 and sum(m.views) > 0
),
rates as (
  select
    r.*,
    r.mean_reads / r.mean_views as read_rate,
    (
      r.var_reads
      - 2e0 * (r.mean_reads / r.mean_views) * r.covar
      + power(r.mean_reads / r.mean_views, 2e0) * r.var_views
    ) / (r.users * power(r.mean_views, 2e0)) as variance
  from means r
)
select
  v.experiment,                                             -- Name of the experiment
  v.variant,                                                -- control, or the variant's name
  v.users,                                                  -- Users of the variant
  v.views,                                                  -- Articles that they opened
  v.reads,                                                  -- Articles that they read to the end
  v.read_rate,                                              -- Reads per view
  v.read_rate - c.read_rate as difference,                  -- To the control variant; 0 for control itself
  v.read_rate - c.read_rate - 1.96e0 * sqrt(v.variance + c.variance) as difference_low,  -- Lower end of the 95 % interval
  v.read_rate - c.read_rate + 1.96e0 * sqrt(v.variance + c.variance) as difference_high,  -- Upper end of the 95 % interval
  abs(v.read_rate - c.read_rate) > 1.96e0 * sqrt(v.variance + c.variance) as is_significant  -- Whether the interval leaves out 0
from rates v
join rates c on c.experiment = v.experiment and c.variant = 'control'
