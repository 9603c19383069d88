"""The rows of the content and the ads database, as files that PostgreSQL's COPY reads; `postgres.py` loads them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import numpy as np

from local_dev.sample.advertising import CREATIVES, OBJECTIVES, OPEN_END, campaigns_of
from local_dev.sample.billing import KINDS, Clicks, Transactions
from local_dev.sample.newsroom import articles_until, authors_of
from local_dev.sample.people import PRICE_JPY, payments_until, people_until
from local_dev.sample.story import FAILING_CAMPAIGN, NEVER, Company, Ints
from local_dev.sample.words import (
    CAMPAIGN_THEMES,
    CHANNELS,
    COMPANIES,
    FAMILY_NAMES,
    GIVEN_NAMES,
    INDUSTRIES,
    PLACES,
    PREFECTURES,
    SECTIONS,
    TAGS,
    TITLES_EN,
    TITLES_JA,
    TOPICS_EN,
    TOPICS_JA,
)

Value = str | int | float | None
FORMATS = (("banner", 320, 50), ("native", None, None), ("video", 640, 360))


def write_databases(company: Company, last: int, clicks: Clicks, booked: Transactions, folder: Path) -> None:
    """Both databases as they are at the end of a day: one file per table, `<database>/<schema.table>.copy`."""
    tables: dict[str, Iterator[tuple[Value, ...]]] = {
        "content_db/users": users(company, last),
        "content_db/plan_changes": plan_changes(company, last),
        "content_db/payments": payments(company, last),
        "content_db/articles": articles(company, last),
        "content_db/authors": authors(company),
        "ads_db/advertisers": advertisers(company),
        "ads_db/campaigns": campaigns(company, last),
        "ads_db/creatives": creatives(company, last),
        "ads_db/billing.transactions": transactions(clicks, booked),
    }
    for name, rows in tables.items():
        path = folder / f"{name}.copy"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines("\t".join(map(_copied, row)) + "\n" for row in rows)


def _copied(value: Value) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, str):
        return value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
    return str(value)


def stamp(ms: int) -> str:
    """ISO 8601 in UTC."""
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")


def _array(words: Iterable[str]) -> str:
    """PostgreSQL's text of an array."""
    return "{" + ",".join(f'"{word}"' for word in words) + "}"


def _uuid(number: int) -> str:
    return str(UUID(int=(number << 64 | number * 0x9E3779B97F4A7C15 & (1 << 64) - 1) & (1 << 128) - 1, version=4))


def _draws(company: Company, ids: Ints, topic: int) -> list[int]:
    """A large number for each id, that depends on the id only."""
    draws: list[int] = (company.chance(ids * 64 + topic) * (1 << 53)).astype(np.int64).tolist()
    return draws


def users(company: Company, last: int) -> Iterator[tuple[Value, ...]]:
    """`updated_at` is the newest of signing up, changing the plan and leaving, as far as it has happened."""
    people, end = people_until(company, last), company.midnight(last + 1)
    rows = zip(
        people.ids.tolist(), _draws(company, people.ids, 1), _draws(company, people.ids, 2), people.channel.tolist(),
        people.signed_up.tolist(), people.premium_from.tolist(), people.premium_until.tolist(), people.deleted.tolist(),
        strict=True,
    )  # fmt: skip
    for number, draw, other, channel, signed_up, since, until, deleted in rows:
        name = f"{FAMILY_NAMES[draw % len(FAMILY_NAMES)]} {GIVEN_NAMES[draw // 97 % len(GIVEN_NAMES)]}"
        settings = {"push": draw % 3 > 0, "theme": ("light", "dark")[draw // 3 % 2], "font": {"size": 12 + draw % 5}}
        yield (
            number,
            _uuid(other),
            None if draw % 11 == 0 else f"user{number}@example.{'jp' if draw % 3 else 'com'}",
            "" if draw % 997 == 0 else name,
            None if draw % 4 == 0 else 1945 + draw // 7 % 63,
            ("female", "male", "female", "male", "other", None)[other % 6],
            None if other % 13 == 0 else PREFECTURES[min(other // 29 % 14, 20) % len(PREFECTURES)],
            "premium" if since < end <= until else "free",
            CHANNELS[channel][0],
            _array(sorted({SECTIONS[draw // 11 % 7], SECTIONS[other // 11 % 7]}) if draw % 5 else ()),
            json.dumps(settings),
            stamp(signed_up),
            stamp(max(moment for moment in (signed_up, since, until, deleted) if moment < end)),
            stamp(deleted) if deleted < end else None,
        )


def plan_changes(company: Company, last: int) -> Iterator[tuple[Value, ...]]:
    """Signing up, becoming premium and leaving it, in the order in which it happened."""
    people, end = people_until(company, last), company.midnight(last + 1)
    moments = np.concatenate((people.signed_up, people.premium_from, people.premium_until))
    user = np.tile(people.ids, 3)
    kind = np.repeat(np.arange(3), len(people))
    order = np.lexsort((kind, user, moments))
    order = order[moments[order] < end]
    plans = ((None, "free", 0), ("free", "premium", PRICE_JPY), ("premium", "free", 0))
    rows = zip(user[order].tolist(), kind[order].tolist(), moments[order].tolist(), strict=True)
    for number, (who, what, when) in enumerate(rows, 1):
        yield number, who, *plans[what], stamp(when)


def payments(company: Company, last: int) -> Iterator[tuple[Value, ...]]:
    """Monthly payments; paying back changes a row that may be days old."""
    paid = payments_until(company, last)
    rows = zip(
        paid.user.tolist(), paid.method.tolist(), paid.refunded_jpy.tolist(), paid.paid_at.tolist(),
        paid.refunded_at.tolist(), paid.disputed.tolist(), strict=True,
    )  # fmt: skip
    for number, (user, method, refunded, paid_at, refunded_at, disputed) in enumerate(rows, 1):
        status = "refunded" if refunded else "disputed" if disputed else "paid"
        changed = refunded_at if refunded_at < NEVER else paid_at
        back = f"{refunded}.00" if refunded else None
        yield (
            number,
            user,
            ("card", "carrier", "store")[method],
            f"{PRICE_JPY}.00",
            back,
            status,
            stamp(paid_at),
            stamp(changed),
        )


def articles(company: Company, last: int) -> Iterator[tuple[Value, ...]]:
    """Without the withdrawn ones: their rows are deleted."""
    all_articles, end = articles_until(company, last), company.midnight(last + 1)
    ids = np.arange(1, len(all_articles) + 1, dtype=np.int64)
    rows = zip(
        ids.tolist(), _draws(company, ids, 3), all_articles.author.tolist(), all_articles.section.tolist(),
        all_articles.english.tolist(), all_articles.word_count.tolist(), all_articles.premium.tolist(),
        all_articles.published.tolist(), all_articles.withdrawn.tolist(), strict=True,
    )  # fmt: skip
    for number, draw, author, section, english, words, premium, published, withdrawn in rows:
        if withdrawn < end:
            continue
        titles, topics = (TITLES_EN, TOPICS_EN) if english else (TITLES_JA, TOPICS_JA)
        title = titles[draw % len(titles)].format(topic=topics[draw // 7 % len(topics)], place=PLACES[draw // 83 % 8])
        tags = sorted({TAGS[draw // 5 % len(TAGS)], TAGS[draw // 331 % len(TAGS)]}) if draw % 6 else []
        meta = {"desk": SECTIONS[section], "revision": 1 + draw % 4, "images": [draw % 9, draw % 7]}
        yield (
            number,
            _uuid(draw),
            author or None,
            SECTIONS[section],
            title,
            "en" if english else "ja",
            _array(tags),
            words,
            "t" if premium else "f",
            f"{words * (14 + draw % 20)}.{draw % 100:02}" if author else None,
            json.dumps(meta),
            stamp(published),
            stamp(published + draw % 600_000),
        )


def authors(company: Company) -> Iterator[tuple[Value, ...]]:
    """The bylines."""
    for number in range(1, authors_of(company) + 1):
        name = f"{FAMILY_NAMES[number % len(FAMILY_NAMES)]} {GIVEN_NAMES[number * 5 % len(GIVEN_NAMES)]}"
        languages = _array(("ja", "en") if number % 4 == 0 else ("ja",))
        joined = f"{2005 + number % 19}-{1 + number % 12:02}-01"
        yield number, name, None if number % 9 == 0 else f"author{number}@news.example", languages, joined


def advertisers(company: Company) -> Iterator[tuple[Value, ...]]:
    """The companies that pay for campaigns."""
    for number, name in enumerate(COMPANIES, 1):
        limit = None if number % 5 == 0 else f"{number * 350_000}.00"
        created = stamp(company.midnight(-90 - number * 11) + number * 3_601_000)
        yield number, name, INDUSTRIES[(number - 1) % len(INDUSTRIES)], f"ads{number}@client.example", limit, created


def campaigns(company: Company, last: int) -> Iterator[tuple[Value, ...]]:
    """The campaigns that were booked until a day: three days before they start."""
    booked = campaigns_of(company)
    for number in range(1, len(booked.weight) + 1):
        position = number - 1
        starts, ends = int(booked.starts[position]), int(booked.ends[position])
        if starts - 3 > last:
            continue
        paused = number == FAILING_CAMPAIGN and last >= ends
        status = "draft" if starts > last else "paused" if paused else "ended" if ends < last else "running"
        sections = SECTIONS[number % 7 :][:2] if number % 3 else ()
        targeting = {"age": [20 + number % 20, None], "prefectures": list(PREFECTURES[: number % 4])}
        yield (
            number,
            int(booked.advertiser[position]),
            f"{CAMPAIGN_THEMES[number % len(CAMPAIGN_THEMES)]} #{number}",
            OBJECTIVES[int(booked.objective[position])],
            status,
            f"{round(float(booked.weight[position]) * 40_000)}.00",
            None if number % 4 == 0 else f"{round(float(booked.weight[position]) * 4_000)}.50",
            str(company.calendar(starts)),
            str(company.calendar(ends)) if ends < OPEN_END else None,
            _array(sections),
            json.dumps(targeting, ensure_ascii=False),
            stamp(company.midnight(starts - 3) + number * 61_000),
        )


def creatives(company: Company, last: int) -> Iterator[tuple[Value, ...]]:
    """Some for each booked campaign, in all formats."""
    for campaign in campaigns(company, last):
        for serial in range(1, CREATIVES + 1):
            number = int(campaign[0] or 0)
            kind, width, height = FORMATS[(number + serial) % 3]
            headline = f"{campaign[2]} {'今すぐチェック👉' if serial == 1 else 'Learn more'}"
            yield number * 10 + serial, number, kind, headline, width, height


def transactions(clicks: Clicks, booked: Transactions) -> Iterator[tuple[Value, ...]]:
    """What was billed, paid back and voided."""
    events = clicks.event.tolist()
    rows = zip(
        booked.campaign.tolist(), booked.kind.tolist(), booked.click.tolist(), booked.refund_of.tolist(),
        booked.quantity.tolist(), booked.amount.tolist(), booked.void.tolist(), booked.created.tolist(),
        booked.updated.tolist(), strict=True,
    )  # fmt: skip
    for number, (campaign, kind, click, refund_of, quantity, amount, void, created, updated) in enumerate(rows, 1):
        note = None if kind != 2 else "誤配信のため全額返金" if campaign == FAILING_CAMPAIGN else "invalid traffic"
        yield (
            number,
            campaign,
            KINDS[kind],
            f"{events[click]:016x}" if click >= 0 else None,
            refund_of or None,
            quantity,
            exact(amount, 4),
            "void" if void else "settled",
            note,
            stamp(created),
            stamp(updated),
        )


def exact(amount: int, digits: int) -> str:
    """A whole number of the smallest unit as a decimal.

    >>> exact(-12_5000, 4)
    '-12.5000'
    """
    sign, unit = "-" if amount < 0 else "", 10**digits
    return f"{sign}{abs(amount) // unit}.{abs(amount) % unit:0{digits}}"
