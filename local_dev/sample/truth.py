"""What is true of the sample company: figures from the generator's own columns, never from a file or the pipeline.

Days are JST calendar days as `YYYY-MM-DD`; money is an exact decimal in text; each event counts once.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from local_dev.sample.billing import Clicks, Transactions
from local_dev.sample.databases import exact
from local_dev.sample.market import revenue_of, spend_of
from local_dev.sample.newsroom import articles_until
from local_dev.sample.people import PRICE_JPY, payments_until, people_until
from local_dev.sample.sales import STAGES, deals_on, export_days, target_of
from local_dev.sample.story import DAY_MS, EXPERIMENT, FAILING_CAMPAIGN, READ_RATE, Company, Ints
from local_dev.sample.tally import Tally
from local_dev.sample.words import CHANNELS, REPS

Figures = Mapping[str, Any]


@dataclass(frozen=True)
class Truth:
    """Mappings by day, by campaign (its id as text) or by channel, as the name says."""

    last_day: str
    activity_by_day: Mapping[str, int]
    sessions_by_day: Mapping[str, int]
    active_users_by_day: Mapping[str, int]
    active_users: int
    views_by_day: Mapping[str, int]
    reads_by_day: Mapping[str, int]
    views_by_article: Mapping[str, int]
    retention_by_day: Mapping[str, Mapping[str, int]]
    campaigns_by_day: Mapping[str, Mapping[str, Sequence[int]]]
    """Impressions, valid clicks and conversions per day and campaign, where any is above 0."""
    revenue_by_day: Mapping[str, Mapping[str, str]]
    """Net of refunds and void bookings, per day of booking and campaign."""
    refunds_jpy: str
    failing_campaign: int
    network_revenue_usd: str
    acquisition_cost_jpy: Mapping[str, str]
    acquired_users: Mapping[str, int]
    """Users who signed up since the first day, by channel."""
    payments_jpy: Mapping[str, str]
    """Payments net of refunds and without the disputed, by the channel of the user."""
    click_revenue_jpy: Mapping[str, str]
    """Billed clicks net of refunds, by the channel of the user who clicked."""
    payments_by_day: Mapping[str, str]
    users: int
    deleted_users: int
    premium_users: int
    withdrawn_articles: int
    articles: int
    experiment: Figures
    deals: Mapping[str, Sequence[int]]
    """Number and amount (yen) of the deals of each stage in the newest export."""
    won_by_rep: Mapping[str, int]
    sales_target_jpy: int
    outage_day: str
    drift_day: str
    lines: Mapping[str, int]
    """Good lines by log file, duplicates included."""
    rejects: Mapping[str, int]
    """Lines and rows by file that no reader can hold."""

    def save(self, path: Path) -> None:
        """Write it as JSON."""
        path.write_text(json.dumps(asdict(self), ensure_ascii=False, indent=1), encoding="utf-8")

    @staticmethod
    def load(path: Path) -> Truth:
        """Read what `save` wrote."""
        return Truth(**json.loads(path.read_text(encoding="utf-8")))


def truth_of(
    company: Company,
    last: int,
    tallies: Sequence[Tally],
    clicks: Clicks,
    booked: Transactions,
    rejects: Mapping[str, int],
) -> Truth:
    """Add up the days; `rejects` are those of the sales files."""
    day_of = {tally.day: str(company.calendar(tally.day)) for tally in tallies}
    days = [day_of[tally.day] for tally in tallies]
    people, end = people_until(company, last), company.midnight(last + 1)
    articles = articles_until(company, last)
    views: Counter[int] = Counter()
    for tally in tallies:
        views.update(tally.views)
    newest = deals_on(company, export_days(company, last)[-1])
    spend = [row for day in range(last + 1) for row in spend_of(company, day, last)]
    network = [row.revenue for day in range(last + 1) for row in revenue_of(company, day, last)]
    return Truth(
        last_day=str(company.calendar(last)),
        activity_by_day={day: tally.activity for day, tally in zip(days, tallies, strict=True)},
        sessions_by_day={day: tally.sessions for day, tally in zip(days, tallies, strict=True)},
        active_users_by_day={day: len(tally.users) for day, tally in zip(days, tallies, strict=True)},
        active_users=len(np.unique(np.concatenate([tally.users for tally in tallies]))),
        views_by_day={day: sum(tally.views.values()) for day, tally in zip(days, tallies, strict=True)},
        reads_by_day={day: tally.reads for day, tally in zip(days, tallies, strict=True)},
        views_by_article={str(article): count for article, count in views.most_common(50)},
        retention_by_day=_retention(company, last, tallies),
        campaigns_by_day={day: _campaigns(tally) for day, tally in zip(days, tallies, strict=True)},
        revenue_by_day=_revenue(company, booked),
        refunds_jpy=exact(int(-booked.amount[booked.kind == 2].sum()), 4),
        failing_campaign=FAILING_CAMPAIGN,
        network_revenue_usd=exact(sum(network), 6),
        acquisition_cost_jpy=_sums(((row.channel, row.cost) for row in spend), 2),
        acquired_users=_acquired(company, last),
        **_value_by_channel(company, last, clicks, booked),
        users=len(people),
        deleted_users=int((people.deleted < end).sum()),
        premium_users=int(((people.premium_from < end) & (people.premium_until >= end)).sum()),
        withdrawn_articles=int((articles.withdrawn < end).sum()),
        articles=int((articles.withdrawn >= end).sum()),
        experiment=_experiment(company, last, tallies),
        deals={stage: [sum(deal.stage == stage for deal in newest), _amount(newest, stage)] for stage in STAGES},
        won_by_rep={rep: sum(d.amount_jpy for d in newest if d.stage == "won" and d.rep == rep) for rep in REPS},
        sales_target_jpy=sum(target_of(company.first_day.replace(day=1), rep) for rep in REPS),
        outage_day=str(company.calendar(company.outage)),
        drift_day=str(company.calendar(company.drift)),
        lines={file: count for tally in tallies for file, count in tally.written.lines.items()},
        rejects={file: count for tally in tallies for file, count in tally.written.rejects.items()}
        | {f"sales/{file}": count for file, count in rejects.items()},
    )


def _amount(deals: Iterable[Any], stage: str) -> int:
    return sum(deal.amount_jpy for deal in deals if deal.stage == stage)


def _campaigns(tally: Tally) -> dict[str, list[int]]:
    table = np.stack((tally.impressions, tally.clicks, tally.conversions), axis=1)
    return {str(number + 1): row for number, row in enumerate(table.tolist()) if any(row)}


def _sums(pairs: Iterable[tuple[str, int]], digits: int) -> dict[str, str]:
    totals: dict[str, int] = defaultdict(int)
    for name, amount in pairs:
        totals[name] += amount
    return {name: exact(amount, digits) for name, amount in sorted(totals.items())}


def _day(company: Company, moment: int) -> str:
    return str(company.calendar((moment - company.midnight(0)) // DAY_MS))


def _revenue(company: Company, booked: Transactions) -> dict[str, dict[str, str]]:
    totals: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    columns = (booked.created, booked.campaign, booked.amount, booked.void)
    for created, campaign, amount, void in zip(*(column.tolist() for column in columns), strict=True):
        if not void:
            totals[_day(company, created)][str(campaign)] += amount
    return {day: {name: exact(amount, 4) for name, amount in row.items()} for day, row in sorted(totals.items())}


def _acquired(company: Company, last: int) -> dict[str, int]:
    people = people_until(company, last)
    came = np.bincount(people.channel[people.signed_up >= company.midnight(0)], minlength=len(CHANNELS))
    return {channel[0]: int(count) for channel, count in zip(CHANNELS, came, strict=True)}


def _value_by_channel(company: Company, last: int, clicks: Clicks, booked: Transactions) -> dict[str, dict[str, str]]:
    people, paid = people_until(company, last), payments_until(company, last)
    names = [channel[0] for channel in CHANNELS]
    net = np.where(paid.disputed == 1, 0, PRICE_JPY - paid.refunded_jpy) * 100
    channels = [names[number] for number in people.channel[paid.user - 1]]
    counted = (booked.click >= 0) & (booked.void == 0)
    clicked = [names[number] for number in people.channel[clicks.user[booked.click[counted]] - 1]]
    days = [_day(company, moment) for moment in paid.paid_at.tolist()]
    return {
        "payments_jpy": _sums(zip(channels, net.tolist(), strict=True), 2),
        "payments_by_day": _sums(zip(days, net.tolist(), strict=True), 2),
        "click_revenue_jpy": _sums(zip(clicked, booked.amount[counted].tolist(), strict=True), 4),
    }


def _retention(company: Company, last: int, tallies: Sequence[Tally]) -> dict[str, dict[str, int]]:
    """Of those who signed up on a day: how many, and how many were active 1 and 7 days later."""
    people = people_until(company, last)
    signup = (people.signed_up - company.midnight(0)) // DAY_MS
    active: dict[int, Ints] = {tally.day: tally.users for tally in tallies}
    cohorts = {}
    for day in range(last + 1):
        cohort = people.ids[signup == day]
        if not len(cohort):
            continue
        row = {"size": len(cohort)}
        for later in (1, 7):
            if day + later in active:
                row[f"day_{later}"] = len(np.intersect1d(cohort, active[day + later]))
        cohorts[str(company.calendar(day))] = row
    return cohorts


def _experiment(company: Company, last: int, tallies: Sequence[Tally]) -> dict[str, Any]:
    first, final = company.experiment
    sides = {}
    for number, name in enumerate(READ_RATE):
        parts = [tally.experiment[number] for tally in tallies]
        users = np.unique(np.concatenate([part.users for part in parts]))
        views, reads = sum(part.views for part in parts), sum(part.reads for part in parts)
        sides[name] = {"users": len(users), "views": views, "reads": reads}
    return {
        "name": EXPERIMENT,
        "first_day": str(company.calendar(first)),
        "last_day": str(company.calendar(min(final, last))),
        "true_lift": round(READ_RATE["treatment"] / READ_RATE["control"] - 1, 6),
        "variants": sides,
    }
