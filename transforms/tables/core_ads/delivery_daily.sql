/*
description: >
  Impressions per campaign, creative, slot and day, each impression once, with what the auctions cost.
owner: ads
partition: day
key: [day, campaign_id, creative_id, slot]
checks:
  - accepted: {slot: [feed, article, video]}
  - at_least: {impressions: 1, viewable: 0}
*/
with once as (
  select
    r.event_id,
    min(r.campaign_id) as campaign_id,
    min(r.creative_id) as creative_id,
    min(r.slot) as slot,
    min(r.user_id) as user_id,
    min(r.viewable_ms) as viewable_ms,
    min(r.auction.price_jpy) as price_jpy,
    date(min(r.occurred_at) at time zone 'Asia/Tokyo') as happened_on
  from raw_ad_logs.impressions r
  where r.day between :start and date_add('day', 2, :end)
  group by r.event_id
)
select
  o.campaign_id,                                            -- Campaign in the ads database
  o.creative_id,                                            -- Creative in the ads database
  o.slot,                                                   -- feed, article or video
  count(*) as impressions,                                  -- Times that an ad was shown
  count_if(o.viewable_ms >= 1000) as viewable,              -- Of these on the screen for at least a second
  count(distinct o.user_id) as users,                       -- Different users who saw one
  sum(o.price_jpy) as auction_jpy,                          -- Sum of the auctions' prices per thousand, yen
  o.happened_on as day                                      -- Calendar day of the impression, JST
from once o
where o.happened_on between :start and :end
group by o.happened_on, o.campaign_id, o.creative_id, o.slot
