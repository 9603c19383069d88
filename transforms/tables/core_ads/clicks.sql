/*
description: Clicks on ads, each once, on the day on which they happened (JST).
owner: ads
partition: day
key: [event_id]
checks:
  - not_null: [impression_id, campaign_id, valid]
  - references: {campaign_id: raw_ads_db.campaigns.id}
*/
select
  c.event_id,                                               -- Unique per click
  c.impression_id,                                          -- The impression that was clicked
  c.user_id,                                                -- The user in the content database
  c.campaign_id,                                            -- Campaign in the ads database
  c.creative_id,                                            -- Creative in the ads database
  c.valid,                                                  -- Not filtered as fraud; only valid clicks are billed
  c.occurred_at,                                            -- When it happened, UTC
  c.happened_on as day                                      -- Calendar day of the click, JST
from (
  select
    r.*,
    date(r.occurred_at at time zone 'Asia/Tokyo') as happened_on,
    row_number() over (partition by r.event_id order by r.received_at, r._file, r._line) as arrival
  from raw_ad_logs.clicks r
  where r.day between :start and date_add('day', 2, :end)
) c
where c.arrival = 1
  and c.happened_on between :start and :end
