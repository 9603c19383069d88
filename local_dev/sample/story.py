"""Who the sample company is, and what happens to it on which day. Everything else is drawn from here.

Times are milliseconds since 1970 in UTC; days are counted from the first one (0) in the company's calendar, JST.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from zlib import crc32

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

DAY_MS = 86_400_000
JST_MS = 9 * 3_600_000
NEVER = 1 << 60
HISTORY_DAYS = 60
"""How long before the first day the oldest users, articles and payments are."""
LATEST_DAYS = 2
"""A log line arrives at most this many days after it happened."""
EXPERIMENT = "feed_ranking"
READ_RATE = {"control": 0.40, "treatment": 0.46}
"""How likely a viewed article is read to the end: the effect that the experiment should find."""
FAILING_CAMPAIGN = 7
_WEEK = (1.04, 1.0, 1.0, 1.02, 1.06, 0.86, 0.80)


@dataclass(frozen=True)
class Company:
    """Equal companies have equal data, to the byte.

    `events` counts what people do in the app and what the ad server logs, over the first `days`; reached within 2 %.
    """

    seed: int = 1
    users: int = 5_000
    days: int = 30
    events: int = 200_000
    first_day: date = date(2024, 4, 1)

    def random(self, topic: str, day: int = 0) -> np.random.Generator:
        """An independent stream of random numbers per topic and day, so that a day never depends on other days."""
        return np.random.default_rng([self.seed, crc32(topic.encode()), day + 100_000])

    def calendar(self, day: int) -> date:
        """The calendar day of a day's number."""
        return self.first_day + timedelta(days=day)

    def number(self, day: date) -> int:
        """The day's number."""
        return (day - self.first_day).days

    def midnight(self, day: int) -> int:
        """When the company's calendar day begins, in milliseconds UTC."""
        return (self.calendar(day) - date(1970, 1, 1)).days * DAY_MS - JST_MS

    def chance(self, numbers: Ints) -> Floats:
        """A number from 0 to 1 for each given number, that depends on it and the seed only (splitmix64)."""
        mixed = numbers.astype(np.uint64) + np.uint64((self.seed * 0x9E3779B97F4A7C15) % (1 << 64))
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
        mixed ^= mixed >> np.uint64(31)
        return (mixed >> np.uint64(11)).astype(np.float64) / float(1 << 53)

    def rhythm(self, day: int) -> float:
        """How busy a day is: weekends are quiet, the app grows slowly, one day had an outage."""
        outage = 0.45 if day == self.outage else 1.0
        return _WEEK[self.calendar(day).weekday()] * (1 + 0.004 * day) * outage

    def events_of(self, day: int) -> float:
        """The events of one day; further days go on at the same pace."""
        return self.events * self.rhythm(day) / _busyness(self)

    def new_users(self, day: int) -> int:
        """How many people sign up on a day: 3 in 10 of all users come during the first `days`."""
        pace = 0.3 * self.users / _openness(self, self.days)
        return round(pace * _openness(self, day + 1)) - round(pace * _openness(self, day))

    @property
    def outage(self) -> int:
        """The day on which the app was down for hours."""
        return int(self.days * 0.7)

    @property
    def drift(self) -> int:
        """From this day on the app's logs carry a new nested field, `network`."""
        return self.days // 2

    @property
    def experiment(self) -> tuple[int, int]:
        """First and last day of the experiment."""
        return int(self.days * 0.3), int(self.days * 0.8)

    @property
    def failure(self) -> int:
        """The day on which the failing campaign starts; two days later it is paused and all of it is paid back."""
        return int(self.days * 0.4)


@lru_cache(maxsize=64)
def _busyness(company: Company) -> float:
    """The rhythm of all of the first days together."""
    return sum(company.rhythm(day) for day in range(company.days))


@lru_cache(maxsize=4_096)
def _openness(company: Company, day: int) -> float:
    """How many ordinary days' worth of sign-ups there are before a day."""
    return _openness(company, day - 1) + _WEEK[company.calendar(day - 1).weekday()] if day else 0.0


def power_law(random: np.random.Generator, size: int, exponent: float) -> Floats:
    """Weights of which few are large: Pareto's law, cut at a thousand."""
    return np.minimum(random.pareto(exponent, size) + 1.0, 1_000.0)


def choose(random: np.random.Generator, weights: Floats, size: int) -> Ints:
    """`size` indexes, drawn with replacement in proportion to the weights."""
    total = np.cumsum(weights)
    chosen: Ints = np.searchsorted(total, random.random(size) * total[-1], side="right").astype(np.int64)
    return chosen
