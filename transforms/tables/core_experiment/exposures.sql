/*
description: >
  Which variant of an experiment a user was in, and from when to when. A user who was ever in two variants of one
  experiment is in none.
owner: product
key: [experiment, user_id]
checks:
  - not_null: [variant, first_exposed_at, last_exposed_at]
*/
select
  t.exposure.name as experiment,                            -- Name of the experiment
  a.user_id,                                                -- The user in the content database
  min(t.exposure.variant) as variant,                       -- control, or the variant's name
  min(a.occurred_at) as first_exposed_at,                   -- First event in the experiment, UTC
  max(a.occurred_at) as last_exposed_at                     -- Last event in the experiment, UTC
from raw_app_logs.activity a
cross join unnest(a.experiments) as t(exposure)
group by t.exposure.name, a.user_id
having count(distinct t.exposure.variant) = 1
