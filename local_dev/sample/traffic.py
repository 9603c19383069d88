"""One day of what people do in the app and what the ad server logs, as columns; nothing is written here.

A day's events happened on that day in JST; some arrive up to two days later, and some arrive twice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from local_dev.sample.advertising import CREATIVES, campaigns_of
from local_dev.sample.newsroom import articles_until, demand
from local_dev.sample.people import people_until, presence
from local_dev.sample.story import DAY_MS, LATEST_DAYS, READ_RATE, Company, Floats, Ints, choose

EVENTS = ("open_app", "view_feed", "view_article", "read_article", "share_article", "search")
OPEN_APP, VIEW_FEED, VIEW_ARTICLE, READ_ARTICLE, SHARE_ARTICLE, SEARCH = range(6)
SLOTS = ("feed", "article", "video")
FEED_LENGTH = 5
ACTIVITY_SHARE = 0.72
IMPRESSION_SHARE = 0.27
SESSION_EVENTS = 7.0
LONGEST_SESSION = 40
_HOURS = np.array([8, 4, 2, 1, 1, 3, 9, 22, 26, 14, 10, 11, 24, 18, 10, 9, 10, 14, 22, 24, 25, 28, 26, 16], dtype=float)
_CLICK_SLOT = np.array([1.0, 0.7, 1.6])


@dataclass(frozen=True)
class Arrivals:
    """When the lines of a table arrive: `row` is the event's position, `day` the day whose folder receives it.

    The first arrival of an event is never after its duplicate's.
    """

    row: Ints
    day: Ints
    received: Ints

    def first_day(self, events: int) -> Ints:
        """The day on which each event first arrived."""
        first = np.full(events, 1 << 40, dtype=np.int64)
        np.minimum.at(first, self.row, self.day)
        return first


@dataclass(frozen=True)
class Activity:
    """`article` is 0 and `read_ms` -1 where there is none; `feed` holds a row of articles per event."""

    event_id: Ints
    event: Ints
    user: Ints
    occurred: Ints
    article: Ints
    read_ms: Ints
    query: Ints
    feed: Ints
    arrivals: Arrivals


@dataclass(frozen=True)
class Impressions:
    """`article` is 0 in the feed."""

    event_id: Ints
    user: Ints
    occurred: Ints
    campaign: Ints
    creative: Ints
    article: Ints
    slot: Ints
    bidders: Ints
    price_jpy: Floats
    viewable_ms: Ints
    arrivals: Arrivals


@dataclass(frozen=True)
class AdClicks:
    """`impression` is the event_id of the impression."""

    event_id: Ints
    impression: Ints
    user: Ints
    occurred: Ints
    campaign: Ints
    creative: Ints
    valid: Ints
    price_jpy: Floats
    arrivals: Arrivals


@dataclass(frozen=True)
class Conversions:
    """`click` is the event_id of the click; `value` counts hundredths of a yen."""

    event_id: Ints
    click: Ints
    user: Ints
    occurred: Ints
    campaign: Ints
    kind: Ints
    value: Ints
    items: Ints
    arrivals: Arrivals


@dataclass(frozen=True)
class Traffic:
    """One day."""

    activity: Activity
    impressions: Impressions
    clicks: AdClicks
    conversions: Conversions


def traffic_of(company: Company, day: int) -> Traffic:
    """Everything that happened on a day; depends on the seed, the size and the day only."""
    activity = _activity(company, day)
    impressions = _impressions(company, day, activity)
    clicks = _clicks(company, day, impressions)
    return Traffic(activity, impressions, clicks, _conversions(company, day, clicks))


def event_ids(random: np.random.Generator, size: int) -> Ints:
    """Numbers of 63 bits: the same one twice is less likely than a broken disk."""
    return random.integers(0, (1 << 63) - 1, size)


def _activity(company: Company, day: int) -> Activity:
    random = company.random("activity", day)
    people = people_until(company, day)
    total = max(2, round(company.events_of(day) * ACTIVITY_SHARE))
    many = 2 * int(total / SESSION_EVENTS) + 20
    lengths = np.minimum(random.geometric(1 / (SESSION_EVENTS - 2), many) + 1, LONGEST_SESSION)
    sessions = int(np.searchsorted(np.cumsum(lengths), total)) + 1
    lengths = lengths[:sessions]
    lengths[-1] -= int(lengths.sum()) - total
    user_of = choose(random, presence(company, people, day), sessions) + 1
    session = np.repeat(np.arange(sessions), lengths)
    user = user_of[session]
    position = np.arange(total) - (np.cumsum(lengths) - lengths)[session]
    read_ms = random.lognormal(10.6, 0.8, total).astype(np.int64)
    event = _sequence(company, day, random, position, user)
    # Nobody comes before the account is made.
    earliest = np.maximum(people.signed_up[user_of - 1] - company.midnight(day) + 1, 0)
    reading = np.where(event == READ_ARTICLE, np.minimum(read_ms, 600_000), 0)
    occurred = company.midnight(day) + _moments(random, lengths, earliest, reading)
    article, feed = _articles(company, day, random, event, occurred)
    return Activity(
        event_id=event_ids(random, total),
        event=event,
        user=user,
        occurred=occurred,
        article=article,
        read_ms=np.where(event == READ_ARTICLE, read_ms, -1),
        query=random.integers(0, 1_000, total),
        feed=feed,
        arrivals=_arrivals(company, random, day, occurred),
    )


def _moments(random: np.random.Generator, lengths: Ints, earliest: Ints, reading: Ints) -> Ints:
    """When each event happened, in milliseconds of the day: sessions begin at busy hours and end before midnight."""
    sessions, total = len(lengths), len(reading)
    last = np.cumsum(lengths) - 1
    first = last - lengths + 1
    session = np.repeat(np.arange(sessions), lengths)
    gaps = random.exponential(38_000.0, total) + 400.0 + reading
    gaps[first] = 0.0
    elapsed = np.cumsum(gaps)
    elapsed -= elapsed[first][session]
    started = choose(random, _HOURS, sessions) * 3_600_000 + random.integers(0, 3_600_000, sessions)
    overrun = np.maximum(elapsed[last] + started - (DAY_MS - 1_000), 0).astype(np.int64)
    started = np.maximum(started - overrun, earliest)
    moments: Ints = np.minimum(started[session] + elapsed.astype(np.int64), DAY_MS - 1)
    return moments


def _articles(
    company: Company, day: int, random: np.random.Generator, event: Ints, occurred: Ints
) -> tuple[Ints, Ints]:
    """The article of each event, and the articles of each feed: only such as were published by then."""
    articles = articles_until(company, day)
    wants = demand(company, articles, day)
    before = np.where(articles.published < company.midnight(day), wants, 0.0)

    def chosen(moments: Ints) -> Ints:
        wanted, older = choose(random, wants, len(moments)), choose(random, before, len(moments))
        return np.where(articles.published[wanted] <= moments, wanted, older) + 1

    article = np.where(event == VIEW_ARTICLE, chosen(occurred), 0)
    follows = (event == READ_ARTICLE) | (event == SHARE_ARTICLE)
    source = np.maximum.accumulate(np.where(event == VIEW_ARTICLE, np.arange(len(event)), 0))
    article = np.where(follows, article[source], article)
    feed = np.zeros((len(event), FEED_LENGTH), dtype=np.int64)
    feeds = event == VIEW_FEED
    feed[feeds] = chosen(np.repeat(occurred[feeds], FEED_LENGTH)).reshape(-1, FEED_LENGTH)
    return article, feed


def _sequence(company: Company, day: int, random: np.random.Generator, position: Ints, user: Ints) -> Ints:
    """A session opens the app and sees the feed; an article that was viewed may be read, and then shared."""
    variant = variants_on(company, day, user)
    rate = np.where(variant == 1, READ_RATE["treatment"], READ_RATE["control"])
    dice, more = random.random(len(position)), random.random(len(position))
    free = np.select([dice < 0.78, dice < 0.94], [VIEW_ARTICLE, VIEW_FEED], SEARCH)
    event = np.where(position == 0, OPEN_APP, np.where(position == 1, VIEW_FEED, free))
    for step in range(2, int(position.max(initial=0)) + 1):
        here = np.flatnonzero(position == step)
        before = event[here - 1]
        read = (before == VIEW_ARTICLE) & (more[here] < rate[here])
        share = (before == READ_ARTICLE) & (more[here] < 0.06)
        event[here] = np.where(read, READ_ARTICLE, np.where(share, SHARE_ARTICLE, event[here]))
    return event.astype(np.int64)


def variants_on(company: Company, day: int, users: Ints) -> Ints:
    """0 control, 1 treatment; -1 outside the experiment, that is on other days and for a fifth of the users."""
    first, last = company.experiment
    if not first <= day <= last:
        return np.full(len(users), -1, dtype=np.int64)
    variant = people_until(company, day).variant[users - 1]
    return np.where(users % 5 == 0, -1, variant)


def _arrivals(company: Company, random: np.random.Generator, day: int, occurred: Ints) -> Arrivals:
    """2 % of the events arrive a day or two late, 1 % arrive twice, a tenth of these a day apart."""
    size = len(occurred)
    dice = random.random(size)
    late = np.select([dice < 0.005, dice < 0.02], [2, 1], 0).astype(np.int64)
    lag = random.exponential(4_000.0, size).astype(np.int64) + 150
    midnight = company.midnight(day)
    offline = midnight + late * DAY_MS + random.integers(0, DAY_MS, size)
    received = np.where(late > 0, offline, np.minimum(occurred + lag, midnight + DAY_MS - 1))
    twice = np.flatnonzero(random.random(size) < 0.01)
    later = ((random.random(len(twice)) < 0.1) & (late[twice] < LATEST_DAYS)).astype(np.int64)
    again = received[twice] + random.integers(1, 90_000, len(twice)) + later * DAY_MS
    again = np.minimum(again, midnight + (late[twice] + later + 1) * DAY_MS - 1)
    return Arrivals(
        row=np.concatenate((np.arange(size), twice)),
        day=day + np.concatenate((late, late[twice] + later)),
        received=np.concatenate((received, again)),
    )


def _impressions(company: Company, day: int, activity: Activity) -> Impressions:
    random = company.random("impressions", day)
    campaigns = campaigns_of(company)
    total = max(1, round(company.events_of(day) * IMPRESSION_SHARE))
    places = np.flatnonzero((activity.event == VIEW_FEED) | (activity.event == VIEW_ARTICLE))
    place = np.sort(places[random.integers(0, len(places), total)])
    campaign = choose(random, campaigns.running(day), total)
    in_feed = activity.event[place] == VIEW_FEED
    slot = np.where(in_feed, 0, 1 + (random.random(total) < 0.2))
    end = company.midnight(day + 1) - 1
    occurred = np.minimum(activity.occurred[place] + random.integers(100, 9_000, total), end)
    return Impressions(
        event_id=event_ids(random, total),
        user=activity.user[place],
        occurred=occurred,
        campaign=campaign + 1,
        creative=(campaign + 1) * 10 + random.integers(1, CREATIVES + 1, total),
        article=activity.article[place],
        slot=slot.astype(np.int64),
        bidders=random.poisson(3.0, total) + 1,
        price_jpy=campaigns.click_jpy[campaign] * random.lognormal(0.0, 0.35, total),
        viewable_ms=(random.exponential(2_200.0, total)).astype(np.int64),
        arrivals=_arrivals(company, random, day, occurred),
    )


def _clicks(company: Company, day: int, shown: Impressions) -> AdClicks:
    random = company.random("clicks", day)
    rate = campaigns_of(company).click_rate[shown.campaign - 1] * _CLICK_SLOT[shown.slot]
    rows = np.flatnonzero(random.random(len(rate)) < rate)
    end = company.midnight(day + 1) - 1
    occurred = np.minimum(shown.occurred[rows] + random.integers(300, 20_000, len(rows)), end)
    return AdClicks(
        event_id=event_ids(random, len(rows)),
        impression=shown.event_id[rows],
        user=shown.user[rows],
        occurred=occurred,
        campaign=shown.campaign[rows],
        creative=shown.creative[rows],
        valid=(random.random(len(rows)) < 0.97).astype(np.int64),
        price_jpy=shown.price_jpy[rows],
        arrivals=_arrivals(company, random, day, occurred),
    )


def _conversions(company: Company, day: int, clicks: AdClicks) -> Conversions:
    random = company.random("conversions", day)
    rate = campaigns_of(company).buy_rate[clicks.campaign - 1] * clicks.valid
    rows = np.flatnonzero(random.random(len(rate)) < rate)
    end = company.midnight(day + 1) - 1
    wait = random.exponential(1_500_000.0, len(rows)).astype(np.int64) + 5_000
    occurred = np.minimum(clicks.occurred[rows] + wait, end)
    kind = random.choice(3, len(rows), p=[0.4, 0.45, 0.15])
    value = np.where(
        kind == 1, np.rint(random.lognormal(8.2, 0.7, len(rows))) * 100, np.where(kind == 0, 30_000, 12_000)
    )
    return Conversions(
        event_id=event_ids(random, len(rows)),
        click=clicks.event_id[rows],
        user=clicks.user[rows],
        occurred=occurred,
        campaign=clicks.campaign[rows],
        kind=kind.astype(np.int64),
        value=value.astype(np.int64),
        items=np.where(kind == 1, random.integers(1, 4, len(rows)), 0),
        arrivals=_arrivals(company, random, day, occurred),
    )
