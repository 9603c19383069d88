select
  e.experiment,
  e.variant,
  e.user_id,
  count(*) filter (where a.event = 'view_article') as views,
  count(*) filter (where a.event = 'read_article') as reads,
  count(*) filter (where a.event = 'share_article') as shares,
  count(distinct a.day) as active_days
from core_experiment.exposures e
join core_app.activity a on a.user_id = e.user_id and a.occurred_at between e.first_exposed_at and e.last_exposed_at
group by all
