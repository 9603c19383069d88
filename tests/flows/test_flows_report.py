"""What a flow run says at its end: its state, what failed, what each table did."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from connectors.build import Built
from connectors.landed import Landed
from flows.build import build_table
from flows.ingest import ingest_table
from flows.report import SKIPPED, TaskOutcome, final_state
from transforms.errors import CheckFailed, Problem
from transforms.names import TableName

RAW, DAILY, MARGIN = (TableName.parse(name) for name in ("raw_till.sales", "core_shop.daily", "core_shop.margin"))
DAYS = (date(2024, 5, 1), date(2024, 5, 2))


def done(table: TableName, state: str = "Completed") -> TaskOutcome[Any]:
    return TaskOutcome(table, state, object())


def failed(table: TableName, why: str) -> TaskOutcome[Any]:
    return TaskOutcome(table, "Failed", None, why)


def test_a_run_without_a_failure_is_completed_and_counts() -> None:
    state = final_state([done(RAW, "Fresh"), done(DAILY), done(MARGIN, "Fresh")])
    assert state.is_completed()
    assert state.message == "1 raw tables, 2 tables, 2 of them had nothing to do"


def test_a_run_with_nothing_to_do_is_completed() -> None:
    assert final_state([]).is_completed()


def test_one_failed_table_fails_the_run_and_is_named_with_its_reason() -> None:
    below = TaskOutcome[Any](MARGIN, SKIPPED, None, "not run, because core_shop.daily failed")
    state = final_state([done(RAW), failed(DAILY, "1 check failed\nat_least: 3 rows\n  day=2024-05-03"), below])
    assert state.is_failed()
    assert state.message == (
        "1 of 3 tables failed, 1 below them not run: core_shop.daily: 1 check failed; at_least: 3 rows"
    )


def test_of_many_failures_the_first_are_named() -> None:
    state = final_state([failed(TableName("core_shop", f"t{n}"), "wrong") for n in range(9)])
    assert state.message is not None
    assert state.message.endswith("core_shop.t4: wrong; and 4 more")


def test_a_file_that_cannot_be_read_fails_a_run_whose_tables_are_all_well() -> None:
    state = final_state([done(DAILY)], [Problem("connectors/sources/till.yaml", 3, 0, "kind is missing")])
    assert state.is_failed()
    assert state.message == "1 problems in declarations: connectors/sources/till.yaml:3: kind is missing"


def test_a_built_table_says_how_much_it_built() -> None:
    state = build_table.fn("core_shop.daily", lambda: Built(DAILY, days=DAYS, rows=1500))
    assert (state.name, state.message) == ("Completed", "1,500 rows in 2 days")


def test_a_fresh_table_says_that_there_was_nothing_to_do() -> None:
    assert build_table.fn("core_shop.daily", lambda: Built(DAILY, fresh=True)).name == "Fresh"


def test_a_table_below_a_failed_one_is_not_built() -> None:
    def work() -> Built:
        raise AssertionError("it was built")

    state = build_table.fn("core_shop.margin", work, "not run, because core_shop.daily failed")
    assert (state.name, state.type.value) == (SKIPPED, "FAILED")


def test_a_failed_check_leaves_the_task_as_the_error_that_it_is() -> None:
    def work() -> Built:
        raise CheckFailed("core_shop.daily: at_least: revenue_jpy: 3 rows under 0")

    with pytest.raises(CheckFailed):
        build_table.fn("core_shop.daily", work)


def test_an_ingested_table_says_how_many_rows_it_could_not_hold() -> None:
    landed = Landed(RAW, rows=1200, rejects=3, new_columns=(), seconds=1.0, version=2, unchanged=False)
    assert ingest_table.fn("raw_till.sales", lambda _: landed).message == "1,200 rows, 3 rejected"
