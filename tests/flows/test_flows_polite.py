"""Flow runs at the same time ask no more of a source than one may; one that is cancelled leaves no query behind."""

from __future__ import annotations

import time
from collections.abc import Iterator
from threading import Event, Thread
from typing import Any

import pytest
from api_server import Answer, Api, serve
from running_postgres import Sql, connected, count_connections, running_postgres
from waiting import wait_until

pytestmark = [pytest.mark.prefect, pytest.mark.postgres]
TABLES = ("a", "b", "c", "d")
SOURCES = {
    "api": ("rest", "rate: 25/s\nconcurrency: 2", "{{mode: append, path: /{0}, page: page, cursor: id, key: id}}"),
    "database": ("postgres", "connections: 2", "{{mode: append, cursor: id, key: id}}"),
}
SLOW = "lateral (select pg_sleep(0.2) where i % 10000 = 0 union all select null where i % 10000 > 0) p"
"""A second for each reading, so that readings at the same time are seen."""
OURS = "from pg_stat_activity where pid <> pg_backend_pid() and backend_type = 'client backend'"


@pytest.fixture
def sql() -> Iterator[tuple[str, Sql]]:
    with running_postgres() as address, connected(address) as run:
        yield address, run


@pytest.fixture
def busy_shop(shop: Any, sql: tuple[str, Sql]) -> Iterator[tuple[dict[str, str], Api]]:
    """The environment of a shop that has an API and a database, too, of four tables each."""
    connectors = shop.folder / "home/connectors"
    for name, (kind, words, table) in SOURCES.items():
        tables = "".join(f"  {each}: {table.format(each)}\n" for each in TABLES)
        (connectors / f"sources/{name}.yaml").write_text(
            f"kind: {kind}\nowner: shop\ndescription: The {name}.\nconnection: {name}\n{words}\ntables:\n{tables}"
        )
        columns = "".join(f"{each}:\n  id: {{type: bigint, description: Number}}\n" for each in TABLES)
        (connectors / f"sources/{name}.schema.yaml").write_text(columns)
    targets = connectors / "targets.yaml"
    targets.write_text(targets.read_text().replace("{till:", "{api: API_URL, database: DATABASE_URL, till:"))
    with serve() as api:
        yield {**shop.environment, "API_URL": api.address, "DATABASE_URL": sql[0]}, api


def test_two_flow_runs_share_what_a_source_bears_and_land_every_row_once(
    runs: Any, shop: Any, busy_shop: tuple[dict[str, str], Api], sql: tuple[str, Sql]
) -> None:
    environment, api = busy_shop
    asked, counted, ended = list[float](), list[int](), Event()
    sql[1](*(f"create view {name} as select i as id from generate_series(1, 50000) i, {SLOW}" for name in TABLES))

    def answer(_: str, query: dict[str, str], __: Any) -> Answer:
        asked.append(time.monotonic())
        time.sleep(0.05)
        page = int(query["page"])
        return 200, {}, [{"id": page}] if page <= 25 else []

    api.answer = answer
    counting = Thread(target=count_connections, args=(sql[1], f"select pid {OURS}", counted, ended))
    counting.start()
    try:
        selectors = ["source:api", "source:database"]
        found = [
            runs.server.submit("ingest/laptop", {"selectors": selectors}, environment),
            runs.server.submit("daily/laptop", {}, environment),
        ]
        states = [runs.server.ended(run, patience=300)["state"] for run in found]
    finally:
        ended.set()
        counting.join()
    assert [state["type"] for state in states] == ["COMPLETED", "COMPLETED"], states
    assert (api.most, max(counted)) == (2, 2), "as many at once as declared, and no more"
    assert max(sum(begin <= at < begin + 1 for at in asked) for begin in asked) <= 25 * 1.2
    for name in TABLES:
        assert shop.rows(f"select count(*), count(distinct id) from raw_api.{name}") == [(25, 25)]
        assert shop.rows(f"select count(*), count(distinct id) from raw_database.{name}") == [(50000, 50000)]


def test_a_cancelled_flow_run_leaves_no_query_on_the_database(
    runs: Any, shop: Any, busy_shop: tuple[dict[str, str], Api], sql: tuple[str, Sql]
) -> None:
    sql[1]("create view a as select i as id from generate_series(1, 600) i, lateral (select pg_sleep(1 + i * 0)) p")
    run = runs.server.submit("ingest/laptop", {"selectors": ["raw_database.a"]}, busy_shop[0])
    active = f"select count(*) {OURS} and state = 'active'"
    wait_until(lambda: sql[1](f"{active} and query like 'COPY%'") == [(1,)], patience=240)
    runs.server.post(f"/flow_runs/{run}/set_state", {"state": {"type": "CANCELLING"}})
    ended = runs.server.ended(run, patience=120)
    assert ended["state"]["type"] == "CANCELLED", ended["state"]["message"]
    assert sql[1](f"select count(*) {OURS}") == [(0,)]
    with shop.lake() as lake:
        assert list(lake.catalog.names()) == []
