/*
description: The plan of every user over time. One row for each time that a plan was kept, without gaps.
owner: growth
key: [user_id, valid_from]
checks:
  - accepted: {plan: [free, premium]}
  - at_least: {monthly_jpy: 0}
  - sql: plan_history.order.check.sql
*/
select
  c.user_id,                                                -- Number of the user
  c.new_plan as plan,                                       -- free or premium
  c.monthly_jpy,                                            -- Price of a month, yen
  c.changed_at as valid_from,                               -- From when it held, UTC
  lead(c.changed_at) over (partition by c.user_id order by c.changed_at, c.id) as valid_to,  -- Until when, UTC, not included; none for the plan of today
  row_number() over (partition by c.user_id order by c.changed_at, c.id) as plan_number,  -- First plan of the user is 1
  lead(c.changed_at) over (partition by c.user_id order by c.changed_at, c.id) is null as is_current  -- Whether it holds today
from raw_content_db.plan_changes c
