"""What a flow run is about: its tables, its sources, its day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from connectors.ingest import due_tables
from connectors.lake import Lake, open_lake
from flows.opened import opened
from flows.selection import named_tables, selected_tables
from transforms.errors import UsageError


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


def test_today_is_a_day_of_the_company(lake: Lake) -> None:
    noon = Lake(lake.content, lake.target, lake.root, lake.catalog, lambda: datetime(2024, 5, 31, 16, tzinfo=UTC))
    assert noon.today() == date(2024, 6, 1), "it is June in Tokyo already"


def test_a_stopped_run_interrupts_what_the_engine_is_doing(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    told = []
    monkeypatch.setattr(Lake, "interrupt", lambda lake: told.append(lake.root))
    with pytest.raises(KeyboardInterrupt), opened(None) as found:
        raise KeyboardInterrupt
    assert told == [found.root]
