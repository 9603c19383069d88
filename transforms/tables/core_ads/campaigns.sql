/*
description: Every campaign with its advertiser and what it earned so far.
owner: ads
key: [campaign_id]
checks:
  - accepted: {objective: [awareness, traffic, sales], status: [draft, running, paused, ended]}
  - at_least: {budget_jpy: 0}
  - not_null: [advertiser_name]
*/
select
  c.id as campaign_id,                                      -- Number of the campaign
  c.name as campaign_name,                                  -- As the advertiser wrote it
  c.objective,                                              -- awareness, traffic or sales
  c.status,                                                 -- draft, running, paused or ended
  c.starts_on,                                              -- First day, JST
  c.ends_on,                                                -- Last day, JST; none while open
  c.budget_jpy,                                             -- For the whole campaign, yen
  coalesce(e.revenue_jpy, decimal '0') as revenue_jpy,      -- Net revenue until now, yen
  coalesce(e.refunded_jpy, decimal '0') as refunded_jpy,    -- Paid back until now, yen
  cast(coalesce(e.revenue_jpy, decimal '0') as double) / nullif(cast(c.budget_jpy as double), 0e0) as budget_used,  -- Share of the budget that was spent, 0 to 1
  json_array_length(json_extract(c.targeting, '$.prefectures')) as target_prefectures,  -- How many prefectures it is aimed at; none if all
  a.id as advertiser_id,                                    -- Number of the advertiser
  a.name as advertiser_name,                                -- Name of the company
  a.industry                                                -- What the advertiser sells
from raw_ads_db.campaigns c
left join raw_ads_db.advertisers a on a.id = c.advertiser_id
left join (
  select d.campaign_id, sum(d.revenue_jpy) as revenue_jpy, sum(d.refunded_jpy) as refunded_jpy
  from core_ads.campaign_daily d
  group by d.campaign_id
) e on e.campaign_id = c.id
