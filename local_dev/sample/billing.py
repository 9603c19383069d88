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


def book(company: Company, last: int, clicks: Clicks, shown: Ints) -> Transactions:
    """What is billed and paid back until the end of a day.

    `shown[day, campaign - 1]` counts the impressions that arrived on a day. Awareness is billed by the thousand
    impressions at the end of a day, everything else by click, one minute after it arrived.
    """
    end, campaigns = company.midnight(last + 1), campaigns_of(company)
    click = np.flatnonzero((campaigns.objective[clicks.campaign - 1] != 0) & (clicks.received + 60_000 < end))
    price = np.rint(clicks.price_jpy[click] * 10_000).astype(np.int64)
    day, awareness = np.nonzero((shown > 0) & (campaigns.objective == 0))
    views = shown[day, awareness]
    evening = np.array([company.midnight(number + 1) - 60_000 for number in range(last + 1)], dtype=np.int64)[day]
    campaign = np.concatenate((clicks.campaign[click], awareness + 1))
    amount = np.concatenate((price, np.rint(views * campaigns.thousand_jpy[awareness] * 10).astype(np.int64)))
    created = np.concatenate((clicks.received[click] + 60_000, evening))
    chance = company.chance(np.concatenate((clicks.event[click], day * 1_000 + awareness)))
    voided = created + np.where(chance > _VOIDED, DAY_MS, NEVER)
    refunded = created + np.where(chance < _REFUNDED, (_HOUR_MS * (12 + chance * 3_000)).astype(np.int64), NEVER)
    paused = company.midnight(company.failure + 2) + 10 * _HOUR_MS
    failed = np.where(voided < NEVER, NEVER, np.maximum(paused, created + _HOUR_MS))
    refunded = np.where(campaign == FAILING_CAMPAIGN, failed, refunded)
    back = np.flatnonzero(refunded < end)
    billed = len(created)
    columns = {
        "campaign": np.concatenate((campaign, campaign[back])),
        "kind": np.concatenate((np.zeros_like(click), np.ones_like(day), np.full_like(back, 2))),
        "click": np.concatenate((click, np.full_like(day, -1), np.concatenate((click, np.full_like(day, -1)))[back])),
        "quantity": np.concatenate((np.ones_like(click), views, np.concatenate((np.ones_like(click), views))[back])),
        "amount": np.concatenate((amount, -amount[back])),
        "created": np.concatenate((created, refunded[back])),
        "updated": np.concatenate((np.where(voided < end, voided, created), refunded[back])),
        "void": np.concatenate((voided < end, np.zeros_like(back))).astype(np.int64),
    }
    order = np.lexsort((columns["amount"], columns["campaign"], columns["kind"], columns["created"]))
    position = np.empty_like(order)
    position[order] = np.arange(len(order))
    refund_of = np.concatenate((np.zeros(billed, dtype=np.int64), position[back] + 1))
    return Transactions(**{name: values[order] for name, values in columns.items()}, refund_of=refund_of[order])
