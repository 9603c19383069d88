"""A reading of MySQL that is stopped ends soon, whatever the server is at, and leaves no query behind."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from landing_place import Place

from connectors.ingest import ingest
from transforms.errors import Stopped

pytestmark = pytest.mark.mariadb
REPOSITORY = Path(__file__).parents[2]
SLOW = "create view slow as select seq as id, sleep(1 + seq * 0) as slept from seq_1_to_40"
BUSY = """select count(*) from information_schema.processlist
  where id <> connection_id() and command = 'Query' and info like '%from `slow`%'"""
Sql = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def slow(mariadb_place: Place, mariadb_sql: Sql) -> Place:
    """A table of which no row comes for 40 s."""
    mariadb_sql(SLOW)
    mariadb_place.declare("mysql", "slow: snapshot", "slow: {id: bigint, slept: int}")
    return mariadb_place


def wait_until(holds: Callable[[], bool], seconds: float = 30) -> bool:
    patience = time.monotonic() + seconds
    while not holds() and time.monotonic() < patience:
        time.sleep(0.1)
    return holds()


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM], ids=str)
def test_a_run_that_is_stopped_leaves_no_query_behind(
    slow: Place, mariadb_sql: Sql, monkeypatch: pytest.MonkeyPatch, by: signal.Signals
) -> None:
    monkeypatch.setenv("BAIKAL_HOME", str(slow.home))
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    words = [sys.executable, "-m", "local_dev", "run", "source:place"]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        assert wait_until(lambda: mariadb_sql(BUSY) == [(1,)])
        began = time.monotonic()
        process.send_signal(by)
        process.wait(timeout=30)
        took = time.monotonic() - began
    finally:
        process.kill()
    assert process.returncode == 130
    assert took < 8, "nobody waited until patience with the reading was lost, after 10 s"
    assert wait_until(lambda: mariadb_sql(BUSY) == [(0,)], 1)


def test_an_interrupted_lake_stops_its_readings_and_begins_no_other(slow: Place, mariadb_sql: Sql) -> None:
    lake, errors = slow.lake(), list[BaseException]()
    source = lake.content.sources["place"]

    def work() -> None:
        try:
            ingest(lake, source, source.tables[0], run="20240501-1")
        except Stopped as error:
            errors.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    assert wait_until(lambda: mariadb_sql(BUSY) == [(1,)])
    lake.interrupt()
    thread.join(5)
    assert str(errors[0]) == "connectors/sources/place.yaml: stopped while place was read"
    assert mariadb_sql(BUSY) == [(0,)]
    work()
    assert len(errors) == 2
