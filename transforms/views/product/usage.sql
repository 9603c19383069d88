/*
description: Users, visits and time in the app per day and platform.
owner: product
*/
select
  a.day,                                                    -- Calendar day, JST
  a.platform,                                               -- ios or android
  a.active_users,                                           -- Users with at least one event
  a.sessions,                                               -- Visits
  a.sessions / cast(a.active_users as double) as sessions_per_user,  -- Visits per active user
  a.seconds_per_user / 60e0 as minutes_per_user,            -- Minutes in the app per active user
  avg(a.active_users) over (
    partition by a.platform order by a.day rows between 6 preceding and current row
  ) as active_users_7_days                                  -- Mean of the 7 days that end on this one
from core_app.activity_daily a
