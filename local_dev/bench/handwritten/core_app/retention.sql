with cohorts as (
  select id as user_id, (signed_up_at + interval 9 hour)::date as signed_up_on
  from raw_content_db.users
),
sizes as (
  select signed_up_on, count(*) as users from cohorts group by all
),
span as (
  select min(day) as first_day, max(day) as last_day from core_app.user_days
),
returns as (
  select c.signed_up_on, d.day - c.signed_up_on as days_later, count(*) as returned
  from cohorts c
  join core_app.user_days d using (user_id)
  where d.day >= c.signed_up_on
  group by all
)
select
  s.signed_up_on,
  t.days_later,
  s.users,
  coalesce(r.returned, 0) as returned,
  coalesce(r.returned, 0)::double / s.users as retention
from sizes s
cross join span p
cross join range(29) t(days_later)
left join returns r using (signed_up_on, days_later)
where s.signed_up_on >= p.first_day and s.signed_up_on + t.days_later::integer <= p.last_day
