/*
description: What each campaign delivered and earned on a day.
owner: ads
*/
select
  coalesce(f.day, r.day) as day,                            -- Calendar day, JST
  coalesce(f.campaign_id, r.campaign_id) as campaign_id,    -- Number of the campaign
  c.campaign_name,                                          -- As the advertiser wrote it
  c.advertiser_name,                                        -- Who pays
  c.objective,                                              -- awareness, traffic or sales
  coalesce(f.impressions, 0) as impressions,                -- Times that an ad was shown
  coalesce(f.clicks, 0) as clicks,                          -- Valid clicks
  coalesce(f.conversions, 0) as conversions,                -- What users did at the advertiser
  coalesce(r.revenue_jpy, decimal '0') as revenue_jpy,      -- Net of refunds, yen
  f.click_rate,                                             -- Clicks per impression; none without
  cast(r.revenue_jpy as double) / nullif(f.impressions, 0) * 1000e0 as revenue_per_thousand_jpy  -- Yen per thousand impressions
from core_ads.funnel_daily f
full join core_ads.campaign_daily r on r.day = f.day and r.campaign_id = f.campaign_id
left join core_ads.campaigns c on c.campaign_id = coalesce(f.campaign_id, r.campaign_id)
