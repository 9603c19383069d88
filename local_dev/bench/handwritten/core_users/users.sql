select
  id as user_id,
  plan,
  if(deleted_at is null, 'open', 'closed') as status,
  prefecture,
  birth_year // 10 * 10 as birth_decade,
  coalesce(channel, 'organic') as channel,
  len(interests) as interest_count,
  settings ->> '$.theme' as theme,
  (signed_up_at + interval 9 hour)::date as signed_up_on,
  (deleted_at + interval 9 hour)::date as closed_on
from raw_content_db.users
