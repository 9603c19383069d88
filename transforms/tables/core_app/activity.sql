/*
description: >
  What people did in the app, each event once, on the day on which it happened (JST). Events arrive up to 2 days late,
  and a retried upload repeats them; the first arrival counts.
owner: product
partition: day
key: [event_id]
checks:
  - not_null: [user_id, event, occurred_at, day]
  - accepted: {event: [open_app, view_feed, view_article, read_article, share_article, search]}
  - at_least: {read_ms: 0}
  - row_count: {min: 1}
*/
select
  a.event_id,                                               -- Unique per event
  a.event,                                                  -- open_app, view_feed, view_article, read_article, share_article or search
  a.user_id,                                                -- The user in the content database
  a.occurred_at,                                            -- When it happened, UTC, by the phone's clock
  a.device.platform as platform,                            -- ios or android
  a.device.app_version as app_version,                      -- Version of the installed app
  a.article_id,                                             -- The article that was viewed, read or shared
  a.read_ms,                                                -- Time spent on the article in milliseconds, only of read_article
  a.shown_article_ids,                                      -- The articles of the feed from top to bottom, only of view_feed
  a.happened_on as day                                      -- Calendar day of the event, JST
from (
  select
    r.*,
    date(r.occurred_at at time zone 'Asia/Tokyo') as happened_on,
    row_number() over (partition by r.event_id order by r.received_at, r._file, r._line) as arrival
  from raw_app_logs.activity r
  where r.day between :start and date_add('day', 2, :end)
) a
where a.arrival = 1
  and a.happened_on between :start and :end
