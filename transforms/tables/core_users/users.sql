/*
description: Every account with how it came, what it pays, and whether it is still open. No names, no addresses.
owner: growth
key: [user_id]
checks:
  - accepted: {plan: [free, premium], status: [open, closed]}
  - not_null: [signed_up_on, channel]
*/
select
  u.id as user_id,                                          -- Number of the user
  u.plan,                                                   -- free or premium, today
  if(u.deleted_at is null, 'open', 'closed') as status,     -- open or closed
  u.prefecture,                                             -- Where the user lives
  u.birth_year / 10 * 10 as birth_decade,                   -- @personal Decade of birth, such as 1980
  coalesce(u.channel, 'organic') as channel,                -- The acquisition channel that brought the user
  cardinality(u.interests) as interest_count,               -- How many sections the user chose
  json_extract_scalar(u.settings, '$.theme') as theme,      -- Theme of the app; none if never set
  date(u.signed_up_at at time zone 'Asia/Tokyo') as signed_up_on,  -- Day of the sign-up, JST
  date(u.deleted_at at time zone 'Asia/Tokyo') as closed_on  -- Day on which the account was closed, JST
from raw_content_db.users u
