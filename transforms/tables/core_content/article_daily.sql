/*
description: How often each article was shown in the feed, opened, read and shared on a day.
owner: content
partition: day
key: [day, article_id]
checks:
  - not_null: [article_id]
  - at_least: {shown: 0, views: 0, reads: 0}
  - references: {article_id: core_content.articles.article_id}
    severity: warn
*/
with shown as (
  select t.article_id, count(*) as shown, a.day
  from core_app.activity a
  cross join unnest(a.shown_article_ids) as t(article_id)
  where a.day between :start and :end
    and a.event = 'view_feed'
  group by a.day, t.article_id
),
used as (
  select
    a.article_id,
    count_if(a.event = 'view_article') as views,
    count(distinct if(a.event = 'view_article', a.user_id)) as viewers,
    count_if(a.event = 'read_article') as reads,
    count_if(a.event = 'share_article') as shares,
    coalesce(sum(a.read_ms), 0) as read_ms,
    a.day
  from core_app.activity a
  where a.day between :start and :end
    and a.article_id is not null
  group by a.day, a.article_id
)
select
  coalesce(u.article_id, s.article_id) as article_id,       -- Number of the article
  coalesce(s.shown, 0) as shown,                            -- Times that it stood in a feed
  coalesce(u.views, 0) as views,                            -- Times that it was opened
  coalesce(u.viewers, 0) as viewers,                        -- Different users who opened it
  coalesce(u.reads, 0) as reads,                            -- Times that it was read to the end
  coalesce(u.shares, 0) as shares,                          -- Times that it was shared
  coalesce(u.read_ms, 0) as read_ms,                        -- Time spent on it, milliseconds
  coalesce(u.day, s.day) as day                             -- Calendar day, JST
from used u
full join shown s on s.article_id = u.article_id and s.day = u.day
