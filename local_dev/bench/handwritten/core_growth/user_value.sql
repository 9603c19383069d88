with paid as (
  select user_id, count(*) as payments, sum(amount_jpy - coalesce(refunded_jpy, 0)) as paid_jpy
  from raw_content_db.payments
  where status <> 'disputed'
  group by all
),
clicked as (
  select c.user_id, count(*) as billed_clicks, sum(t.amount_jpy) as clicks_jpy
  from raw_ads_db.transactions t
  join core_ads.clicks c on c.event_id = t.click_id
  where t.status <> 'void'
  group by all
)
select
  u.user_id,
  u.channel,
  u.signed_up_on,
  coalesce(p.payments, 0) as payments,
  coalesce(c.billed_clicks, 0) as billed_clicks,
  coalesce(p.paid_jpy, 0)::decimal(38, 2) as paid_jpy,
  coalesce(c.clicks_jpy, 0)::decimal(38, 4) as clicks_jpy,
  (coalesce(p.paid_jpy, 0) + coalesce(c.clicks_jpy, 0))::decimal(38, 4) as value_jpy
from core_users.users u
left join paid p using (user_id)
left join clicked c using (user_id)
