"""What a flow run says at its end: its state, what failed, what each table did."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from waiting import wait_until

from connectors.build import Built
from connectors.lake import open_lake
from connectors.landed import Landed
from connectors.ledger_files import records
from flows.build import build_table
from flows.ingest import ingest_table
from flows.report import SKIPPED, TaskOutcome, final_state
from transforms.column import Column
from transforms.errors import CheckFailed, Problem
from transforms.lake_types import VARCHAR
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


def test_an_ingested_table_says_what_was_not_expected_of_its_source_also_when_nothing_was_new() -> None:
    column = Column("coupon", VARCHAR)
    landed = Landed(RAW, 1200, 0, (column,), 1.0, 2, False, ("price",), ("a warning", "another"), deleted=4)
    told = ", new columns: coupon, missing columns: price, 2 warnings"
    assert ingest_table.fn("raw_till.sales", lambda _: landed).message == f"1,200 rows, 4 deleted{told}"
    fresh = ingest_table.fn("raw_till.sales", lambda _: replace(landed, unchanged=True, deleted=0))
    assert (fresh.name, fresh.message) == ("Fresh", f"nothing new{told}")


def test_a_run_names_the_first_warnings_in_its_state_whether_it_failed_or_not() -> None:
    warned = [replace(done(RAW), warnings=(f"odd {n}\n  a row",)) for n in range(7)]
    first = "; ".join(f"raw_till.sales: odd {n}" for n in range(5))
    completed, broken = final_state(warned), final_state([*warned, failed(DAILY, "wrong")])
    assert completed.is_completed()
    assert (completed.message or "").endswith(f"; 7 warnings: {first}; and 2 more")
    assert (broken.message or "").endswith(f"core_shop.daily: wrong; 7 warnings: {first}; and 2 more")


@pytest.mark.prefect
def test_what_was_not_expected_of_a_source_stands_in_prefect_and_in_the_ledger(
    runs: Any, shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.ingest()
    schema = shop.folder / "home/connectors/sources/till.schema.yaml"
    schema.write_text(schema.read_text().replace("amount_jpy: {type: bigint", "amount_jpy: {type: double"))
    shop.sell("2024-05-02", "second", [{"id": 4, "item": "tea", "amount_jpy": 9, "coupon": "MAY"}])
    run = runs.run("ingest/laptop", shop.environment, selectors=["raw_till.sales"])
    assert run["state"]["type"] == "COMPLETED", run["state"]["message"]
    new = "raw_till.sales has a new column; to read it, write coupon: {type: string, description: ..}"
    changed = "raw_till.sales: the type of amount_jpy changed after 2 files were read"
    assert "; 2 warnings: " in run["state"]["message"]
    artifacts = runs.artifacts(run)
    (row,) = (row for row in artifacts["landed-tables"] if row["table"] == "raw_till.sales")
    assert (row["rows"], row["deleted"], row["new columns"], row["missing columns"]) == (1, 0, "coupon", "")
    assert row["warnings"].startswith(changed)
    assert "### raw_till.sales warned" in artifacts["warnings"]
    assert "raw_stock.items" not in artifacts["warnings"]
    for told in (run["state"]["message"], artifacts["warnings"]):
        assert new in told
        assert changed in told
    assert runs.tasks(run)["ingest raw_till.sales"]["message"] == "1 rows, new columns: coupon, 1 warning"
    for name, value in shop.environment.items():
        monkeypatch.setenv(name, value)
    (record,) = records(open_lake(), date(2024, 1, 1))
    (entry,) = record.last()
    assert entry.new_columns == ("coupon",)
    assert entry.warnings[0].startswith(changed)
    wait_until(lambda: new in " ".join(log_lines(runs.server, run)))


def log_lines(server: Any, run: dict[str, Any]) -> list[str]:
    """What a run has logged, as its page shows it."""
    found = server.post("/logs/filter", {"logs": {"flow_run_id": {"any_": [run["id"]]}}})
    return [line["message"] for line in found]
