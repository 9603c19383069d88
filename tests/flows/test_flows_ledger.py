"""A flow run leaves in the ledger what `baikal run` leaves, and says that it was Prefect's."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from connectors.lake import open_lake
from connectors.ledger_files import records


@pytest.mark.prefect
def test_a_flow_run_leaves_what_it_did_with_each_table(runs: Any, shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.sell("2024-05-02", "second", [{"id": 4, "item": "tea", "amount_jpy": -9000}])
    run = runs.run("daily/laptop", shop.environment, day=None)
    assert run["state"]["type"] == "FAILED", run["state"]["message"]
    for name, value in shop.environment.items():
        monkeypatch.setenv(name, value)
    (record,) = records(open_lake(), date(2024, 1, 1))
    assert (record.run.command, record.run.outcome) == (run["name"], "failed")
    assert record.run.who == f"prefect flow run {run['id']}"
    ended = {str(entry.table): (entry.outcome, entry.cause, str(entry.because or "")) for entry in record.last()}
    assert ended == {
        "raw_till.sales": ("published", None, ""),
        "raw_stock.items": ("published", None, ""),
        "core_shop.daily": ("failed", "check", ""),
        "core_shop.margin": ("skipped", None, "core_shop.daily"),
        "core_shop.cost": ("published", None, ""),
    }
