"""Several processes read from one source at once: together they ask no more of it than one may."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from api_server import Answer, Api, serve
from landing_place import Place
from running_postgres import Sql, count_connections

from connectors.content import open_content
from connectors.lake import lake_at
from connectors.ledger_files import records
from transforms.ledger import TableEntry
from transforms.names import TableName

REPOSITORY = Path(__file__).parents[2]
AT = {"postgres": "timestamp(3)", "mysql": "datetime(3)"}
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


@pytest.mark.postgres
def test_processes_share_the_connections_to_a_database(postgres: Place, sql: Sql) -> None:
    for name in TABLES:
        sql(f"create table {name} as select i as id, repeat('x', 900) as pad from generate_series(1, 30000) i")
    tables = "\n".join(f"{name}: {{mode: snapshot, ranges: 4}}" for name in TABLES)
    schema = "\n".join(f"{name}: {{id: int, pad: string}}" for name in TABLES)
    postgres.declare("postgres", tables, schema, top="connections: 3\n")
    counted, ended = list[int](), Event()
    pids = "select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()"
    counting = Thread(target=count_connections, args=(sql, pids, counted, ended))
    counting.start()
    try:
        found = documents([started(postgres, "source:place") for _ in range(3)])
    finally:
        ended.set()
        counting.join()
    assert {row["rows"] for one in found for row in one["tables"]} <= {30000, 0}
    assert all(sorted(postgres.rows(name, "id")) == list(range(1, 30001)) for name in TABLES)
    assert max(counted) == 3, "as many as declared, and no more"


MODES = {
    "a": "mode: snapshot",
    "b": "mode: append, cursor: id, key: id",
    "c": "mode: append, cursor: at",
    "d": "mode: upsert, key: id, cursor: at",
}


@pytest.mark.parametrize(
    "shop",
    [
        pytest.param("postgres sql postgres", marks=pytest.mark.postgres),
        pytest.param("mysql mariadb_sql mariadb_place", marks=pytest.mark.mariadb),
    ],
)
def test_runs_that_overlap_land_each_row_once_in_every_mode(request: pytest.FixtureRequest, shop: str) -> None:
    kind, *names = shop.split()
    sql, place = map(request.getfixturevalue, names)
    schema = "\n".join(f"{name}: {{id: bigint, amount: bigint, at: timestamp}}" for name in MODES)
    place.declare(kind, "\n".join(f"{name}: {{{words}}}" for name, words in MODES.items()), schema)
    noon = datetime(2024, 5, 1, 12)
    first = ", ".join(f"({i}, 1, '{noon + timedelta(seconds=i)}')" for i in range(1, 5001))
    more = ", ".join(f"({i}, 2, '2024-05-02')" for i in range(5001, 6001))
    for name in MODES:
        sql(
            f"create table {name} (id bigint primary key, amount bigint, at {AT[kind]})",
            f"insert into {name} values {first}",
        )
    documents([started(place, "source:place") for _ in range(3)])
    for name in MODES:
        sql(f"insert into {name} values {more}")
    sql("update d set amount = 3, at = '2024-05-03' where id <= 100", "delete from a where id > 5990")
    documents([started(place, "source:place") for _ in range(3)])
    expected = {name: [(i, 1 if i <= 5000 else 2) for i in range(1, 6001)] for name in MODES}
    expected["a"] = expected["a"][:5990]
    expected["d"][:100] = [(i, 3) for i in range(1, 101)]
    for name in MODES:
        assert sorted(place.rows(name, "id", "amount")) == expected[name], name


@pytest.mark.river
def test_runs_of_files_that_overlap_land_each_row_once_in_every_mode(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLACE_URL", str(place.files))
    modes = {"a": "mode: snapshot", "c": "mode: append", "d": "mode: upsert, key: id, cursor: at"}
    tables = (f'{name}: {{{words}, path: "*.jsonl"}}' for name, words in modes.items())
    schema = "\n".join(f"{name}: {{id: bigint, amount: bigint, at: timestamp}}" for name in modes)
    place.declare("jsonl", "\n".join(tables), schema)

    def write(name: str, ids: range, amount: int, day: int) -> None:
        rows = ({"id": i, "amount": amount, "at": f"2024-05-{day:02}T00:00:00Z"} for i in ids)
        (place.files / name).write_text("".join(f"{json.dumps(row)}\n" for row in rows))

    for number in range(5):
        write(f"{number}.jsonl", range(number * 1000 + 1, number * 1000 + 1001), 1, 1)
    documents([started(place, "source:place") for _ in range(3)])
    write("0.jsonl", range(1, 101), 3, 3)
    write("5.jsonl", range(5001, 6001), 2, 2)
    documents([started(place, "source:place") for _ in range(3)])
    there = {**dict.fromkeys(range(1, 101), 3), **dict.fromkeys(range(1001, 5001), 1)}
    there |= dict.fromkeys(range(5001, 6001), 2)
    for name in modes:
        assert sorted(place.rows(name, "id", "amount")) == sorted(there.items()), name


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


BELOW = """
/*
description: Rows of {table}.
owner: team
checks: [{{not_null: [id]}}]
*/
select
  t.id                                   -- Number
from {table} t
"""


@pytest.mark.river
def test_a_source_that_is_down_fails_in_one_sentence_and_delays_nobody_else(
    tmp_path: Path, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One thread is all that the run has; the API is tried again for a quarter of a minute."""
    api.answer = lambda *_: (503, {}, {})
    place = Place(tmp_path)
    tables = "\n".join(f"{name}: {{mode: snapshot, path: /{name}}}" for name in TABLES)
    place.declare("rest", tables, "\n".join(f"{name}: {{id: bigint}}" for name in TABLES))
    (place.files / "rows.jsonl").write_text('{"id": 1}\n')
    written = {
        "transforms/teams.yaml": 'team: {description: The team, contact: "#team"}',
        "connectors/targets.yaml": "laptop: {engine: duckdb, timezone: Asia/Tokyo, threads: 1, "
        "connections: {place: PLACE_URL, files: FILES_URL}}",
        "connectors/sources/files.yaml": "kind: jsonl\nowner: team\ndescription: Files.\nconnection: files\n"
        "tables:\n  rows: {mode: append, path: rows.jsonl}",
        "connectors/sources/files.schema.yaml": "rows:\n  id: {type: bigint, description: Number}",
        "transforms/tables/core_x/above.sql": BELOW.format(table="raw_files.rows"),
        "transforms/tables/core_x/below.sql": BELOW.format(table="raw_place.a"),
    }
    for name, text in written.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text + "\n")
    monkeypatch.setenv("FILES_URL", str(place.files))
    run = started(place)
    out, said = run.communicate(timeout=120)
    assert run.returncode == 3, said
    document = json.loads(out)
    found = {row["table"]: row for row in document["tables"]}
    assert {name: row["state"] for name, row in found.items() if not name.startswith("raw_place.")} == {
        "raw_files.rows": "landed",
        "core_x.above": "built",
        "core_x.below": "skipped",
    }
    assert found["core_x.below"]["skipped_for"] == "raw_place.a"
    assert 6 <= len(api.asked) <= 12, "two at once were trying when the first one knew"
    assert said.count("failed 6 times, at last with HTTP 503") <= 2
    ended = {entry.table: entry.at for entry in read_records(place)}
    down = min(at for name, at in ended.items() if name.database == "raw_place")
    assert ended[TableName("core_x", "above")] < down - timedelta(seconds=5), "it did not wait for the other source"


def read_records(place: Place) -> Sequence[TableEntry]:
    """What the last run left in the ledger."""
    [record] = records(lake_at(place.home / "lake", open_content(place.home)), date(2020, 1, 1))
    return record.tables
