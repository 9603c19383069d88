select
  t.exposure.name as experiment,
  a.user_id,
  min(t.exposure.variant) as variant,
  min(a.occurred_at) as first_exposed_at,
  max(a.occurred_at) as last_exposed_at
from raw_app_logs.activity a, unnest(a.experiments) t(exposure)
group by 1, 2
having count(distinct t.exposure.variant) = 1
