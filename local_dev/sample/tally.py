"""What the generator knows of one day without reading any file: the counts that `truth.py` adds up.

Only events whose first line has arrived by `last` count, each once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from local_dev.sample.advertising import CAMPAIGNS
from local_dev.sample.billing import Clicks
from local_dev.sample.logfiles import Written
from local_dev.sample.story import LATEST_DAYS, Company, Ints
from local_dev.sample.traffic import READ_ARTICLE, VIEW_ARTICLE, Activity, AdClicks, Arrivals, Traffic, variants_on

Mask = npt.NDArray[np.bool_]
SESSION_GAP_MS = 30 * 60_000


@dataclass(frozen=True)
class Variant:
    """One side of the experiment on one day: who came, how many articles were viewed and read to the end."""

    users: Ints
    views: int
    reads: int


@dataclass(frozen=True)
class Tally:
    """Arrays by campaign have one place per campaign; `shown` one row per day of arrival, from the day on."""

    day: int
    activity: int
    sessions: int
    users: Ints
    views: Mapping[int, int]
    reads: int
    impressions: Ints
    clicks: Ints
    conversions: Ints
    shown: Ints
    billable: Clicks
    experiment: tuple[Variant, Variant]
    written: Written


def tally(company: Company, day: int, last: int, traffic: Traffic, written: Written) -> Tally:
    """Count a day as it is known at the end of the day `last`."""
    seen = _arrived(traffic.activity.arrivals, len(traffic.activity.event_id), last)
    activity = traffic.activity
    viewed = seen & (activity.event == VIEW_ARTICLE)
    articles, views = np.unique(activity.article[viewed], return_counts=True)
    impressions, clicks, conversions = traffic.impressions, traffic.clicks, traffic.conversions
    return Tally(
        day=day,
        activity=int(seen.sum()),
        sessions=_sessions(activity, seen),
        users=np.unique(activity.user[seen]),
        views=dict(zip(articles.tolist(), views.tolist(), strict=True)),
        reads=int((seen & (activity.event == READ_ARTICLE)).sum()),
        impressions=_by_campaign(impressions.campaign, _arrived(impressions.arrivals, len(impressions.user), last)),
        clicks=_by_campaign(clicks.campaign, _arrived(clicks.arrivals, len(clicks.user), last) & (clicks.valid == 1)),
        conversions=_by_campaign(conversions.campaign, _arrived(conversions.arrivals, len(conversions.user), last)),
        shown=_shown(day, impressions.arrivals, impressions.campaign),
        billable=_billable(clicks, last),
        experiment=_experiment(company, day, activity, seen),
        written=written,
    )


def _arrived(arrivals: Arrivals, events: int, last: int) -> Mask:
    arrived: Mask = arrivals.first_day(events) <= last
    return arrived


def _by_campaign(campaign: Ints, counted: Mask) -> Ints:
    return np.bincount(campaign[counted] - 1, minlength=CAMPAIGNS).astype(np.int64)


def _sessions(activity: Activity, seen: Mask) -> int:
    """A user's events of a day with no pause of half an hour are one session; a day's end ends it."""
    user, occurred = activity.user[seen], activity.occurred[seen]
    order = np.lexsort((occurred, user))
    user, occurred = user[order], occurred[order]
    starts = (np.diff(user) != 0) | (np.diff(occurred) >= SESSION_GAP_MS)
    return int(starts.sum()) + (1 if len(user) else 0)


def _shown(day: int, arrivals: Arrivals, campaign: Ints) -> Ints:
    first = arrivals.first_day(len(campaign))
    shown = np.zeros((LATEST_DAYS + 1, CAMPAIGNS), dtype=np.int64)
    np.add.at(shown, (first - day, campaign - 1), 1)
    return shown


def _billable(clicks: AdClicks, last: int) -> Clicks:
    received = np.full(len(clicks.event_id), 1 << 60, dtype=np.int64)
    np.minimum.at(received, clicks.arrivals.row, clicks.arrivals.received)
    chosen = _arrived(clicks.arrivals, len(received), last) & (clicks.valid == 1)
    return Clicks(
        clicks.event_id[chosen],
        clicks.campaign[chosen],
        clicks.user[chosen],
        received[chosen],
        clicks.price_jpy[chosen],
    )


def _experiment(company: Company, day: int, activity: Activity, seen: Mask) -> tuple[Variant, Variant]:
    variant = np.where(seen, variants_on(company, day, activity.user), -1)
    viewed, read = activity.event == VIEW_ARTICLE, activity.event == READ_ARTICLE
    sides = [variant == number for number in (0, 1)]
    first, second = (
        Variant(np.unique(activity.user[side]), int((side & viewed).sum()), int((side & read).sum())) for side in sides
    )
    return first, second
