/*
description: >
  Revenue per campaign and day, net of refunds. A refund counts on the day on which it was booked; void transactions
  were never billed.
owner: ads
partition: day
key: [day, campaign_id]
slo: {fresh_by: "09:00", days_met: 99%}
checks:
  - not_null: [revenue_jpy]
  - at_least: {billed_jpy: 0, refunded_jpy: 0}
  - sql: campaign_daily.net.check.sql
*/
select
  t.campaign_id,                                            -- Campaign in the ads database
  count_if(t.kind = 'click') as billed_clicks,              -- Clicks billed
  sum(if(t.kind = 'impression', t.quantity, 0)) as billed_impressions,  -- Impressions billed
  sum(if(t.kind <> 'refund', t.amount_jpy, decimal '0')) as billed_jpy,  -- Billed, yen
  -sum(if(t.kind = 'refund', t.amount_jpy, decimal '0')) as refunded_jpy,  -- Paid back, yen, positive
  sum(t.amount_jpy) as revenue_jpy,                         -- Net revenue, yen; below zero when more was paid back
  t.day                                                     -- Calendar day of the booking, JST
from raw_ads_db.transactions t
where t.day between :start and :end
  and t.status <> 'void'
group by t.day, t.campaign_id
