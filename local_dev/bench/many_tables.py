"""Writes a home with as many tables as asked: two parents and eight columns each, as companies grow them.

The figures of `check` are measured on it. Decides nothing about what is checked.
"""

from __future__ import annotations

from pathlib import Path

_TEAMS = 'ads: {description: Sells and measures advertising, contact: "#ads"}\n'
_TARGETS = "laptop:\n  engine: duckdb\n  timezone: Asia/Tokyo\n  connections: {ads_db: ADS_DB_URL}\n"
_SOURCE = """kind: postgres
owner: ads
description: The ads database.
connection: ads_db
tables:
  campaigns: snapshot
  transactions: {mode: upsert, key: id, cursor: updated_at, day: created_at}
"""
_SCHEMA = """campaigns:
  id: {type: bigint, description: Campaign}
  name: {type: string, description: What people call it}
  email: {type: string, description: Billing contact, personal: true}
transactions:
  id: {type: bigint, description: Transaction}
  campaign_id: {type: bigint, description: Campaign that is billed}
  kind: {type: string, description: click or refund}
  amount_jpy: {type: "decimal(14,2)", description: Negative for refunds}
  created_at: {type: timestamp, description: "When it was booked, UTC"}
  updated_at: {type: timestamp, description: "Last change, UTC"}
"""
_FIRST = """/*
description: Revenue and clicks per campaign and day, number {number}.
owner: ads
partition: day
checks:
  - unique: [day, campaign_id]
  - at_least: {{clicks: 0}}
*/
select
  t.campaign_id,                                          -- Campaign in the ads database
  min(c.name) as campaign,                                -- What people call it
  min(c.email) as contact_email,                          -- Billing contact
  count_if(t.kind = 'click') as clicks,                   -- Billed clicks
  sum(t.amount_jpy) as revenue_jpy,                       -- Net revenue, yen
  max(t.updated_at) as changed_at,                        -- Last change, UTC
  cast(count(*) as double) / {number} as weight,          -- Transactions, weighed
  t.day                                                   -- Calendar day of the company
from raw_ads_db.transactions t
join raw_ads_db.campaigns c on c.id = t.campaign_id
where t.day between :start and :end
group by t.campaign_id, t.day
"""
_LATER = """/*
description: One parent joined with another, number {number}.
owner: ads
partition: day
checks:
  - unique: [day, campaign_id]
  - at_least: {{clicks: 0}}
*/
with latest as (
  select campaign_id, day, max(changed_at) as changed_at, sum(revenue_jpy) as revenue_jpy, sum(weight) as weight
  from {right}
  where day between :start and :end
  group by campaign_id, day
)
select
  l.campaign_id,                                          -- Campaign in the ads database
  upper(l.campaign) as campaign,                          -- What people call it, in capitals
  l.contact_email,                                        -- Billing contact
  coalesce(l.clicks, 0) as clicks,                        -- Billed clicks
  l.revenue_jpy + coalesce(r.revenue_jpy, 0) as revenue_jpy,  -- Net revenue, yen
  greatest(l.changed_at, coalesce(r.changed_at, l.changed_at)) as changed_at,  -- Last change, UTC
  case when r.weight > 0 then l.weight / r.weight end as weight,  -- Transactions, weighed
  l.day                                                   -- Calendar day of the company
from {left} l
left join latest r on r.campaign_id = l.campaign_id and r.day = l.day
where l.day between :start and :end
"""
_PER_DATABASE = 50
_FIRST_TABLES = 10


def write_many(home: Path, count: int) -> None:
    """A home of `count` tables in databases of 50. Ten read the source; each other reads two tables before it."""
    for path, text in (
        ("transforms/teams.yaml", _TEAMS),
        ("connectors/targets.yaml", _TARGETS),
        ("connectors/sources/ads_db.yaml", _SOURCE),
        ("connectors/sources/ads_db.schema.yaml", _SCHEMA),
        *((f"transforms/tables/{_name(n).replace('.', '/')}.sql", _table(n)) for n in range(count)),
    ):
        file = home / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def _table(number: int) -> str:
    if number < _FIRST_TABLES:
        return _FIRST.format(number=number + 1)
    parents = {"left": _name(number // 2), "right": _name(number // 3 + 1)}
    return _LATER.format(number=number + 1, **parents)


def _name(number: int) -> str:
    return f"core_many_{number // _PER_DATABASE:03}.table_{number:05}"
