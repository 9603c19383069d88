/*
description: Revenue of outside ad networks in yen. The newest 3 days change until the networks have settled.
owner: ads
partition: day
key: [day, network, slot]
lookback: 3 days
checks:
  - at_least: {filled: 0, revenue_jpy: 0}
  - at_most: {fill_rate: 1}
*/
select
  r.network,                                                -- Name of the network
  r.slot,                                                   -- feed, article or video
  r.requests,                                               -- Times that we asked for an ad
  r.filled,                                                 -- Times that we got one
  r.filled / cast(nullif(r.requests, 0) as double) as fill_rate,  -- Share of requests that were filled, 0 to 1
  cast(r.revenue_usd as double) * cast(r.jpy_per_usd as double) as revenue_jpy,  -- Our share, yen
  r.day                                                     -- Calendar day of the impressions, JST
from raw_ad_network.revenue r
where r.day between :start and :end
