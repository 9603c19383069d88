with gaps as (
  select
    *,
    date_sub('millisecond', lag(occurred_at) over (partition by day, user_id order by occurred_at, event_id),
      occurred_at) as pause_ms
  from core_app.activity
  where day between :start and :end
),
numbered as (
  select
    *,
    1 + count(*) filter (where pause_ms >= 1800000) over (
      partition by day, user_id order by occurred_at, event_id rows unbounded preceding
    ) as session_number
  from gaps
)
select
  user_id,
  session_number,
  min(occurred_at) as started_at,
  max(occurred_at) as ended_at,
  date_sub('second', min(occurred_at), max(occurred_at)) as duration_s,
  count(*) as events,
  count(*) filter (where event = 'view_article') as article_views,
  count(*) filter (where event = 'read_article') as article_reads,
  coalesce(sum(read_ms), 0)::bigint as read_ms,
  arg_min(platform, occurred_at) as platform,
  day
from numbered
group by all
