-- Net revenue is what was billed less what was paid back.
select day, campaign_id, billed_jpy, refunded_jpy, revenue_jpy
from core_ads.campaign_daily
where billed_jpy - refunded_jpy <> revenue_jpy
