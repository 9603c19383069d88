/*
description: The newest state of every deal, as the last export told it.
owner: sales
key: [deal_id]
checks:
  - accepted: {stage: [lead, proposal, negotiation, won, lost]}
  - at_least: {amount_jpy: 0, probability: 0}
  - at_most: {probability: 1}
*/
select
  d.deal_id,                                                -- Number of the deal in the CRM
  d.company,                                                -- Whom we sell to
  d.rep,                                                    -- Who sells
  d.stage,                                                  -- lead, proposal, negotiation, won or lost
  d.amount_jpy,                                             -- Expected or agreed amount, yen
  d.probability,                                            -- Chance to win, 0 to 1
  d.close_on,                                               -- Expected or actual day of the decision
  d.first_seen_on,                                          -- Day of the first export that had the deal
  d.exported_on                                             -- Day of the export that this state is from
from (
  select
    r.*,
    min(r.exported_on) over (partition by r.deal_id) as first_seen_on,
    row_number() over (partition by r.deal_id order by r.exported_on desc, r._file desc, r._line desc) as newest
  from raw_sales.deals r
) d
where d.newest = 1
