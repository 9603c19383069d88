"""Whole days that `restate:` reads again and replaces: which is the first one, and at which moment it begins.

Days are the company's, as those that split the table. Everything from the first one on is read, so that no later day
is replaced by a part of it. Never decides what becomes of the rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from transforms.source import SourceTable

FIRST_DAY = "first_day"
"""Where the state of a table remembers from which day on it must be read again: a writer of then was still at it."""
BEGINNING = date.min


def first_day(table: SourceTable, kind: str, state: Mapping[str, Any], now: datetime) -> date | None:
    """The first day to read again, BEGINNING for all; None where no day is: nothing was read, or nobody asked for it.

    `kind` is the type of the cursor. Rows of a far future do not move it behind today, and a `margin:` that is longer
    moves it back.
    """
    if table.mode != "append" or not table.restate_days or table.day != table.cursor or "cursor" not in state:
        return None
    if kind not in ("date", "timestamp"):
        return None
    if state.get("since") is None:
        return BEGINNING
    newest = min(_day(state["cursor"], kind, now.tzinfo), now.date())
    days = [date.fromordinal(max(newest.toordinal() - table.restate_days, BEGINNING.toordinal()))]
    days.append(_day(state["since"], kind, now.tzinfo))
    if state.get(FIRST_DAY):
        days.append(date.fromisoformat(state[FIRST_DAY]))
    return min(days)


def begin(day: date, kind: str, zone: tzinfo | None) -> str | None:
    """The first value of the cursor on that day, moments in UTC; None for BEGINNING."""
    if day == BEGINNING:
        return None
    if kind == "date":
        return day.isoformat()
    midnight = datetime.combine(day, time(), zone).astimezone(UTC)
    return midnight.replace(tzinfo=None).isoformat(timespec="microseconds")


def _day(text: str, kind: str, zone: tzinfo | None) -> date:
    """The company's day of a cursor's value."""
    if kind == "date":
        return date.fromisoformat(text)
    moment = datetime.fromisoformat(text)
    if not timedelta(days=1) < moment - datetime.min < datetime.max - datetime.min - timedelta(days=1):
        return moment.date()  # another zone's day may have no date
    return moment.replace(tzinfo=UTC).astimezone(zone).date()
