/*
description: From impression to conversion, per campaign and day, each step on the day on which it happened.
owner: ads
partition: day
key: [day, campaign_id]
checks:
  - at_least: {impressions: 0, clicks: 0, conversions: 0}
  - at_most: {click_rate: 1}
    severity: warn
*/
with steps as (
  select
    d.day, d.campaign_id, d.impressions, d.viewable,
    cast(0 as bigint) as clicks, cast(0 as bigint) as invalid_clicks,
    cast(0 as bigint) as conversions, cast(0 as decimal(38, 2)) as value_jpy
  from core_ads.delivery_daily d
  where d.day between :start and :end
  union all
  select c.day, c.campaign_id, 0, 0, if(c.valid, 1, 0), if(c.valid, 0, 1), 0, cast(0 as decimal(38, 2))
  from core_ads.clicks c
  where c.day between :start and :end
  union all
  select v.day, v.campaign_id, 0, 0, 0, 0, 1, v.value_jpy
  from core_ads.conversions v
  where v.day between :start and :end
)
select
  s.campaign_id,                                            -- Campaign in the ads database
  sum(s.impressions) as impressions,                        -- Times that an ad was shown
  sum(s.viewable) as viewable,                              -- Of these on the screen for at least a second
  sum(s.clicks) as clicks,                                  -- Valid clicks
  sum(s.invalid_clicks) as invalid_clicks,                  -- Clicks filtered as fraud
  sum(s.conversions) as conversions,                        -- What users did at the advertiser
  sum(s.value_jpy) as value_jpy,                            -- What that is worth to the advertiser, yen
  sum(s.clicks) / cast(nullif(sum(s.impressions), 0) as double) as click_rate,  -- Clicks per impression; none without
  sum(s.conversions) / cast(nullif(sum(s.clicks), 0) as double) as conversion_rate,  -- Conversions per click; none without
  s.day                                                     -- Calendar day, JST
from steps s
group by s.day, s.campaign_id
