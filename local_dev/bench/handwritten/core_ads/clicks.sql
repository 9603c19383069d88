select
  event_id, impression_id, user_id, campaign_id, creative_id, valid, occurred_at,
  (occurred_at + interval 9 hour)::date as day
from raw_ad_logs.clicks r
where r.day between :start and :end + 2
qualify row_number() over (partition by event_id order by received_at, _file, _line) = 1
  and (occurred_at + interval 9 hour)::date between :start and :end
