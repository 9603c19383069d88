/*
description: What each advertiser booked and spent until now.
owner: ads
*/
select
  c.advertiser_id,                                          -- Number of the advertiser
  c.advertiser_name,                                        -- Name of the company
  c.industry,                                               -- What it sells
  count(*) as campaigns,                                    -- Campaigns booked
  count_if(c.status = 'running') as running_campaigns,      -- Campaigns that run today
  sum(c.budget_jpy) as budget_jpy,                          -- Budgets of all campaigns, yen
  sum(c.revenue_jpy) as revenue_jpy,                        -- Net revenue, yen
  sum(c.refunded_jpy) as refunded_jpy                       -- Paid back, yen
from core_ads.campaigns c
group by c.advertiser_id, c.advertiser_name, c.industry
