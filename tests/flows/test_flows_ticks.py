"""How often ingest looks, so that every source is met when it is due."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from prefect.client.schemas.schedules import CronSchedule

from connectors.content import open_content
from connectors.ingest import tick
from flows.ticks import ingest_cron
from transforms.source import Source

REPOSITORY = Path(__file__).parent.parent.parent


def source(every: timedelta) -> Source:
    return Source("s", "", "rest", "ads", "", "s", (), every)


@pytest.mark.parametrize(
    "minutes", [[1], [5], [7], [15], [30, 60], [90], [60], [360, 60], [720], [1440], [45, 1440], [1440, 10080], []]
)
def test_every_tick_of_every_source_is_met(minutes: list[int]) -> None:
    """A source is due from its tick on; the schedule must look at that very minute."""
    sources = [source(timedelta(minutes=one)) for one in minutes]
    minute, hour, *rest = ingest_cron(sources).split()
    assert rest == ["*", "*", "*"]
    looked = {
        h * 60 + m
        for h in range(24)
        if hour == "*" or (h % int(hour[2:]) == 0 if hour.startswith("*/") else h == int(hour))
        for m in range(60)
        if (m % int(minute[2:]) == 0 if minute.startswith("*/") else m == int(minute))
    }
    midnight = datetime.combine(date(2024, 5, 1), time())
    for one in sources:
        ticks = {tick(one.every, midnight + timedelta(minutes=n)) for n in range(1440)}
        assert {int((at - midnight).total_seconds()) // 60 for at in ticks if at >= midnight} <= looked
    assert CronSchedule(cron=ingest_cron(sources), timezone="Asia/Tokyo")


def test_the_companys_logs_make_it_look_every_hour() -> None:
    assert ingest_cron(open_content(REPOSITORY).sources.values()) == "0 */1 * * *"
