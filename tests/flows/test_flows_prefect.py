"""The flows on a real server: deployed, picked up by a worker, run in a process of their own."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from slack_sink import slack_sink
from slow_table import SLOW
from waiting import wait_until

pytestmark = pytest.mark.prefect
REVENUE = "select day, item, revenue_jpy from core_shop.daily order by day, item"


def test_daily_takes_the_whole_river_down_and_the_lake_has_the_rows(runs: Any, shop: Any) -> None:
    run = runs.run("daily/laptop", shop.environment, day=None)
    assert run["state"]["type"] == "COMPLETED", run["state"]["message"]
    assert run["name"].startswith("daily 20")
    assert [(str(day), item, yen) for day, item, yen in shop.rows(REVENUE)] == [
        ("2024-05-01", "pen", 120),
        ("2024-05-01", "tea", 300),
        ("2024-05-02", "tea", 350),
    ]
    assert shop.rows("select item, revenue_jpy, cost_jpy from core_shop.margin order by item") == [
        ("pen", 120, 80),
        ("tea", 650, 100),
    ]
    assert runs.river(run) == {
        "ingest raw_till.sales": set(),
        "ingest raw_stock.items": set(),
        "build core_shop.daily": {"ingest raw_till.sales"},
        "build core_shop.cost": {"ingest raw_stock.items"},
        "build core_shop.margin": {"build core_shop.daily", "ingest raw_stock.items"},
    }
    artifacts = runs.artifacts(run)
    assert {row["table"]: row["rows"] for row in artifacts["landed-tables"]} == {
        "raw_till.sales": 3,
        "raw_stock.items": 2,
    }
    assert {row["table"]: row["rows"] for row in artifacts["built-tables"]} == {
        "core_shop.cost": 2,
        "core_shop.daily": 3,
        "core_shop.margin": 2,
    }

    again = runs.run("daily/laptop", shop.environment, day="2024-05-02")
    assert again["state"]["type"] == "COMPLETED"
    assert again["name"] == "daily 2024-05-02"
    assert {name: state["name"] for name, state in runs.tasks(again).items()} == {
        "build core_shop.cost": "Fresh",
        "build core_shop.daily": "Fresh",
        "build core_shop.margin": "Fresh",
    }


def test_a_failed_check_fails_the_run_by_name_and_leaves_the_published_table(runs: Any, shop: Any) -> None:
    shop.ingest()
    shop.build()
    before = shop.rows(REVENUE)
    assert len(before) == 3
    shop.sell("2024-05-02", "second", [{"id": 4, "item": "tea", "amount_jpy": -9000}])
    shop.ingest()

    run = runs.run("build/laptop", shop.environment)
    assert run["state"]["type"] == "FAILED", run["state"]["message"]
    assert "core_shop.daily" in run["state"]["message"]
    assert "revenue_jpy" in run["state"]["message"]
    tasks = runs.tasks(run)
    assert tasks["build core_shop.daily"]["type"] == "FAILED"
    assert tasks["build core_shop.margin"]["name"] == "Skipped"
    assert tasks["build core_shop.margin"]["message"] == "not run, because core_shop.daily failed"
    assert tasks["build core_shop.cost"]["type"] == "COMPLETED"
    shown = runs.artifacts(run)["failed-checks"]
    assert "core_shop.daily" in shown
    assert "-8650" in shown, "the bad row is not shown"
    assert shop.rows(REVENUE) == before


def test_the_owner_is_told_what_failed_and_what_is_over(runs: Any, shop: Any) -> None:
    teams = shop.folder / "home/transforms/teams.yaml"
    teams.write_text('shop: {description: Sells things, contact: "#shop", slack: SHOP_SLACK_URL}\n')
    shop.sell("2024-05-02", "second", [{"id": 4, "item": "tea", "amount_jpy": -9000}])
    with slack_sink() as sink:
        environment = {**shop.environment, "SHOP_SLACK_URL": sink.url}
        assert runs.run("daily/laptop", environment)["state"]["type"] == "FAILED"
        wait_until(lambda: bool(sink.messages))
        [told] = sink.messages
        text = json.dumps(told)
        for word in ("core_shop.daily failed its checks", "revenue_jpy", "Since", "core_shop.margin", "baikal runs "):
            assert word in text

        shop.sell("2024-05-02", "third", [{"id": 5, "item": "tea", "amount_jpy": 9999}])
        shop.ingest()
        assert runs.run("daily/laptop", environment)["state"]["type"] == "COMPLETED"
        wait_until(lambda: len(sink.messages) == 2)
        assert "over: core_shop.daily" in sink.messages[1]["text"]


def test_a_backfill_builds_the_days_it_is_asked_for(runs: Any, shop: Any) -> None:
    shop.ingest()
    parameters = {"start": "2024-05-02", "end": "2024-05-02", "selectors": ["core_shop.daily"]}
    run = runs.run("backfill/laptop", shop.environment, **parameters)
    assert run["state"]["type"] == "COMPLETED", run["state"]["message"]
    assert run["name"] == "backfill core_shop.daily 2024-05-02 to 2024-05-02"
    assert [str(day) for day, *_ in shop.rows(REVENUE)] == ["2024-05-02"]


def test_a_declaration_that_cannot_be_read_fails_the_run_and_the_sound_tables_are_built(runs: Any, shop: Any) -> None:
    broken = shop.folder / "home/transforms/tables/core_shop/cost.sql"
    broken.write_text(broken.read_text().replace("i.cost_jpy ", "i.price_jpy "))
    run = runs.run("daily/laptop", shop.environment)
    assert run["state"]["type"] == "FAILED", run["state"]["message"]
    assert "transforms/tables/core_shop/cost.sql:9" in run["state"]["message"]
    assert len(shop.rows(REVENUE)) == 3


def test_scheduled_runs_are_planned_and_one_is_seen_to_happen(runs: Any) -> None:
    """With a wrong SQLAlchemy everything is deployed and green, and no scheduled run is ever created."""
    server = runs.server
    [morning] = server.get("/deployments/name/daily/laptop")["schedules"]
    assert morning["active"]
    deployment = server.get("/deployments/name/ingest/laptop")
    often = [{"active": True, "schedule": {"interval": 20, "timezone": "Asia/Tokyo"}}]
    [added] = server.post(f"/deployments/{deployment['id']}/schedules", often)
    try:
        ended = _scheduled_and_ended(server, deployment["id"])
    finally:
        server.delete(f"/deployments/{deployment['id']}/schedules/{added['id']}")
    assert ended["state"]["type"] == "COMPLETED", ended["state"]["message"]
    assert ended["name"] == "ingest what is due"
    planned = server.post(
        "/flow_runs/filter",
        {"deployments": {"name": {"any_": ["laptop"]}}, "flows": {"name": {"any_": ["daily"]}}, **_SCHEDULED},
    )
    assert any("T21:30:00" in run["expected_start_time"] for run in planned), "half past six in Tokyo is not planned"


_SCHEDULED = {"flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}}


def _scheduled_and_ended(server: Any, deployment: str) -> dict[str, Any]:
    """A run that the scheduler itself made, and that a worker has run to its end."""
    until = time.monotonic() + 180
    ended = {"type": {"any_": ["COMPLETED", "FAILED", "CRASHED"]}}
    while time.monotonic() < until:
        asked = {"deployments": {"id": {"any_": [deployment]}}, "flow_runs": {"state": ended}}
        found: list[dict[str, Any]] = server.post("/flow_runs/filter", asked)
        if made := [run for run in found if run["auto_scheduled"]]:
            return made[0]
        time.sleep(1)
    raise AssertionError("no scheduled run has happened")


def test_of_two_runs_the_second_gives_way_and_a_cancelled_one_leaves_nothing_half_published(
    runs: Any, shop: Any
) -> None:
    slow = shop.folder / "home/transforms/tables/core_shop/slow.sql"
    slow.write_text(SLOW.lstrip())
    run = runs.server.submit("daily/laptop", None, shop.environment)
    staging = shop.folder / "lake/core_shop/slow"
    wait_until(lambda: staging.is_dir() and (shop.folder / "lake/core_shop/margin/_manifest.json").is_file())
    second = runs.run("daily/laptop", shop.environment)
    assert second["state"]["type"] == "CANCELLED"
    assert "concurrency limit" in second["state"]["message"]

    runs.server.post(f"/flow_runs/{run}/set_state", {"state": {"type": "CANCELLING"}})
    ended = runs.server.ended(run, patience=60)
    assert ended["state"]["type"] == "CANCELLED", ended["state"]["message"]
    assert list(staging.glob("**/*.parquet")) == []
    assert not (staging / "_manifest.json").exists()
    assert len(shop.rows(REVENUE)) == 3

    slow.unlink()
    shop.build()


def test_what_is_wrong_or_behind_is_told_and_what_is_old_goes(runs: Any, shop: Any) -> None:
    shop.ingest()
    run = runs.run("check/laptop", shop.environment)
    assert run["state"]["type"] == "COMPLETED", run["state"]["message"]
    assert run["name"] == "check laptop"
    assert "3 tables are stale" in run["state"]["message"]
    behind = {row["table"]: row["days"] for row in runs.artifacts(run)["stale-tables"]}
    assert behind == {"core_shop.daily": 2, "core_shop.margin": "", "core_shop.cost": ""}

    shop.build()
    broken = shop.folder / "home/transforms/tables/core_shop/cost.sql"
    broken.write_text(broken.read_text().replace("i.cost_jpy ", "i.price_jpy "))
    run = runs.run("check/laptop", shop.environment)
    assert run["state"]["type"] == "FAILED", run["state"]["message"]
    assert "transforms/tables/core_shop/cost.sql:9" in run["state"]["message"]

    run = runs.run("housekeeping/laptop", shop.environment)
    assert run["state"]["type"] == "COMPLETED", run["state"]["message"]
    assert run["state"]["message"] == "0 bytes of 0 tables gone"
