"""Any order of partial runs ends in the same tables as one full run."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shop_lake import DAILY, TOTALS, land, make_home, open_shop, rows

from connectors.build import build
from connectors.housekeeping import rollback
from connectors.lake import Lake
from transforms.window import Window

FIRST = date(2024, 5, 1)
DAYS = st.integers(0, 5).map(lambda n: FIRST + timedelta(days=n))
LAND = st.tuples(st.just("land"), DAYS, st.lists(st.integers(0, 99), max_size=3))
BUILD = st.tuples(st.just("build"), DAYS, DAYS)
OTHER = st.tuples(st.sampled_from(["all", "full", "rollback"]), DAYS, DAYS)


@pytest.mark.river
@settings(max_examples=12)
@given(st.lists(st.one_of(LAND, BUILD, OTHER), max_size=8))
def test_any_order_of_partial_runs_ends_as_one_full_run(steps: list[tuple[str, date, object]]) -> None:
    with TemporaryDirectory() as folder:
        lake = open_shop(make_home(Path(folder)))
        orders: dict[date, list[int]] = {FIRST: [1]}
        land(lake, {str(FIRST): [1]})
        for kind, day, given_ in steps:
            run = lake.new_run()
            if kind == "land":
                assert isinstance(given_, list)
                orders[day] = given_
                land(lake, {str(day): given_})
            elif kind == "rollback":
                roll_back_if_possible(lake, run)
            else:
                assert isinstance(given_, date)
                window = Window(min(day, given_), max(day, given_)) if kind == "build" else None
                build(lake, DAILY, window, full=kind == "full", run=run)
        build(lake, DAILY, run=lake.new_run())
        build(lake, TOTALS, run=lake.new_run())
        sums = [(day, len(amounts), sum(amounts)) for day, amounts in sorted(orders.items()) if amounts]
        assert rows(lake, "select day, orders, revenue_jpy from core_shop.daily order by day") == sums
        if sums:
            totals = (sum(count for _, count, _ in sums), sum(amount for *_, amount in sums))
            assert rows(lake, "select orders, revenue_jpy from core_shop.totals") == [totals]
        assert build(lake, DAILY, run=lake.new_run()).fresh


def roll_back_if_possible(lake: Lake, run: str) -> None:
    if len(lake.catalog.versions(DAILY)) > 1:
        rollback(lake, DAILY, run=run)
