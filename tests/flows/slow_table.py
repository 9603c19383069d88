"""A table of the shop that takes hours: for runs that are cancelled in the middle of a statement."""

SLOW = """
/*
description: Takes hours.
owner: shop
checks:
  - not_null: [pairs]
*/
select
  count(*) as pairs                      -- Number of pairs
from raw_till.sales s
cross join unnest(sequence(1, 10000)) as a(n)
cross join unnest(sequence(1, 10000)) as b(n)
cross join unnest(sequence(1, 10000)) as c(n)
where (a.n * b.n + c.n) % 7 = s.id
"""
