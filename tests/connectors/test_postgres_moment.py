"""Several readings of one moment, ranges of a large table, and what is left of a reading that is stopped: nothing."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from landing_place import Place
from running_postgres import Sql, connected

from connectors.address import address
from connectors.ingest import ingest
from connectors.lake import Lake
from connectors.reader import Asked
from connectors.readers.postgres import connection, reader
from transforms.errors import OutsideError, Stopped

pytestmark = pytest.mark.postgres
REPOSITORY = Path(__file__).parents[2]
BUSY = """select count(*) from pg_stat_activity where pid <> pg_backend_pid() and state = 'active'
  and query like 'COPY%"slow"%'"""
TWO = ("a: snapshot\nb: snapshot", "a: {id: int}\nb: {id: int}")
SLOW = "create view slow as select i as id from generate_series(1, 600) i, lateral (select pg_sleep(1 + i * 0)) p"


def asked(place: Place, lake: Lake, table: str, run: str) -> Asked:
    source = lake.content.sources["place"]
    found = next(one for one in source.tables if one.name.table == table)
    current = lake.catalog.own(found.name)
    state = current.state if current else {}
    where = address(lake, source)
    return Asked(source, found, where, state, lake.storage, place.now, lambda *_: "", place.home, run=run)


def rows(place: Place, lake: Lake, table: str, run: str) -> int:
    reading = reader().read(asked(place, lake, table, run))
    try:
        return sum(batch.rows.num_rows for batch in reading.batches)
    finally:
        reading.close()


def test_tables_that_a_run_reads_at_the_same_time_are_of_one_moment(postgres: Place, sql: Sql) -> None:
    sql("create table a (id int)", "create table b (id int)", "insert into a values (1)")
    postgres.declare("postgres", *TWO)
    lake = postgres.lake()
    first = reader().read(asked(postgres, lake, "a", "run"))
    sql("delete from a", "insert into b values (1)")
    assert rows(postgres, lake, "b", "run") == 0
    assert rows(postgres, lake, "b", "another run") == 1
    assert sum(batch.rows.num_rows for batch in first.batches) == 1
    first.close()
    assert rows(postgres, lake, "b", "run") == 1
    left = "select count(*) from pg_stat_activity where state = 'idle in transaction'"
    assert wait_until(lambda: sql(left) == [(0,)]), "the server ends what it was told to end in its own time"


def test_a_table_that_another_run_landed_meanwhile_is_not_read_as_of_before(postgres: Place, sql: Sql) -> None:
    sql("create table a (id int)", "create table b (id int)")
    postgres.declare("postgres", *TWO)
    lake = postgres.lake()
    first = reader().read(asked(postgres, lake, "a", "run"))
    sql("insert into b values (1)")
    assert postgres.ingest("b").rows == 1
    assert rows(postgres, lake, "b", "run") == 1
    first.close()


def test_ranges_give_each_row_once_in_an_order_that_stays(postgres: Place, sql: Sql) -> None:
    sql("create table t as select i as id, repeat('x', 900) as pad from generate_series(1, 40000) i", "vacuum t")
    sql("delete from t where id % 7 = 0", "vacuum t", "insert into t select -i, 'late' from generate_series(1, 5000) i")
    postgres.declare("postgres", "t: {mode: snapshot, ranges: 4}", "t: {id: int, pad: string}")
    landed = postgres.ingest()
    assert landed.rows == sql("select count(*) from t")[0][0]
    assert sorted(postgres.rows("t", "id")) == sorted(row[0] for row in sql("select id from t"))
    assert postgres.ingest().unchanged


def test_a_reading_tells_about_how_much_there_is(postgres: Place, sql: Sql) -> None:
    sql("create table a as select i as id from generate_series(1, 5000) i", "create table b (id int)", "analyze a")
    postgres.declare("postgres", *TWO)
    lake = postgres.lake()
    readings = [reader().read(asked(postgres, lake, table, "run")) for table in ("a", "b")]
    assert [reading.expected_rows for reading in readings] == [5000, 0]
    for reading in readings:
        reading.close()


@pytest.mark.parametrize("make", ["create table t (id int)", "create view t as select 1 as id"])
def test_what_has_no_blocks_is_read_at_once(postgres: Place, sql: Sql, make: str) -> None:
    sql(make)
    postgres.declare("postgres", "t: {mode: snapshot, ranges: 4}", "t: {id: int}")
    assert postgres.ingest().rows == sql("select count(*) from t")[0][0]


def test_all_ranges_see_the_moment_of_the_first(postgres: Place, sql: Sql, server: str) -> None:
    sql("create table t as select i as id, repeat('x', 900) as pad from generate_series(1, 60000) i")
    postgres.declare("postgres", "t: {mode: snapshot, ranges: 3}", "t: {id: int, pad: string}")
    changed = threading.Event()

    def progress(*_: object) -> None:
        if not changed.is_set():
            changed.set()
            with connected(server) as other:
                other("update t set id = -id", "insert into t values (0, 'new')")

    assert postgres.ingest(progress=progress).rows == 60000
    assert min(postgres.rows("t", "id")) == 1


def wait_until(holds: Callable[[], bool], seconds: float = 30) -> bool:
    patience = time.monotonic() + seconds
    while not holds() and time.monotonic() < patience:
        time.sleep(0.2)
    return holds()


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=str)
def test_a_run_that_is_stopped_leaves_no_query_behind(
    postgres: Place, sql: Sql, monkeypatch: pytest.MonkeyPatch, by: signal.Signals
) -> None:
    sql(SLOW)
    postgres.declare("postgres", "slow: snapshot", "slow: {id: int}")
    monkeypatch.setenv("BAIKAL_HOME", str(postgres.home))
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    words = [sys.executable, "-m", "local_dev", "run", "source:place"]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        assert wait_until(lambda: sql(BUSY) == [(1,)])
        process.send_signal(by)
        process.wait(timeout=30)
    finally:
        process.kill()
    assert process.returncode == (-9 if by == signal.SIGKILL else 130)
    assert wait_until(lambda: sql(BUSY) == [(0,)], 15 if by == signal.SIGKILL else 1)


def test_connections_that_are_open_at_the_same_time_share_what_the_driver_knows_of_types(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, known = list[str](), dict(connection._SHARED)
    original = connection.adbc_driver_postgresql.connect
    monkeypatch.setattr(connection.adbc_driver_postgresql, "connect", lambda uri: opened.append(uri) or original(uri))
    for _ in range(2):
        first, second = connection.connect(server), connection.connect(server)
        connection.disconnect(server, first)
        third = connection.connect(server)
        connection.disconnect(server, second)
        connection.disconnect(server, third)
    assert opened == [server, server], "the last one closes it"
    with pytest.raises(Exception, match="refused"):
        connection.connect("postgresql://127.0.0.1:1/none")
    assert known == connection._SHARED


def test_an_interrupted_lake_stops_its_readings_and_begins_no_other(postgres: Place, sql: Sql) -> None:
    sql(SLOW)
    postgres.declare("postgres", "slow: snapshot", "slow: {id: int}")
    lake, errors = postgres.lake(), list[BaseException]()
    source = lake.content.sources["place"]

    def work() -> None:
        try:
            ingest(lake, source, source.tables[0], run="20240501-1")
        except Stopped as error:
            errors.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    assert wait_until(lambda: sql(BUSY) == [(1,)])
    lake.interrupt()
    thread.join(10)
    assert str(errors[0]) == "connectors/sources/place.yaml: stopped while place was read"
    assert sql(BUSY) == [(0,)]
    work()
    assert len(errors) == 2


def test_a_statement_that_takes_too_long_is_ended_by_the_server(postgres: Place, sql: Sql) -> None:
    sql(SLOW)
    postgres.declare("postgres", "slow: snapshot", "slow: {id: int}", top="statement_timeout: 2s\n")
    with pytest.raises(OutsideError, match="canceling statement due to statement timeout"):
        postgres.ingest("slow")
    assert sql(BUSY) == [(0,)]
