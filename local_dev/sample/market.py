"""What acquisition channels cost and what outside ad networks earn, as their APIs report it.

The numbers of the newest days are preliminary: they are restated until they are three days old.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from local_dev.sample.people import people_until
from local_dev.sample.story import DAY_MS, Company
from local_dev.sample.words import CHANNELS

RESTATED_DAYS = 3
NETWORKS = ("AdStream", "クリック広場", "NorthAds")
SLOTS = ("feed", "article", "video")
_JPY_AN_INSTALL = {"organic": 0, "search_ads": 310, "video_ads": 420, "influencer": 690, "referral": 120, "tv": 980}


@dataclass(frozen=True)
class Spend:
    """What one channel cost on one day; `cost` counts hundredths of a yen."""

    report_date: date
    channel: str
    impressions: int
    clicks: int
    installs: int
    cost: int


@dataclass(frozen=True)
class NetworkRevenue:
    """What one network paid for one slot on one day, in millionths of a dollar; `rate` in ten-thousandths of a yen."""

    report_date: date
    network: str
    slot: str
    requests: int
    filled: int
    revenue: int
    rate: int


def spend_of(company: Company, day: int, today: int) -> list[Spend]:
    """The spend of a day as reported on another: at first a tenth too low, installs at first too high."""
    people = people_until(company, today)
    start = company.midnight(day)
    came = people.channel[(people.signed_up >= start) & (people.signed_up < start + DAY_MS)]
    random = company.random("spend", day)
    rows = []
    for number, (channel, _, kind) in enumerate(CHANNELS):
        noise = float(random.uniform(0.85, 1.2))
        installs = int((came == number).sum())
        clicks = int(installs * random.uniform(6, 14)) + int(random.integers(3, 30))
        if kind == "free":
            continue
        base = installs * _JPY_AN_INSTALL[channel] + (4_000 if channel == "tv" else 300)
        share = 1 - 0.04 * missing(day, today)
        cost = round(base * noise * share * 100)
        rows.append(Spend(company.calendar(day), channel, clicks * 40, clicks, installs + missing(day, today), cost))
    return rows


def revenue_of(company: Company, day: int, today: int) -> list[NetworkRevenue]:
    """The networks' revenue of a day as reported on another: at first too high, until fraud is taken off."""
    random = company.random("networks", day)
    rate = 1_500_000 + int(random.normal(0, 9_000))
    rows = []
    for network in NETWORKS:
        for slot in SLOTS:
            requests = int(company.events_of(day) * random.uniform(0.05, 0.15))
            filled = int(requests * random.uniform(0.4, 0.95))
            revenue = round(filled * random.uniform(300, 1_800) * (1 + 0.05 * missing(day, today)))
            rows.append(NetworkRevenue(company.calendar(day), network, slot, requests, filled, revenue, rate))
    return rows


def missing(day: int, today: int) -> int:
    """How many restatements of a day are still to come."""
    return int(np.clip(RESTATED_DAYS - (today - day), 0, RESTATED_DAYS))
