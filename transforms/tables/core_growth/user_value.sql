/*
description: >
  What each user brought until now: payments net of refunds, and the billed ad clicks. What a user was shown without
  clicking is not counted.
owner: growth
key: [user_id]
checks:
  - at_least: {payments: 0, billed_clicks: 0}
  - not_null: [channel, value_jpy]
*/
with paid as (
  select
    p.user_id,
    count(*) as payments,
    sum(p.amount_jpy - coalesce(p.refunded_jpy, decimal '0')) as paid_jpy
  from raw_content_db.payments p
  where p.status <> 'disputed'
  group by p.user_id
),
clicked as (
  select
    c.user_id,
    count(*) as billed_clicks,
    sum(t.amount_jpy) as clicks_jpy
  from raw_ads_db.transactions t
  join core_ads.clicks c on c.event_id = t.click_id
  where t.status <> 'void'
  group by c.user_id
)
select
  u.user_id,                                                -- Number of the user
  u.channel,                                                -- The channel that brought the user
  u.signed_up_on,                                           -- Day of the sign-up, JST
  coalesce(p.payments, 0) as payments,                      -- Payments that were not disputed
  coalesce(c.billed_clicks, 0) as billed_clicks,            -- Ad clicks billed or paid back
  coalesce(p.paid_jpy, decimal '0') as paid_jpy,            -- Paid by the user, net of refunds, yen
  coalesce(c.clicks_jpy, decimal '0') as clicks_jpy,        -- Paid by advertisers for the user's clicks, net, yen
  coalesce(p.paid_jpy, decimal '0') + coalesce(c.clicks_jpy, decimal '0') as value_jpy  -- Both together, yen
from core_users.users u
left join paid p on p.user_id = u.user_id
left join clicked c on c.user_id = u.user_id
