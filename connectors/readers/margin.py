"""How far before the greatest cursor the next read begins, since rows may be committed or shown later than it says.

Never later than that before now: one row of a far future does not hide those that come until then.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from transforms.fields import read_span

MARGINS: Mapping[str, timedelta] = {"timestamp": timedelta(hours=1), "date": timedelta(days=1)}
"""Where no `margin:` is declared."""


def present(newest: date, now: datetime) -> date:
    """The greatest value, or now when that is earlier; moments are in UTC, and days the company's."""
    if isinstance(newest, datetime):
        return min(newest, now.astimezone(UTC).replace(tzinfo=None))
    return min(newest, now.date())


def span_before(newest: date, declared: object, now: datetime) -> date:
    """A `margin:` before it. A date has no hours: a margin of some is a day."""
    moment = isinstance(newest, datetime)
    span = read_span(declared) or MARGINS["timestamp" if moment else "date"]
    return present(newest, now) - (span if moment else timedelta(days=-(-span // timedelta(days=1))))
