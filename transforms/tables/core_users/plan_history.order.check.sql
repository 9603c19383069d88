-- A plan ends after it began.
select user_id, valid_from, valid_to
from core_users.plan_history
where valid_to < valid_from
