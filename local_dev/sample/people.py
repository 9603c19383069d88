"""The users of the sample company: when they came and left, what they pay. A user never changes with later days."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from local_dev.sample.story import DAY_MS, HISTORY_DAYS, NEVER, Company, Floats, Ints, choose, power_law

CHANNEL_SHARES = np.array([38.0, 22.0, 14.0, 8.0, 12.0, 6.0])
CHANNEL_ACTIVITY = np.array([1.0, 1.1, 0.7, 0.5, 1.5, 0.8])
CHANNEL_PREMIUM = np.array([0.06, 0.07, 0.03, 0.01, 0.12, 0.04])
"""How likely a user of the channel becomes a premium reader: what makes channels differ in lifetime value."""
MONTH_MS = 30 * DAY_MS
PRICE_JPY = 980


@dataclass(frozen=True)
class People:
    """Columns over all users who signed up until a day, by id (1, 2, ..), which is also the order of signing up.

    `weight` is how often a user opens the app. Times that never come are NEVER.
    """

    signed_up: Ints
    channel: Ints
    weight: Floats
    premium_from: Ints
    premium_until: Ints
    deleted: Ints
    variant: Ints

    def __len__(self) -> int:
        return len(self.signed_up)

    @property
    def ids(self) -> Ints:
        """1, 2, 3, .."""
        return np.arange(1, len(self) + 1, dtype=np.int64)


@dataclass(frozen=True)
class Payments:
    """Columns over all payments until a day, in order of payment; `refunded_at` is NEVER unless some was paid back."""

    user: Ints
    paid_at: Ints
    method: Ints
    refunded_at: Ints
    refunded_jpy: Ints
    disputed: Ints


@lru_cache(maxsize=4)
def people_until(company: Company, last: int) -> People:
    """Everybody who signed up on the day with number `last` or before."""
    past = max(1, company.users - sum(company.new_users(day) for day in range(company.days)))
    blocks = [_block(company, -1, past)] + [_block(company, day, company.new_users(day)) for day in range(last + 1)]
    return People(*(np.concatenate(columns) for columns in zip(*blocks, strict=True)))


@lru_cache(maxsize=1_024)
def _block(company: Company, day: int, size: int) -> tuple[Ints, Ints, Floats, Ints, Ints, Ints, Ints]:
    """The users of one day; day -1 stands for the whole history."""
    random = company.random("people", day)
    if day < 0:
        start, span = company.midnight(-HISTORY_DAYS), HISTORY_DAYS * DAY_MS
    else:
        start, span = company.midnight(day), DAY_MS
    signed_up = np.sort(start + (random.random(size) * span).astype(np.int64))
    channel = choose(random, CHANNEL_SHARES, size)
    weight = power_law(random, size, 1.3) * CHANNEL_ACTIVITY[channel]
    waits = (random.exponential(9 * DAY_MS, size)).astype(np.int64) + 60_000
    premium = random.random(size) < CHANNEL_PREMIUM[channel]
    premium_from = np.where(premium, signed_up + waits, NEVER)
    stays = random.exponential(110 * DAY_MS, size).astype(np.int64) + DAY_MS
    leaves = random.random(size) < 0.06
    deleted = np.where(leaves, signed_up + random.exponential(25 * DAY_MS, size).astype(np.int64) + 3_600_000, NEVER)
    premium_from = np.where(premium_from < deleted, premium_from, NEVER)
    premium_until = np.where(premium, np.minimum(np.minimum(premium_from + stays, deleted), NEVER), NEVER)
    variant = random.integers(0, 2, size)
    return signed_up, channel, weight, premium_from, premium_until, deleted, variant


def presence(company: Company, people: People, day: int) -> Floats:
    """How likely each user opens the app on a day: people come often at first, then less, and not after leaving."""
    end = company.midnight(day + 1)
    age = (end - people.signed_up) / DAY_MS
    fading = 0.35 + 0.65 * np.exp(-age / 12.0)
    newcomers = np.where(age <= 1.0, 4.0, 1.0)
    present = (people.signed_up < end) & (people.deleted >= end)
    return np.where(present, people.weight * fading * newcomers, 0.0)


def payments_until(company: Company, last: int) -> Payments:
    """Every monthly payment of a premium reader until the end of a day, and what was paid back by then."""
    people, end = people_until(company, last), company.midnight(last + 1)
    users, times, serials = [], [], []
    for month in range((HISTORY_DAYS + last) // 30 + 2):
        paid_at = people.premium_from + month * MONTH_MS
        pays = (paid_at < people.premium_until) & (paid_at < end)
        users.append(people.ids[pays])
        times.append(paid_at[pays])
        serials.append(np.full(int(pays.sum()), month, dtype=np.int64))
    user, paid_at, month_of = np.concatenate(users), np.concatenate(times), np.concatenate(serials)
    order = np.lexsort((user, paid_at))
    user, paid_at, month_of = user[order], paid_at[order], month_of[order]
    # What becomes of a payment is drawn from its own number, so that later days do not change it.
    chance = company.chance(user * 1_000 + month_of)
    wait = (1 + (chance * 1e6).astype(np.int64) % 6) * DAY_MS
    refunded_at = np.where(chance < 0.05, paid_at + wait, NEVER)
    refunded_at = np.where(refunded_at < end, refunded_at, NEVER)
    refunded = np.where(refunded_at < NEVER, np.where(chance < 0.015, PRICE_JPY // 2, PRICE_JPY), 0)
    disputed = ((chance >= 0.05) & (chance < 0.053)).astype(np.int64)
    return Payments(user, paid_at, (chance * 1e5).astype(np.int64) % 3, refunded_at, refunded, disputed)
