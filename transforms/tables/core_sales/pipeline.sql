/*
description: What each rep has won and may still win in a month, against the target.
owner: sales
key: [month, rep]
checks:
  - at_least: {won_jpy: 0, open_jpy: 0, expected_jpy: 0}
*/
with monthly as (
  select
    date_trunc('month', d.close_on) as month,
    d.rep,
    count_if(d.stage = 'won') as won_deals,
    count_if(d.stage not in ('won', 'lost')) as open_deals,
    sum(if(d.stage = 'won', d.amount_jpy, decimal '0')) as won_jpy,
    sum(if(d.stage not in ('won', 'lost'), d.amount_jpy, decimal '0')) as open_jpy,
    sum(if(d.stage in ('won', 'lost'), 0e0, cast(d.amount_jpy as double) * d.probability)) as weighted_jpy
  from core_sales.deals d
  group by date_trunc('month', d.close_on), d.rep
),
targets as (
  select t.month, t.rep, max(t.target_jpy) as target_jpy
  from raw_sales.targets t
  group by t.month, t.rep
)
select
  m.month,                                                  -- First day of the month of the decision
  m.rep,                                                    -- Who sells
  m.won_deals,                                              -- Deals won
  m.open_deals,                                             -- Deals not yet decided
  m.won_jpy,                                                -- Won, yen
  m.open_jpy,                                               -- Not yet decided, yen
  cast(m.won_jpy as double) + m.weighted_jpy as expected_jpy,  -- Won, and what is open by its chance, yen
  t.target_jpy,                                             -- What the rep should win in the month, yen; none if not set
  cast(m.won_jpy as double) / nullif(cast(t.target_jpy as double), 0e0) as target_met  -- Share of the target, 1 is all of it
from monthly m
left join targets t on t.month = m.month and t.rep = m.rep
