with once as (
  select
    event_id,
    min(campaign_id) as campaign_id,
    min(creative_id) as creative_id,
    min(slot) as slot,
    min(user_id) as user_id,
    min(viewable_ms) as viewable_ms,
    min(auction.price_jpy) as price_jpy,
    (min(occurred_at) + interval 9 hour)::date as happened_on
  from raw_ad_logs.impressions
  where day between :start and :end + 2
  group by event_id
)
select
  campaign_id,
  creative_id,
  slot,
  count(*) as impressions,
  count(*) filter (where viewable_ms >= 1000) as viewable,
  count(distinct user_id) as users,
  sum(price_jpy) as auction_jpy,
  happened_on as day
from once
where happened_on between :start and :end
group by all
