/*
description: What each experiment's variants did to the read rate, in words that can be pasted.
owner: product
*/
select
  r.experiment,                                             -- Name of the experiment
  r.variant,                                                -- control, or the variant's name
  r.users,                                                  -- Users of the variant
  round(100e0 * r.read_rate, 2) as read_rate_percent,       -- Reads per 100 views
  round(100e0 * r.difference, 2) as difference_points,      -- To control, percentage points
  round(100e0 * r.difference_low, 2) as low_points,         -- Lower end of the 95 % interval
  round(100e0 * r.difference_high, 2) as high_points,       -- Upper end of the 95 % interval
  case
    when r.variant = 'control' then 'control'
    when not r.is_significant then 'no difference found'
    when r.difference > 0e0 then 'better'
    else 'worse'
  end as verdict                                            -- control, better, worse, or no difference found
from core_experiment.results r
