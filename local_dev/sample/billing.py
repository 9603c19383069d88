"""What the ads database bills for campaigns, pays back and voids. A transaction keeps its number on later days."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from local_dev.sample.advertising import campaigns_of
from local_dev.sample.story import DAY_MS, FAILING_CAMPAIGN, NEVER, Company, Floats, Ints

KINDS = ("click", "impression", "refund")
_REFUNDED = 0.025
_VOIDED = 0.996
_HOUR_MS = 3_600_000


@dataclass(frozen=True)
class Clicks:
    """The valid clicks that arrived until a day, each once; `event` is the number in their event_id."""

    event: Ints
    campaign: Ints
    user: Ints
    received: Ints
    price_jpy: Floats


@dataclass(frozen=True)
class Transactions:
    """Columns over everything booked until a day, in order of booking; the id is the position plus one.

    `amount` counts ten-thousandths of a yen, negative for refunds. `click` is the position of the click, or -1;
    `refund_of` the id of what is paid back, or 0.
    """

    campaign: Ints
    kind: Ints
    click: Ints
    quantity: Ints
    amount: Ints
    created: Ints
    updated: Ints
    void: Ints
    refund_of: Ints


@dataclass(frozen=True)
class _Charges:
    """What was billed, in any order; `chance` decides what becomes of it, for ever."""

    campaign: Ints
    kind: Ints
    click: Ints
    quantity: Ints
    amount: Ints
    created: Ints
    chance: Floats


def book(company: Company, last: int, clicks: Clicks, shown: Ints) -> Transactions:
    """What is billed and paid back until the end of a day.

    `shown[day, campaign - 1]` counts the impressions that arrived on a day. Awareness is billed by the thousand
    impressions at the end of a day, everything else by click, one minute after it arrived.
    """
    end = company.midnight(last + 1)
    parts = (_by_click(company, end, clicks), _by_impression(company, last, shown))
    billed = _Charges(*(np.concatenate(pair) for pair in zip(*(vars(part).values() for part in parts), strict=True)))
    voided = billed.created + np.where(billed.chance > _VOIDED, DAY_MS, NEVER)
    refunded = _refunded(company, billed)
    back = np.flatnonzero(refunded < end)
    columns = {
        "campaign": np.concatenate((billed.campaign, billed.campaign[back])),
        "kind": np.concatenate((billed.kind, np.full_like(back, 2))),
        "click": np.concatenate((billed.click, billed.click[back])),
        "quantity": np.concatenate((billed.quantity, billed.quantity[back])),
        "amount": np.concatenate((billed.amount, -billed.amount[back])),
        "created": np.concatenate((billed.created, refunded[back])),
        "updated": np.concatenate((np.where(voided < end, voided, billed.created), refunded[back])),
        "void": np.concatenate((voided < end, np.zeros_like(back))).astype(np.int64),
    }
    order = np.lexsort((columns["amount"], columns["campaign"], columns["kind"], columns["created"]))
    number = np.empty_like(order)
    number[order] = np.arange(1, len(order) + 1)
    refund_of = np.concatenate((np.zeros_like(billed.created), number[back]))
    return Transactions(**{name: values[order] for name, values in columns.items()}, refund_of=refund_of[order])


def _by_click(company: Company, end: int, clicks: Clicks) -> _Charges:
    objective = campaigns_of(company).objective[clicks.campaign - 1]
    click = np.flatnonzero((objective != 0) & (clicks.received + 60_000 < end))
    return _Charges(
        campaign=clicks.campaign[click],
        kind=np.zeros_like(click),
        click=click,
        quantity=np.ones_like(click),
        amount=np.rint(clicks.price_jpy[click] * 10_000).astype(np.int64),
        created=clicks.received[click] + 60_000,
        chance=company.chance(clicks.event[click]),
    )


def _by_impression(company: Company, last: int, shown: Ints) -> _Charges:
    campaigns = campaigns_of(company)
    day, awareness = np.nonzero((shown > 0) & (campaigns.objective == 0))
    evenings = np.array([company.midnight(number + 1) - 60_000 for number in range(last + 1)], dtype=np.int64)
    views = shown[day, awareness]
    return _Charges(
        campaign=awareness + 1,
        kind=np.ones_like(day),
        click=np.full_like(day, -1),
        quantity=views,
        amount=np.rint(views * campaigns.thousand_jpy[awareness] * 10).astype(np.int64),
        created=evenings[day],
        chance=company.chance(day * 1_000 + awareness),
    )


def _refunded(company: Company, billed: _Charges) -> Ints:
    """When each charge is paid back, NEVER for most; a void one never is. The failing campaign is paid back whole."""
    hours = (12 + billed.chance * 3_000) * _HOUR_MS
    ordinary = np.where(billed.chance < _REFUNDED, billed.created + hours.astype(np.int64), NEVER)
    paused = company.midnight(company.failure + 2) + 10 * _HOUR_MS
    whole = np.where(billed.chance > _VOIDED, NEVER, np.maximum(paused, billed.created + _HOUR_MS))
    return np.where(billed.campaign == FAILING_CAMPAIGN, whole, ordinary)
