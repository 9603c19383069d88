"""The company of test_selector.py with promises, and runs of it to be told in a line each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from test_selector import CONTENT

from transforms.budget import Observed
from transforms.content import Content
from transforms.ledger import Record, RunEntry, TableEntry
from transforms.names import TableName
from transforms.sightings import Sightings
from transforms.slo import Slo

TOKYO = ZoneInfo("Asia/Tokyo")
MONDAY = date(2024, 5, 20)
CAMPAIGNS, TRANSACTIONS = TableName("raw_ads_db", "campaigns"), TableName("raw_ads_db", "transactions")
ADS, KPI, VIEW = TableName("core_ads", "daily"), TableName("core_kpi", "daily"), TableName("kpi", "daily")
BY_NINE = Slo(fresh_by=time(9), days_met=0.9)
Ended = Mapping[str, Any]


def promising(slo: Slo = BY_NINE, *names: TableName) -> Content:
    """The company, with this promise of the named (default: the table of figures)."""
    of = names or (KPI,)
    relations = {
        name: replace(one, slo=slo if name in of else None, partition="day") for name, one in CONTENT.relations.items()
    }
    sources = {
        key: replace(one, slo=slo if any(table.name in of for table in one.tables) else None)
        for key, one in CONTENT.sources.items()
    }
    return replace(CONTENT, relations=relations, sources=sources)


def at(day: date, clock: str) -> datetime:
    """A time of the company's clock."""
    return datetime.combine(day, time.fromisoformat(clock), TOKYO)


def ran(started: datetime, ended: Ended, content: Content = CONTENT) -> Record:
    """A run in which all raw tables and tables were fresh, but for those named: an outcome, or facts of an entry."""
    moment, entries = started + timedelta(minutes=10), []
    for name, told in ended.items():
        facts = {"outcome": told} if isinstance(told, str) else {"outcome": "published", **told}
        table = TableName.parse(name)
        entries.append(TableEntry(table, at=moment, owner=content.owners[table], **facts))
    fresh: dict[str, tuple[str, ...]] = {}
    for database in {name.database for name in content.names if name.layer != "view"}:
        fresh[database] = ("*", *(entry.table.table for entry in entries if entry.table.database == database))
    run = RunEntry(f"{started:%Y%m%dT%H%M}", "run", "laptop", "ana", started, moment, "done", fresh=fresh)
    return Record(run, tuple(entries))


def observed(content: Content, now: datetime, *records: Record, **facts: Any) -> Observed:
    """What is known of these runs at a moment."""
    return Observed(content, Sightings(records), now, TOKYO, **facts)


def mornings(first: date, last: date, ended: Ended | None = None, clock: str = "06:30") -> list[Record]:
    """A run every morning."""
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [ran(at(day, clock), ended or {}) for day in days]
