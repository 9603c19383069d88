from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from connectors.lake import Lake, open_lake
from flows.opened import opened
from flows.selection import due_tables, named_tables, selected_tables, window_of
from transforms.errors import UsageError
from transforms.window import Window

MAY = [date(2024, 5, day) for day in range(1, 32)]


@pytest.fixture
def lake(shop: Any, monkeypatch: pytest.MonkeyPatch) -> Lake:
    for name, value in shop.environment.items():
        monkeypatch.setenv(name, value)
    return open_lake()


def test_without_selectors_every_table_is_built_and_no_view_or_raw_table(lake: Lake) -> None:
    assert set(map(str, selected_tables(lake))) == {"core_shop.daily", "core_shop.margin", "core_shop.cost"}


def test_selectors_choose_tables_in_dependency_order(lake: Lake) -> None:
    assert [str(name) for name in selected_tables(lake, ["+core_shop.margin"])] == [
        "core_shop.daily",
        "core_shop.margin",
    ]


def test_a_selector_that_names_nothing_says_what_it_could_have_meant(lake: Lake) -> None:
    with pytest.raises(UsageError, match=r"core_shop\.margin"):
        selected_tables(lake, ["core_shop.margins"])


def test_a_source_that_was_never_read_is_due(lake: Lake) -> None:
    assert {str(table.name) for _, table in due_tables(lake)} == {"raw_till.sales", "raw_stock.items"}


def test_a_source_can_be_named(lake: Lake) -> None:
    assert [str(table.name) for _, table in named_tables(lake, ["source:till"])] == ["raw_till.sales"]


def test_no_days_mean_whatever_is_stale(lake: Lake) -> None:
    assert window_of(lake, None, None) is None


def test_a_start_alone_means_until_today(lake: Lake) -> None:
    noon = Lake(lake.content, lake.target, lake.root, lake.catalog, lambda: datetime(2024, 5, 31, 16, tzinfo=UTC))
    assert window_of(noon, MAY[3], None) == Window(MAY[3], date(2024, 6, 1)), "it is June in Tokyo already"


@pytest.mark.parametrize(("start", "end"), [(None, MAY[3]), (MAY[4], MAY[3])])
def test_days_that_make_no_window_are_refused(lake: Lake, start: date | None, end: date) -> None:
    with pytest.raises(UsageError, match="start"):
        window_of(lake, start, end)


def test_a_stopped_run_interrupts_what_the_engine_is_doing(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    told = []
    monkeypatch.setattr(Lake, "interrupt", lambda lake: told.append(lake.root))
    with pytest.raises(KeyboardInterrupt), opened(None) as found:
        raise KeyboardInterrupt
    assert told == [found.root]
