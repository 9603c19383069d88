/*
description: Revenue of the outside ad networks per month, with the share of each slot.
owner: ads
*/
select
  date_format(n.day, '%Y-%m') as month,                     -- Month, such as 2024-04
  n.network,                                                -- Name of the network
  n.slot,                                                   -- feed, article or video
  sum(n.filled) as filled,                                  -- Ads that we got
  sum(n.revenue_jpy) as revenue_jpy,                        -- Our share, yen
  sum(n.revenue_jpy) / sum(sum(n.revenue_jpy)) over (partition by date_format(n.day, '%Y-%m')) as share_of_month  -- Of all networks' revenue in the month, 0 to 1
from core_ads.network_daily n
group by date_format(n.day, '%Y-%m'), n.network, n.slot
