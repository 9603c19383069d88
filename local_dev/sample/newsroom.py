"""The articles and authors of the sample company. An article never changes with later days, but may be withdrawn."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from local_dev.sample.story import DAY_MS, HISTORY_DAYS, NEVER, Company, Floats, Ints, choose, power_law

SECTION_SHARES = np.array([14.0, 13.0, 12.0, 22.0, 15.0, 14.0, 10.0])
_HOURS = np.array([1, 1, 1, 1, 2, 5, 8, 8, 7, 6, 6, 7, 8, 6, 5, 5, 6, 7, 7, 6, 5, 4, 3, 2], dtype=np.float64)


@dataclass(frozen=True)
class Articles:
    """Columns over all articles until a day, by id (1, 2, ..). `withdrawn` ones vanish from the database."""

    published: Ints
    section: Ints
    author: Ints
    popularity: Floats
    premium: Ints
    english: Ints
    word_count: Ints
    withdrawn: Ints

    def __len__(self) -> int:
        return len(self.published)


def authors_of(company: Company) -> int:
    """The number of authors."""
    return 12 + company.users // 5_000


def articles_a_day(company: Company) -> int:
    """How many articles appear on an ordinary day."""
    return int(np.clip(company.users // 200, 8, 120))


@lru_cache(maxsize=4)
def articles_until(company: Company, last: int) -> Articles:
    """Every article that was published on the day with number `last` or before."""
    blocks = [_block(company, day) for day in range(-HISTORY_DAYS // 4, last + 1)]
    return Articles(*(np.concatenate(columns) for columns in zip(*blocks, strict=True)))


@lru_cache(maxsize=1_024)
def _block(company: Company, day: int) -> tuple[Ints, Ints, Ints, Floats, Ints, Ints, Ints, Ints]:
    random = company.random("articles", day)
    size = articles_a_day(company)
    hours = choose(random, _HOURS, size) * 3_600_000
    published = np.sort(company.midnight(day) + hours + random.integers(0, 3_600_000, size))
    section = choose(random, SECTION_SHARES, size)
    agency = random.random(size) < 0.15
    author = np.where(
        agency, 0, choose(random, power_law(company.random("authors"), authors_of(company), 1.5), size) + 1
    )
    popularity = power_law(random, size, 1.1)
    premium = (random.random(size) < 0.18).astype(np.int64)
    english = (random.random(size) < 0.2).astype(np.int64)
    words = random.lognormal(6.5, 0.5, size).astype(np.int64) + 80
    gone = random.random(size) < 0.015
    withdrawn = np.where(gone, published + random.integers(DAY_MS, 5 * DAY_MS, size), NEVER)
    return published, section, author, popularity, premium, english, words, withdrawn


def demand(company: Company, articles: Articles, day: int) -> Floats:
    """How likely each article is opened on a day: news is read when new, a few pieces are read for weeks."""
    age = (company.midnight(day) + DAY_MS // 2 - articles.published) / DAY_MS
    fresh = np.exp(-np.maximum(age, 0.0) / 1.2) + 0.004
    there = articles.withdrawn > company.midnight(day)
    return np.where(there, articles.popularity * fresh, 0.0)
