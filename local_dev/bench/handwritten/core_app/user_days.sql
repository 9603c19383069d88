select
  user_id,
  count(*) as sessions,
  sum(events)::bigint as events,
  sum(article_views)::bigint as article_views,
  sum(article_reads)::bigint as article_reads,
  sum(duration_s)::bigint as duration_s,
  arg_min(platform, session_number) as platform,
  day
from core_app.sessions
where day between :start and :end
group by all
