"""Teams are told after each run; and by the check in the morning, of what nothing ran for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conftest import FILES
from prefect.client.schemas.objects import FlowRun
from prefect.settings import PREFECT_LOGGING_TO_API_ENABLED, temporary_settings
from prefect.states import Completed
from slack_sink import Sink, slack_sink
from test_prefect_yaml import DEPLOYMENTS, every_deployment, flow_of

from connectors.lake import open_lake
from connectors.ledger_files import file_of
from flows.check import check
from flows.hooks import tell_owners
from transforms.ledger import Record, RunEntry


@pytest.fixture
def sink(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sink]:
    with slack_sink() as running:
        monkeypatch.setenv("SHOP_SLACK_URL", running.url)
        yield running


@every_deployment
def test_teams_are_told_after_each_run_that_works_or_looks(entrypoint: str) -> None:
    flow = flow_of(entrypoint)
    hooks = [flow.on_completion_hooks, flow.on_failure_hooks, flow.on_crashed_hooks]
    told = [] if entrypoint == "flows.housekeeping.housekeeping" else [tell_owners]
    assert hooks == [told, told, told]
    assert flow.on_cancellation_hooks == []


def test_somebody_looks_in_the_morning_though_nothing_runs() -> None:
    (morning,) = DEPLOYMENTS["flows.check.check"]["schedules"]
    assert morning["cron"] == "5 9 * * *"


def test_a_check_tells_what_should_be_there_although_nothing_ran(
    sink: Sink, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    teams, cost = tmp_path / "transforms/teams.yaml", tmp_path / "transforms/tables/core_shop/cost.sql"
    teams.write_text('shop: {description: Sells things, contact: "#shop", slack: SHOP_SLACK_URL}\n', encoding="utf-8")
    promise = 'owner: shop\nslo: {fresh_by: "00:00", days_met: 50%}\n'
    cost.write_text(cost.read_text(encoding="utf-8").replace("owner: shop\n", promise), encoding="utf-8")
    for name, value in {"BAIKAL_HOME": tmp_path, "BAIKAL_LAKE": tmp_path / "lake"}.items():
        monkeypatch.setenv(name, str(value))
    then = datetime.now(UTC) - timedelta(days=3)
    run = RunEntry(
        f"{then:%Y%m%dT%H%M%S}-00000000", "run", "laptop", "ana", then, then, "done", fresh={"core_shop": ("*",)}
    )
    lake = open_lake()
    lake.storage.note(file_of(run.run), Record(run).written())
    with temporary_settings({PREFECT_LOGGING_TO_API_ENABLED: False}):
        tell_owners(check, FlowRun.model_construct(parameters={"target": None}, name="check"), Completed())
    (message,) = sink.messages
    assert "core_shop.cost is late" in json.dumps(message)
