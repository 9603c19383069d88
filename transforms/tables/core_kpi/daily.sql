/*
description: The company's figures of a day. A day is here as soon as anybody was active.
owner: platform
partition: day
key: [day]
slo: {fresh_by: "09:00", days_met: 99%}
checks:
  - at_least: {dau: 1, sessions: 1, ad_impressions: 0}
  - row_count: {max: 100000}
*/
with ads as (
  select c.day, sum(c.revenue_jpy) as campaign_revenue_jpy
  from core_ads.campaign_daily c
  where c.day between :start and :end
  group by c.day
),
delivered as (
  select f.day, sum(f.impressions) as impressions, sum(f.clicks) as clicks
  from core_ads.funnel_daily f
  where f.day between :start and :end
  group by f.day
),
networks as (
  select n.day, sum(n.revenue_jpy) as network_revenue_jpy
  from core_ads.network_daily n
  where n.day between :start and :end
  group by n.day
),
paid as (
  select p.day, sum(p.amount_jpy - coalesce(p.refunded_jpy, decimal '0')) as payments_jpy
  from raw_content_db.payments p
  where p.day between :start and :end
    and p.status <> 'disputed'
  group by p.day
),
joined as (
  select u.signed_up_on, count(*) as new_users
  from core_users.users u
  group by u.signed_up_on
)
select
  sum(a.active_users) as dau,                               -- Users with at least one event
  sum(a.sessions) as sessions,                              -- Visits
  sum(a.article_views) as article_views,                    -- Articles opened
  sum(a.article_reads) as article_reads,                    -- Articles read to the end
  coalesce(max(j.new_users), 0) as new_users,         -- Accounts made
  coalesce(max(e.impressions), 0) as ad_impressions,  -- Ads shown
  coalesce(max(e.clicks), 0) as ad_clicks,            -- Valid clicks on ads
  coalesce(max(c.campaign_revenue_jpy), decimal '0') as campaign_revenue_jpy,  -- Campaigns, net of refunds, yen
  coalesce(max(n.network_revenue_jpy), 0e0) as network_revenue_jpy,  -- Outside ad networks, yen
  coalesce(max(p.payments_jpy), decimal '0') as payments_jpy,  -- Premium users, net of refunds, yen
  cast(coalesce(max(c.campaign_revenue_jpy), decimal '0') as double)
    + coalesce(max(n.network_revenue_jpy), 0e0)
    + cast(coalesce(max(p.payments_jpy), decimal '0') as double) as revenue_jpy,  -- All three together, yen
  a.day                                                     -- Calendar day, JST
from core_app.activity_daily a
left join ads c on c.day = a.day
left join delivered e on e.day = a.day
left join networks n on n.day = a.day
left join paid p on p.day = a.day
left join joined j on j.signed_up_on = a.day
where a.day between :start and :end
group by a.day
