/*
description: What each acquisition channel costs and brings, by month of the sign-up.
owner: growth
*/
select
  v.month,                                                  -- First day of the month of the sign-up, JST
  v.channel,                                                -- Short name of the channel
  v.title,                                                  -- Name for people
  v.kind,                                                   -- paid, owned or free
  v.users,                                                  -- Accounts made
  v.paying_users,                                           -- Of these with at least one payment
  v.cost_per_user_jpy,                                      -- Acquisition cost, yen per user; none if not paid
  v.value_per_user_jpy,                                     -- Lifetime value until now, yen per user
  v.return_on_spend                                         -- Value per yen spent; none if not paid
from core_growth.channel_value v
