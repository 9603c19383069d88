"""The campaigns of the sample company: when they run, how well they do, what they cost."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from local_dev.sample.story import FAILING_CAMPAIGN, Company, Floats, Ints, power_law

CAMPAIGNS = 32
CREATIVES = 3
OBJECTIVES = ("awareness", "traffic", "sales")
OPEN_END = 1_000_000


@dataclass(frozen=True)
class Campaigns:
    """Columns by id (1, 2, ..). `starts` and `ends` are day numbers; `weight` is the share of impressions."""

    advertiser: Ints
    objective: Ints
    starts: Ints
    ends: Ints
    weight: Floats
    click_rate: Floats
    buy_rate: Floats
    click_jpy: Floats
    thousand_jpy: Floats

    def running(self, day: int) -> Floats:
        """The share of impressions that each campaign gets on a day."""
        return np.where((self.starts <= day) & (day <= self.ends), self.weight, 0.0)


@lru_cache(maxsize=4)
def campaigns_of(company: Company) -> Campaigns:
    """All campaigns that ever run; a third of them has no last day."""
    random = company.random("campaigns")
    starts = random.integers(-12, max(1, company.days - 3), CAMPAIGNS)
    ends = starts + random.integers(4, 25, CAMPAIGNS)
    starts[::3], ends[::3] = -20, OPEN_END
    failing = FAILING_CAMPAIGN - 1
    starts[failing], ends[failing] = company.failure, company.failure + 2
    objective = random.choice(3, CAMPAIGNS, p=[0.25, 0.4, 0.35])
    weight = power_law(random, CAMPAIGNS, 1.2)
    buy_rate = np.where(objective == 2, 0.11, 0.04) * random.uniform(0.6, 1.4, CAMPAIGNS)
    objective[failing], weight[failing], buy_rate[failing] = 1, np.sort(weight)[-2], 0.0
    click_rate, click_jpy = random.uniform(0.012, 0.06, CAMPAIGNS), random.uniform(12.0, 90.0, CAMPAIGNS)
    click_rate[failing], click_jpy[failing] = 0.055, 88.0
    return Campaigns(
        advertiser=random.integers(1, 16, CAMPAIGNS),
        objective=objective,
        starts=starts,
        ends=ends,
        weight=weight,
        click_rate=click_rate,
        buy_rate=buy_rate,
        click_jpy=click_jpy,
        thousand_jpy=random.uniform(180.0, 650.0, CAMPAIGNS),
    )
