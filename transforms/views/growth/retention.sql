/*
description: Retention of all cohorts together, by days since the sign-up.
owner: growth
*/
select
  r.days_later,                                             -- Days since the sign-up; 0 is the same day
  count(*) as cohorts,                                      -- Days of sign-up that are old enough
  sum(r.users) as users,                                    -- Users of these
  sum(r.returned) as returned,                              -- Those who were active on that day
  sum(r.returned) / cast(sum(r.users) as double) as retention  -- Share of the users, 0 to 1
from core_app.retention r
group by r.days_later
