/*
description: The sales pipeline by month and rep, against target.
owner: sales
*/
select
  date_format(p.month, '%Y-%m') as month,                   -- Month of the decision, such as 2024-04
  p.rep,                                                    -- Who sells
  p.won_deals,                                              -- Deals won
  p.open_deals,                                             -- Deals not yet decided
  p.won_jpy,                                                -- Won, yen
  round(p.expected_jpy) as expected_jpy,                    -- Won, and what is open by its chance, yen
  p.target_jpy,                                             -- Target of the month, yen; none if not set
  round(100e0 * p.target_met, 1) as target_met_percent      -- How much of the target is won, percent
from core_sales.pipeline p
