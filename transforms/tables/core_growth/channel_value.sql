/*
description: What a channel's users cost against what they brought, per month of the sign-up.
owner: growth
key: [month, channel]
checks:
  - at_least: {users: 1}
  - not_null: [value_jpy]
*/
with brought as (
  select
    v.channel,
    date_trunc('month', v.signed_up_on) as month,
    count(*) as users,
    count_if(v.payments > 0) as paying_users,
    sum(v.value_jpy) as value_jpy
  from core_growth.user_value v
  group by v.channel, date_trunc('month', v.signed_up_on)
),
spent as (
  select d.channel, date_trunc('month', d.day) as month, sum(d.cost_jpy) as cost_jpy
  from core_growth.channel_daily d
  group by d.channel, date_trunc('month', d.day)
)
select
  b.month,                                                  -- First day of the month of the sign-up, JST
  b.channel,                                                -- Short name of the channel
  coalesce(c.title, b.channel) as title,                    -- Name of the channel for people
  coalesce(c.kind, 'free') as kind,                         -- paid, owned or free
  b.users,                                                  -- Accounts made
  b.paying_users,                                           -- Of these with at least one payment
  b.value_jpy,                                              -- What they brought until now, yen
  s.cost_jpy,                                               -- What the channel cost in the month, yen; none if it is not paid
  cast(b.value_jpy as double) / b.users as value_per_user_jpy,  -- Lifetime value until now, yen per user
  cast(s.cost_jpy as double) / b.users as cost_per_user_jpy,  -- Acquisition cost, yen per user; none if not paid
  cast(b.value_jpy as double) / nullif(cast(s.cost_jpy as double), 0e0) as return_on_spend  -- Value per yen spent; none if not paid
from brought b
left join spent s on s.channel = b.channel and s.month = b.month
left join raw_acquisition.channels c on c.channel = b.channel
