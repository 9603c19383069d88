"""How many tables are read from one source at once, and whose turn it is."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event, Lock
from time import sleep

import pytest

from connectors.politeness import TABLES_AT_ONCE
from flows.limits import Gates, in_turns
from transforms.errors import Stopped
from transforms.names import TableName
from transforms.source import Source, SourceTable


def source(name: str, *tables: str) -> Source:
    made = tuple(SourceTable(TableName(f"raw_{name}", table), "snapshot", ()) for table in tables)
    return Source(name, "", "postgres", "ads", "", name, made, timedelta(days=1))


def test_a_source_is_never_read_by_more_than_its_limit_and_others_do_not_wait_for_it() -> None:
    inside: dict[str, int] = {"ads": 0, "content": 0}
    most: dict[str, int] = {"ads": 0, "content": 0}
    lock = Lock()

    def read(name: str) -> None:
        with lock:
            inside[name] += 1
            most[name] = max(most[name], inside[name])
        sleep(0.005)
        with lock:
            inside[name] -= 1

    gates = Gates(TABLES_AT_ONCE, Event())
    work = [gates.behind(name, lambda name=name: read(name)) for name in ("ads", "content") for _ in range(10)]
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(lambda one: one(), work))
    assert most == {"ads": TABLES_AT_ONCE, "content": TABLES_AT_ONCE}


def test_a_failed_read_gives_its_place_back() -> None:
    def read() -> None:
        raise OSError("the database is away")

    gates = Gates(TABLES_AT_ONCE, Event())
    for _ in range(TABLES_AT_ONCE + 1):
        with pytest.raises(OSError, match="away"):
            gates.behind("ads", read)()
    assert gates.behind("ads", lambda: "read")() == "read"


def test_nobody_gets_in_once_the_run_is_stopped() -> None:
    stopped = Event()
    work = Gates(1, stopped).behind("ads", lambda: "read")
    assert work() == "read"
    stopped.set()
    with pytest.raises(Stopped):
        work()


def test_sources_take_turns() -> None:
    ads, logs = source("ads", "a", "b", "c"), source("logs", "x")
    pairs = [(one, table) for one in (ads, logs) for table in one.tables]
    assert [table.name.table for _, table in in_turns(pairs)] == ["a", "x", "b", "c"]
