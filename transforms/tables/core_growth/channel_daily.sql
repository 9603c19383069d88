/*
description: >
  Spend, installs and sign-ups per acquisition channel and day. The newest 3 days of spend change until the agency has
  settled.
owner: growth
partition: day
key: [day, channel]
checks:
  - at_least: {cost_jpy: 0, clicks: 0, signups: 0}
  - references: {channel: raw_acquisition.channels.channel}
*/
with signups as (
  select u.channel, u.signed_up_on, count(*) as signups
  from core_users.users u
  group by u.channel, u.signed_up_on
)
select
  s.channel,                                                -- Short name of the channel
  s.impressions,                                            -- Times that our ads were shown
  s.clicks,                                                 -- Times that our ads were clicked
  s.installs,                                               -- Installs that the channel claims
  coalesce(u.signups, 0) as signups,                        -- Accounts made by users of the channel
  s.cost_jpy,                                               -- What the channel cost, yen
  cast(s.cost_jpy as double) / nullif(u.signups, 0) as cost_per_signup_jpy,  -- Yen per account; none without sign-ups
  s.day                                                     -- Calendar day, JST
from raw_acquisition.spend s
left join signups u on u.channel = s.channel and u.signed_up_on = s.day
where s.day between :start and :end
