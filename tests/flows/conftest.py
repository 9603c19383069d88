"""A Prefect of the tests' own, started once; and a shop of three tables, small enough to be known by heart."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from connectors.build import build
from connectors.ingest import ingest
from connectors.lake import Lake, open_lake
from local_dev.prefect_server import PrefectServer, free_port

FILES = {
    "connectors/targets.yaml": """
laptop:
  engine: duckdb
  timezone: Asia/Tokyo
  connections: {till: TILL_URL, stock: STOCK_URL}
""",
    "transforms/teams.yaml": """
shop: {description: Sells things, contact: "#shop"}
""",
    "connectors/sources/till.yaml": """
kind: jsonl
owner: shop
description: What the till writes down, a folder a day.
connection: till
tables:
  sales: {mode: append, path: "dt={day}/*.jsonl"}
""",
    "connectors/sources/till.schema.yaml": """
sales:
  id: {type: bigint, description: Number of the sale}
  item: {type: string, description: What was sold}
  amount_jpy: {type: bigint, description: "Price paid, yen"}
""",
    "connectors/sources/stock.yaml": """
kind: jsonl
owner: shop
description: What the shop has, written once a day.
connection: stock
tables:
  items: {mode: append, path: "items.jsonl"}
""",
    "connectors/sources/stock.schema.yaml": """
items:
  item: {type: string, description: Name of the item}
  cost_jpy: {type: bigint, description: "What the shop paid, yen"}
""",
    "transforms/tables/core_shop/daily.sql": """
/*
description: Revenue per day and item.
owner: shop
partition: day
checks:
  - at_least: {revenue_jpy: 0}
*/
select
  s.item,                                -- What was sold
  sum(s.amount_jpy) as revenue_jpy,      -- Revenue, yen
  s.day                                  -- Calendar day, JST
from raw_till.sales s
where s.day between :start and :end
group by s.item, s.day
""",
    "transforms/tables/core_shop/margin.sql": """
/*
description: Revenue and cost per item.
owner: shop
checks:
  - unique: [item]
*/
select
  d.item,                                -- What was sold
  sum(d.revenue_jpy) as revenue_jpy,     -- Revenue, yen
  max(i.cost_jpy) as cost_jpy            -- What one costs the shop, yen
from core_shop.daily d
join raw_stock.items i on i.item = d.item
group by d.item
""",
    "transforms/tables/core_shop/cost.sql": """
/*
description: Cost per item.
owner: shop
checks:
  - not_null: [item]
*/
select
  i.item,                                -- Name of the item
  i.cost_jpy                             -- What one costs the shop, yen
from raw_stock.items i
""",
}
SALES = {
    "2024-05-01": [{"id": 1, "item": "tea", "amount_jpy": 300}, {"id": 2, "item": "pen", "amount_jpy": 120}],
    "2024-05-02": [{"id": 3, "item": "tea", "amount_jpy": 350}],
}


@dataclass(frozen=True)
class Shop:
    """A home, a lake and the folders that its sources read."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """Under which the shop's flows run."""
        return {
            "BAIKAL_HOME": str(self.folder / "home"),
            "BAIKAL_LAKE": str(self.folder / "lake"),
            "TILL_URL": str(self.folder / "till"),
            "STOCK_URL": str(self.folder / "stock"),
        }

    def write(self) -> None:
        """The declarations, and the first two days."""
        for path, text in FILES.items():
            file = self.folder / "home" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text.lstrip())
        for day, sales in SALES.items():
            self.sell(day, "first", sales)
        stock = self.folder / "stock" / "items.jsonl"
        stock.parent.mkdir(parents=True)
        stock.write_text('{"item": "tea", "cost_jpy": 100}\n{"item": "pen", "cost_jpy": 80}\n')

    def sell(self, day: str, file: str, sales: list[dict[str, Any]]) -> None:
        """One more file of the till's."""
        path = self.folder / "till" / f"dt={day}" / f"{file}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(sale) + "\n" for sale in sales))

    def ingest(self) -> None:
        """Land what the sources have new, without Prefect."""
        with self.lake() as lake:
            for source, table in lake.content.raw.values():
                ingest(lake, source, table, run=lake.new_run())

    def build(self) -> None:
        """Build what is stale, without Prefect."""
        with self.lake() as lake:
            for name in lake.content.names:
                if name in lake.content.relations:
                    build(lake, name, run=lake.new_run())

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What a reader sees in the lake now."""
        with self.lake() as lake:
            _, rows = lake.query(sql)
            return [tuple(row.values()) for row in rows.read_all().to_pylist()]

    @contextmanager
    def lake(self) -> Iterator[Lake]:
        """Its lake on the laptop."""
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self.environment.items():
                patch.setenv(name, value)
            yield open_lake()


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    made = Shop(tmp_path)
    made.write()
    return made


COMMAND = f"{sys.executable} -m prefect.engine"
"""Without one, a worker starts a process that prepares a working copy and starts this one: 3 CPU-s for each run."""


@dataclass(frozen=True)
class Runs:
    """Runs of deployments on a real server, seen as its UI sees them."""

    server: PrefectServer

    def run(self, deployment: str, environment: Mapping[str, str], **parameters: Any) -> dict[str, Any]:
        """A deployment's run, ended. It is started directly; runs that are submitted alone are started as deployed."""
        run = self.server.submit(deployment, parameters, environment, command=COMMAND)
        return self.server.ended(run, patience=300)

    def tasks(self, run: dict[str, Any]) -> dict[str, dict[str, Any]]:
        """The states of a run's tasks, by the names of the task runs; the server learns of them by events, later."""
        before, patience = None, time.monotonic() + 30
        while True:
            found = self.server.post("/task_runs/filter", {"flow_runs": {"id": {"any_": [run["id"]]}}})
            states = {task["id"]: task["state"]["type"] if task["state"] else None for task in found}
            settled = states == before and not {None, "PENDING", "RUNNING"} & set(states.values())
            if settled or time.monotonic() > patience:
                break
            before = states
            time.sleep(0.3)
        assert len({task["name"] for task in found}) == len(found), "a table has more than one task"
        return {task["name"]: task["state"] for task in found}

    def river(self, run: dict[str, Any]) -> dict[str, set[str]]:
        """The graph that the UI draws: every task with the tasks above it."""
        nodes = dict(self.server.get(f"/flow_runs/{run['id']}/graph-v2")["nodes"])
        return {node["label"]: {nodes[parent["id"]]["label"] for parent in node["parents"]} for node in nodes.values()}

    def artifacts(self, run: dict[str, Any]) -> dict[str, Any]:
        """The data of a run's artifacts, by key, the newest of each; tables as lists of rows."""
        asked = {"artifacts": {"flow_run_id": {"any_": [run["id"]]}}, "sort": "CREATED_DESC"}
        found = reversed(self.server.post("/artifacts/filter", asked))
        return {one["key"]: json.loads(one["data"]) if one["type"] == "table" else one["data"] for one in found}


RUNNING: list[PrefectServer] = []


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    """A server goes with the last test of a flow: one that has nothing to do takes a twentieth of a core."""
    if nextitem is None or Path(__file__).parent not in nextitem.path.parents:
        while RUNNING:
            RUNNING.pop().stop()


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    folder = tmp_path_factory.mktemp("prefect")
    scheduled = Shop(folder / "scheduled")
    scheduled.write()
    with PrefectServer(folder / "server", free_port(), scheduled.environment) as server:
        server.start()
        RUNNING.append(server)
        yield Runs(server)
