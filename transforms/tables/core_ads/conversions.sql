/*
description: What users did at the advertiser after a click, each once, on the day on which it happened (JST).
owner: ads
partition: day
key: [event_id]
checks:
  - not_null: [click_id, campaign_id, value_jpy]
  - accepted: {kind: [signup, purchase, install]}
  - at_least: {value_jpy: 0, quantity: 0}
*/
select
  c.event_id,                                               -- Unique per conversion
  c.click_id,                                               -- The click that led to it
  c.campaign_id,                                            -- Campaign in the ads database
  c.kind,                                                   -- signup, purchase or install
  c.value_jpy,                                              -- What it is worth to the advertiser, yen
  coalesce(reduce(c.items, 0, (s, item) -> s + item.quantity, s -> s), 0) as quantity,  -- Pieces bought
  c.happened_on as day                                      -- Calendar day of the conversion, JST
from (
  select
    r.*,
    date(r.occurred_at at time zone 'Asia/Tokyo') as happened_on,
    row_number() over (partition by r.event_id order by r.received_at, r._file, r._line) as arrival
  from raw_ad_logs.conversions r
  where r.day between :start and date_add('day', 2, :end)
) c
where c.arrival = 1
  and c.happened_on between :start and :end
