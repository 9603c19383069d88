/*
description: What each user of an experiment did from the first exposure to the last.
owner: product
key: [experiment, user_id]
checks:
  - at_least: {views: 0, reads: 0}
  - not_null: [variant]
*/
select
  e.experiment,                                             -- Name of the experiment
  e.variant,                                                -- control, or the variant's name
  e.user_id,                                                -- The user in the content database
  count_if(a.event = 'view_article') as views,              -- Articles opened
  count_if(a.event = 'read_article') as reads,              -- Articles read to the end
  count_if(a.event = 'share_article') as shares,            -- Articles shared
  count(distinct a.day) as active_days                      -- Days with at least one event
from core_experiment.exposures e
join core_app.activity a on a.user_id = e.user_id
  and a.occurred_at between e.first_exposed_at and e.last_exposed_at
group by e.experiment, e.variant, e.user_id
