/*
description: What each active user did on a day. A user is active with at least one event.
owner: product
partition: day
key: [day, user_id]
checks:
  - at_least: {sessions: 1, events: 1}
  - row_count: {min: 1, within: 80%}
    severity: warn
*/
select
  s.user_id,                                                -- The user in the content database
  count(*) as sessions,                                     -- Visits
  sum(s.events) as events,                                  -- Events of all kinds
  sum(s.article_views) as article_views,                    -- Articles opened
  sum(s.article_reads) as article_reads,                    -- Articles read to the end
  sum(s.duration_s) as duration_s,                          -- Seconds in the app
  min_by(s.platform, s.session_number) as platform,         -- ios or android, of the first visit
  s.day                                                     -- Calendar day, JST
from core_app.sessions s
where s.day between :start and :end
group by s.day, s.user_id
