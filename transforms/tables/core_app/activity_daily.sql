/*
description: Users, visits and reading per day and platform.
owner: product
partition: day
key: [day, platform]
checks:
  - accepted: {platform: [ios, android]}
  - at_least: {active_users: 1}
*/
select
  u.platform,                                               -- ios or android
  count(*) as active_users,                                 -- Users with at least one event
  sum(u.sessions) as sessions,                              -- Visits
  sum(u.events) as events,                                  -- Events of all kinds
  sum(u.article_views) as article_views,                    -- Articles opened
  sum(u.article_reads) as article_reads,                    -- Articles read to the end
  sum(u.duration_s) / cast(count(*) as double) as seconds_per_user,  -- Mean seconds in the app per active user
  u.day                                                     -- Calendar day, JST
from core_app.user_days u
where u.day between :start and :end
group by u.day, u.platform
