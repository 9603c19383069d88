"""The company's own flow of the month's end: which days and tables it builds anew."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from connectors.content import open_content
from flows.custom.month_end import month_of
from transforms.selector import select
from transforms.window import Window

REPOSITORY = Path(__file__).parent.parent.parent


@pytest.mark.parametrize(
    ("day", "window"),
    [
        (date(2024, 2, 14), Window(date(2024, 2, 1), date(2024, 2, 29))),
        (date(2024, 12, 31), Window(date(2024, 12, 1), date(2024, 12, 31))),
        (date(2024, 1, 1), Window(date(2024, 1, 1), date(2024, 1, 31))),
    ],
)
def test_a_month_is_all_of_its_days(day: date, window: Window) -> None:
    assert month_of(day) == window


def test_what_is_built_anew_is_all_that_the_networks_revenue_is_in() -> None:
    content = open_content(REPOSITORY)
    below = {str(name) for name in select(content, ["source:ad_network+"])}
    assert {"raw_ad_network.revenue", "core_kpi.daily"} <= below
    assert not any(name.startswith("core_content.") for name in below)
