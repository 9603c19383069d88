"""Production on this machine: the deployed flows, on a local AWS, judged by what that AWS says itself."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from running_aws import RunningAws, running_aws
from slow_table import SLOW
from waiting import wait_until

from connectors.content import open_content
from connectors.lake import production_lake

pytestmark = [pytest.mark.prefect, pytest.mark.aws]
TARGET = """
local-aws:
  engine: athena
  timezone: Asia/Tokyo
  region: us-east-1
  bucket: lake
  endpoint: {url}
"""


@pytest.fixture
def aws(tmp_path: Path) -> Iterator[RunningAws]:
    with running_aws(tmp_path / "aws") as running:
        yield running


@pytest.fixture
def aws_shop(shop: Any, aws: RunningAws) -> Any:
    """The shop with a second target, whose till is known to Secrets Manager alone."""
    secret = f'{{"till": "{shop.folder / "till"}"}}'
    aws.client("secretsmanager").create_secret(Name="shop/sources", SecretString=secret)
    targets = shop.folder / "home/connectors/targets.yaml"
    text = targets.read_text() + TARGET.format(url=aws.url)
    targets.write_text(text + "  connections: {till: 'secretsmanager:shop/sources#till', stock: STOCK_URL}\n")
    return shop


def queries(aws: RunningAws) -> list[dict[str, Any]]:
    client = aws.client("athena")
    ids = client.list_query_executions()["QueryExecutionIds"]
    return [client.get_query_execution(QueryExecutionId=one)["QueryExecution"] for one in ids]


def test_a_cancelled_run_stops_its_query_on_athena(runs: Any, aws_shop: Any, aws: RunningAws) -> None:
    slow = aws_shop.folder / "home/transforms/tables/core_shop/slow.sql"
    slow.write_text(SLOW.lstrip())
    run = runs.server.submit("daily/laptop", {"target": "local-aws"}, aws_shop.environment)

    def running() -> list[str]:
        found = [one for one in queries(aws) if "sequence(1, 10000)" in one["Query"]]
        return [one["QueryExecutionId"] for one in found if one["Status"]["State"] == "RUNNING"]

    wait_until(lambda: bool(running()), patience=240)
    [query] = running()
    runs.server.post(f"/flow_runs/{run}/set_state", {"state": {"type": "CANCELLING"}})
    ended = runs.server.ended(run, patience=120)
    assert ended["state"]["type"] == "CANCELLED", ended["state"]["message"]
    told = aws.client("athena").get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]
    assert told["State"] == "CANCELLED"
    assert {table["Name"] for table in aws.client("glue").get_tables(DatabaseName="core_shop")["TableList"]} <= {
        "daily",
        "cost",
        "margin",
    }


def test_two_flows_at_work_on_the_same_tables_do_no_harm(runs: Any, aws_shop: Any) -> None:
    landed = runs.run("ingest/laptop", aws_shop.environment, target="local-aws")
    assert landed["state"]["type"] == "COMPLETED", landed["state"]["message"]
    submit, environment, there = runs.server.submit, aws_shop.environment, {"target": "local-aws"}
    at_once = [
        submit("daily/laptop", there, environment),
        submit("backfill/laptop", {**DAYS, **there}, environment),
        submit("build/laptop", there, environment),
    ]
    for run in at_once:
        ended = runs.server.ended(run, patience=400)
        assert ended["state"]["type"] == "COMPLETED", ended["state"]["message"]
    again = runs.run("daily/laptop", aws_shop.environment, target="local-aws")
    assert again["state"]["type"] == "COMPLETED", again["state"]["message"]
    assert seen(aws_shop) == [("pen", 120), ("tea", 650)]


def test_an_aws_that_is_away_for_a_while_is_waited_for(runs: Any, aws_shop: Any, aws: RunningAws) -> None:
    environment = {name: value for name, value in aws_shop.environment.items() if name != "TILL_URL"}
    run = runs.server.submit("daily/laptop", {"target": "local-aws"}, environment)
    wait_until(lambda: bool(queries(aws)), patience=240)
    aws.process.kill()
    aws.process.wait()
    time.sleep(8)
    with running_aws(aws.data, "--port", aws.url.rpartition(":")[2]):
        ended = runs.server.ended(run, patience=400)
        assert ended["state"]["type"] == "COMPLETED", ended["state"]["message"]
        assert seen(aws_shop) == [("pen", 120), ("tea", 650)]
    logs = runs.server.post("/logs/filter", {"logs": {"flow_run_id": {"any_": [run]}}})
    told = json.dumps([runs.server.get(f"/flow_runs/{run}"), logs])
    assert "Finished in state" in told, "there is a log"
    assert str(aws_shop.folder / "till") not in told, "what Secrets Manager holds is for the reader alone"


def seen(shop: Any) -> list[tuple[Any, ...]]:
    """The last table of the river, as a reader has it."""
    lake = production_lake(shop.folder / "scratch", open_content(shop.folder / "home"), "local-aws")
    with closing(lake):
        _, rows = lake.query("select item, revenue_jpy from core_shop.margin order by item")
        return [tuple(row.values()) for row in rows.read_all().to_pylist()]


DAYS = {"start": "2024-05-01", "end": "2024-05-02", "selectors": ["core_shop.*"]}
