/*
description: The company's figures of a day, each with the same weekday of the week before.
owner: platform
tags: [kpi]
slo: {fresh_by: "09:00", days_met: 95%, due: workdays}
*/
select
  k.day,                                                    -- Calendar day, JST
  k.dau,                                                    -- Users with at least one event
  k.new_users,                                              -- Accounts made
  k.sessions,                                               -- Visits
  k.article_reads,                                          -- Articles read to the end
  k.ad_impressions,                                         -- Ads shown
  k.revenue_jpy,                                            -- Revenue of campaigns, networks and premium users, yen
  w.dau as dau_week_before,                                 -- Users 7 days earlier; none in the first week
  w.revenue_jpy as revenue_week_before_jpy,                 -- Revenue 7 days earlier, yen; none in the first week
  k.dau / cast(nullif(w.dau, 0) as double) - 1e0 as dau_growth,  -- Change of users to 7 days earlier, 0.1 is 10 % more
  k.revenue_jpy / nullif(w.revenue_jpy, 0e0) - 1e0 as revenue_growth  -- Change of revenue to 7 days earlier
from core_kpi.daily k
left join core_kpi.daily w on w.day = date_add('day', -7, k.day)
