with shown as (
  select t.article_id, count(*) as shown, a.day
  from core_app.activity a, unnest(a.shown_article_ids) t(article_id)
  where a.day between :start and :end and a.event = 'view_feed'
  group by all
),
used as (
  select
    article_id,
    count(*) filter (where event = 'view_article') as views,
    count(distinct user_id) filter (where event = 'view_article') as viewers,
    count(*) filter (where event = 'read_article') as reads,
    count(*) filter (where event = 'share_article') as shares,
    coalesce(sum(read_ms), 0)::bigint as read_ms,
    day
  from core_app.activity
  where day between :start and :end and article_id is not null
  group by all
)
select
  article_id,
  coalesce(s.shown, 0) as shown,
  coalesce(u.views, 0) as views,
  coalesce(u.viewers, 0) as viewers,
  coalesce(u.reads, 0) as reads,
  coalesce(u.shares, 0) as shares,
  coalesce(u.read_ms, 0) as read_ms,
  day
from used u
full join shown s using (article_id, day)
