"""`--full` of databases and APIs: everything is read again and replaces what stands, in one switch."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from api_server import Answer, Api, serve
from landing_place import Place

SCHEMA = "t: {id: bigint, name: string, at: timestamp}"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Place, Callable[..., None]]]:
    """A database in a file, with five rows that are in the lake; and statements on it."""
    place = Place(tmp_path)
    file = place.files / "shop.db"
    monkeypatch.setenv("PLACE_URL", str(file))
    with sqlite3.connect(file) as database:

        def run(*statements: str) -> None:
            for statement in statements:
                database.execute(statement)
            database.commit()

        run("create table t (id bigint, name text, at timestamp)")
        run(*(f"insert into t values ({n}, 'n{n}', '2024-05-0{n} 00:00:00')" for n in range(1, 6)))
        yield place, run
    database.close()


@pytest.mark.parametrize("mode", ["append, cursor: id, key: id", "upsert, key: id, cursor: at", "append, cursor: at"])
def test_what_changed_behind_the_cursor_is_seen_and_what_is_gone_goes(shop: Any, mode: str) -> None:
    place, run = shop
    place.declare("sqlite", f"t: {{mode: {mode}, day: at}}", SCHEMA)
    assert place.ingest().rows == 5
    run("update t set name = 'other' where id = 1", "delete from t where id = 2")
    place.ingest()
    assert place.rows("t", "id", "name")[0] == (1, "n1"), "no cursor sees that"
    landed = place.ingest(full=True)
    assert place.rows("t", "id", "name") == [(1, "other"), (3, "n3"), (4, "n4"), (5, "n5")]
    assert landed.warnings[0].startswith("raw_place.t was read anew and has 4 rows, where it had 5; if it should keep")
    run("insert into t values (6, 'n6', '2024-05-06 00:00:00')")
    assert place.ingest().rows == 1, "the cursor goes on from there"
    assert len(place.rows()) == 5
    assert place.ingest(full=True).warnings == ()


KILLED = """
import os, signal, sys
from pathlib import Path
from landing_place import Place
from connectors.catalogs.manifest import ManifestCatalog
ManifestCatalog.commit = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
Place(Path(sys.argv[1])).ingest(full=True)
"""


@pytest.mark.river
def test_a_full_reading_that_is_killed_leaves_the_table_as_it_was(shop: Any, tmp_path: Path) -> None:
    place, run = shop
    place.declare("sqlite", "t: {mode: upsert, key: id, cursor: at}", SCHEMA)
    place.ingest()
    before = place.rows("t", "id", "name")
    run("update t set name = 'other'")
    paths = os.pathsep.join([str(Path(__file__).parent), str(Path(__file__).parents[2])])
    words = [sys.executable, "-c", KILLED, str(tmp_path)]
    killed = subprocess.run(words, env={**os.environ, "PYTHONPATH": paths}, timeout=120, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert place.rows("t", "id", "name") == before
    place.ingest(full=True)
    assert place.rows("t", "name") == ["other"] * 5


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    with serve() as api:
        monkeypatch.setenv("PLACE_URL", api.address)
        yield api


@pytest.mark.http
def test_an_api_is_asked_from_its_first_day_on(tmp_path: Path, api: Api) -> None:
    place = Place(tmp_path)
    place.declare(
        "rest",
        "t: {mode: append, path: /t, since: from, cursor: day_on, day: day_on, restate: 1 days, begin: 2024-05-01}",
        "t: {day_on: date, amount: bigint}",
    )
    book = dict.fromkeys((f"2024-05-1{n}" for n in range(6)), 1)

    def answer(_: str, query: dict[str, str], __: Any) -> Answer:
        return 200, {}, [{"day_on": day, "amount": yen} for day, yen in book.items() if day >= query["from"]]

    api.answer = answer
    place.ingest()
    book["2024-05-10"] = 7
    del book["2024-05-11"]
    place.ingest()
    assert place.rows("t", "amount") == [1] * 6
    place.ingest(full=True)
    assert api.asked[-1]["from"] == "2024-05-01"
    assert place.rows("t", "day", "amount")[0] == ("2024-05-10", 7)
    assert len(place.rows()) == 5
