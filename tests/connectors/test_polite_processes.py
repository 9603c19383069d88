"""Several processes read from one source at once: together they ask no more of it than one may."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from api_server import Answer, Api, serve
from landing_place import Place
from running_postgres import Sql

REPOSITORY = Path(__file__).parents[2]
TABLES = ("a", "b", "c", "d", "e", "f")


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    with serve() as api:
        monkeypatch.setenv("PLACE_URL", api.address)
        yield api


def started(place: Place, *selectors: str) -> subprocess.Popen[str]:
    """`baikal run` of these."""
    words = [sys.executable, "-m", "local_dev", "run", "--json", *selectors]
    environment = {**os.environ, "BAIKAL_HOME": str(place.home), "PYTHONPATH": str(REPOSITORY)}
    environment["BAIKAL_LAKE"] = str(place.home / "lake")
    return subprocess.Popen(
        words, cwd=place.home, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def documents(runs: Sequence[subprocess.Popen[str]]) -> list[dict[str, Any]]:
    """What each said at its end."""
    said = [run.communicate(timeout=120) for run in runs]
    assert [run.returncode for run in runs] == [0] * len(runs), said
    return [json.loads(out) for out, _ in said]


def paged(pages: int, asked: list[float], pause_s: float = 0.0) -> Any:
    """Answers of so many rows, one a page."""

    def answer(path: str, query: dict[str, str], _: Any) -> Answer:
        asked.append(time.monotonic())
        time.sleep(pause_s)
        page = int(query["page"])
        return 200, {}, [{"id": page}] if page <= pages else []

    return answer


@pytest.mark.river
def test_processes_share_the_requests_at_once_and_the_rate_of_an_api(tmp_path: Path, api: Api) -> None:
    asked: list[float] = []
    api.answer = paged(20, asked, 0.05)
    place = Place(tmp_path)
    tables = "\n".join(f"{name}: {{mode: snapshot, path: /{name}, page: page}}" for name in TABLES)
    place.declare(
        "rest", tables, "\n".join(f"{name}: {{id: bigint}}" for name in TABLES), top="concurrency: 3\nrate: 40/s\n"
    )
    runs = [started(place, *(f"raw_place.{name}" for name in TABLES[first::3])) for first in range(3)]
    found = documents(runs)
    assert [row["rows"] for one in found for row in one["tables"]] == [20] * len(TABLES)
    assert api.most == 3, "as many as declared, and no more"
    asked.sort()
    assert len(asked) >= 21 * len(TABLES)
    assert max(sum(begin <= at < begin + 1 for at in asked) for begin in asked) <= 40 * 1.15
    assert (len(asked) - 1) / (asked[-1] - asked[0]) <= 40


@pytest.mark.river
def test_what_an_api_asks_one_process_the_others_do_too(tmp_path: Path, api: Api) -> None:
    asked: list[float] = []
    answer, told = paged(40, asked, 0.05), list[float]()

    def limited(path: str, query: dict[str, str], headers: Any) -> Answer:
        found: Answer = answer(path, query, headers)
        if path == "/a" and query["page"] == "20" and not told:
            told.append(time.monotonic())
            return 429, {"Retry-After": "4"}, {}
        return found

    api.answer = limited
    place = Place(tmp_path)
    tables = "\n".join(f"{name}: {{mode: snapshot, path: /{name}, page: page}}" for name in ("a", "b"))
    place.declare("rest", tables, "a: {id: bigint}\nb: {id: bigint}", top="rate: 12/s\n")
    found = documents([started(place, "raw_place.a"), started(place, "raw_place.b")])
    assert [row["rows"] for one in found for row in one["tables"]] == [40, 40]
    assert told
    assert [at for at in asked if told[0] + 1.2 < at < told[0] + 4] == []
    assert [at for at in asked if at > told[0] + 4], "and then they went on"


@contextmanager
def most_connections(sql: Sql) -> Iterator[list[int]]:
    """The most that were there while inside, but for the one that counts."""
    most, ended = [0], Event()

    def count() -> None:
        while not ended.wait(0.01):
            ((now,),) = sql(
                "select count(*) from pg_stat_activity where client_port is not null and pid <> pg_backend_pid()"
            )
            most[0] = max(most[0], now)

    thread = Thread(target=count)
    thread.start()
    try:
        yield most
    finally:
        ended.set()
        thread.join()


@pytest.mark.postgres
def test_processes_share_the_connections_to_a_database(postgres: Place, sql: Sql) -> None:
    for name in TABLES:
        sql(f"create table {name} as select i as id, repeat('x', 900) as pad from generate_series(1, 30000) i")
    tables = "\n".join(f"{name}: {{mode: snapshot, ranges: 4}}" for name in TABLES)
    schema = "\n".join(f"{name}: {{id: int, pad: string}}" for name in TABLES)
    postgres.declare("postgres", tables, schema, top="connections: 3\n")
    with most_connections(sql) as most:
        found = documents([started(postgres, "source:place") for _ in range(3)])
    assert {row["rows"] for one in found for row in one["tables"]} <= {30000, 0}
    assert all(sorted(postgres.rows(name, "id")) == list(range(1, 30001)) for name in TABLES)
    assert most == [3], "as many as declared, and no more"


@pytest.mark.postgres
def test_the_connection_of_a_process_that_was_killed_is_given_to_the_next(postgres: Place, sql: Sql) -> None:
    sql("create view t as select i as id from generate_series(1, 3) i, lateral (select pg_sleep(2 + i * 0)) p")
    postgres.declare("postgres", "t: snapshot", "t: {id: int}", top="connections: 1\n")
    first = started(postgres, "raw_place.t")
    busy = "select count(*) from pg_stat_activity where query like 'COPY%' and pid <> pg_backend_pid()"
    while sql(busy) == [(0,)]:
        time.sleep(0.1)
    second = started(postgres, "raw_place.t")
    first.send_signal(signal.SIGKILL)
    first.communicate()
    [found] = documents([second])
    assert [row["rows"] for row in found["tables"]] == [3]
