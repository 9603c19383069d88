/*
description: >
  Visits to the app: events of one user with less than 30 minutes between them. A visit that passes midnight (JST)
  counts as one on each day.
owner: product
partition: day
key: [day, user_id, session_number]
checks:
  - not_null: [started_at, ended_at]
  - at_least: {events: 1, duration_s: 0}
*/
with gaps as (
  select
    a.*,
    date_diff(
      'millisecond',
      lag(a.occurred_at) over (partition by a.day, a.user_id order by a.occurred_at, a.event_id),
      a.occurred_at
    ) as pause_ms
  from core_app.activity a
  where a.day between :start and :end
),
numbered as (
  select
    g.*,
    1 + sum(if(g.pause_ms >= 1800000, 1, 0)) over (
      partition by g.day, g.user_id order by g.occurred_at, g.event_id
      rows between unbounded preceding and current row
    ) as session_number
  from gaps g
)
select
  n.user_id,                                                -- The user in the content database
  n.session_number,                                         -- First visit of the user's day is 1
  min(n.occurred_at) as started_at,                         -- First event, UTC
  max(n.occurred_at) as ended_at,                           -- Last event, UTC
  date_diff('second', min(n.occurred_at), max(n.occurred_at)) as duration_s,  -- Seconds from first to last event
  count(*) as events,                                       -- Events of the visit
  count_if(n.event = 'view_article') as article_views,      -- Articles opened
  count_if(n.event = 'read_article') as article_reads,      -- Articles read to the end
  coalesce(sum(n.read_ms), 0) as read_ms,                   -- Time spent on articles, milliseconds
  min_by(n.platform, n.occurred_at) as platform,            -- ios or android, where the visit began
  n.day                                                     -- Calendar day, JST
from numbered n
group by n.day, n.user_id, n.session_number
