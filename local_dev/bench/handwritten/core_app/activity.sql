select
  event_id, event, user_id, occurred_at,
  device.platform as platform,
  device.app_version as app_version,
  article_id, read_ms, shown_article_ids,
  (occurred_at + interval 9 hour)::date as day
from raw_app_logs.activity r
where r.day between :start and :end + 2
qualify row_number() over (partition by event_id order by received_at, _file, _line) = 1
  and (occurred_at + interval 9 hour)::date between :start and :end
