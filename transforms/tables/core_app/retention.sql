/*
description: >
  Of the users who signed up on a day, how many were active so many days later. Only days on which all of the cohort
  could have come back.
owner: growth
key: [signed_up_on, days_later]
checks:
  - at_least: {users: 1, returned: 0, retention: 0}
  - at_most: {retention: 1}
*/
with cohorts as (
  select
    u.id as user_id,
    date(u.signed_up_at at time zone 'Asia/Tokyo') as signed_up_on
  from raw_content_db.users u
),
sizes as (
  select c.signed_up_on, count(*) as users
  from cohorts c
  group by c.signed_up_on
),
span as (
  select min(d.day) as first_day, max(d.day) as last_day
  from core_app.user_days d
),
returns as (
  select c.signed_up_on, date_diff('day', c.signed_up_on, d.day) as days_later, count(*) as returned
  from cohorts c
  join core_app.user_days d on d.user_id = c.user_id
  where d.day >= c.signed_up_on
  group by c.signed_up_on, date_diff('day', c.signed_up_on, d.day)
)
select
  s.signed_up_on,                                           -- Day of the sign-up, JST
  t.days_later,                                             -- Days since the sign-up; 0 is the same day
  s.users,                                                  -- Users of the cohort
  coalesce(r.returned, 0) as returned,                      -- Those who were active
  coalesce(r.returned, 0) / cast(s.users as double) as retention  -- Share of the cohort, 0 to 1
from sizes s
cross join span p
cross join unnest(sequence(0, 28)) as t(days_later)
left join returns r on r.signed_up_on = s.signed_up_on and r.days_later = t.days_later
where s.signed_up_on >= p.first_day
  and date_add('day', t.days_later, s.signed_up_on) <= p.last_day
