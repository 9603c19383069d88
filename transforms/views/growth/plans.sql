/*
description: How many users hold which plan today, and what they pay.
owner: growth
*/
select
  h.plan,                                                   -- free or premium
  u.status,                                                 -- open or closed account
  count(*) as users,                                        -- Users who hold it
  sum(h.monthly_jpy) as monthly_jpy                         -- What they pay a month, yen
from core_users.plan_history h
join core_users.users u on u.user_id = h.user_id
where h.is_current
group by h.plan, u.status
