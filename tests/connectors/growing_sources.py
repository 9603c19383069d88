"""Sources that grow and change: a SQLite file, a DuckDB file, an API; files and servers have modules of their own.

`rows` are what the lake must hold in the end: id and amount. Starts no thread: the tests fork.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Protocol

from growing_files import WRITERS, Files, Objects, files_words
from growing_servers import growing_table
from kill_steps import in_child
from landing_place import NOW, Place
from place_on_aws import AwsPlace

SCHEMA = "t: {id: bigint, amount: bigint, at: timestamp}"
DATABASE = {
    "append": "t: {mode: append, key: id, cursor: at, margin: 30s}",
    "upsert": "t: {mode: upsert, key: id, cursor: at, margin: 30s}",
    "snapshot": "t: snapshot",
}
API = {
    "append": "t: {mode: append, key: id, cursor: at, since: after, margin: 30s, path: /t, page: page}",
    "upsert": "t: {mode: upsert, key: id, cursor: at, since: after, margin: 30s, path: /t, page: page}",
    "append+restate": "t: {mode: append, cursor: at, day: at, restate: 3 days, since: after, path: /t, page: page}",
    "snapshot": "t: {mode: snapshot, path: /t, page: page}",
}


class Growing(Protocol):
    """One source table in one mode. `live`: it may grow while it is read."""

    live: bool

    @property
    def rows(self) -> list[list[int]]: ...
    def grow(self) -> None: ...


class Table:
    """A table of a system: rows come, some of them late; they change, and some vanish from what is read whole."""

    live = False

    def __init__(self, mode: str, random: Random) -> None:
        self.mode, self.random = mode, random
        self.held: dict[int, tuple[int, datetime]] = {}
        self.written = 0

    def grow(self) -> None:
        """Rows more, or other ones."""
        self.written += 1
        for n in range(3):
            late = self.random.randint(0, 30) if self.mode == "append" else 0
            at = NOW + timedelta(seconds=self.written - late)
            key = 10 * self.written + n if self.mode == "append" else self.random.randint(1, 40)
            self.held[key] = (self.written * 10 + n, at)
        if self.mode == "snapshot" and self.random.random() < 0.5:
            del self.held[self.random.choice(sorted(self.held))]
        self.save([(key, amount, f"{at:%F %T}") for key, (amount, at) in sorted(self.held.items())])

    def save(self, rows: list[tuple[int, int, str]]) -> None:
        raise NotImplementedError

    @property
    def rows(self) -> list[list[int]]:
        return sorted([key, amount] for key, (amount, _) in self.held.items())


class SqliteTable(Table):
    """Nobody else writes to the file at `path`."""

    def __init__(self, path: Path, mode: str, random: Random) -> None:
        super().__init__(mode, random)
        self.path = path

    def save(self, rows: list[tuple[int, int, str]]) -> None:
        with closing(sqlite3.connect(self.path)) as database, database:
            database.execute("create table if not exists t (id integer primary key, amount integer, at timestamp)")
            database.execute("delete from t")
            database.executemany("insert into t values (?, ?, ?)", rows)


class DuckdbTable(Table):
    """Written by processes of their own: DuckDB has threads."""

    def __init__(self, path: Path, mode: str, random: Random) -> None:
        super().__init__(mode, random)
        self.path = path

    def save(self, rows: list[tuple[int, int, str]]) -> None:
        code, _ = in_child(lambda: self._saved(rows))
        assert code == 0

    def _saved(self, rows: list[tuple[int, int, str]]) -> None:
        import duckdb

        with duckdb.connect(str(self.path)) as database:
            database.execute('create or replace table t (id bigint, amount bigint, "at" timestamp)')
            database.executemany("insert into t values (?, ?, ?)", rows)


class ApiTable(Table):
    """Served by `serve_rows.py` from a file that is replaced."""

    def __init__(self, path: Path, mode: str, random: Random) -> None:
        super().__init__(mode, random)
        self.path = path

    def save(self, rows: list[tuple[int, int, str]]) -> None:
        half = self.path.with_suffix(".half")
        half.write_text(json.dumps([{"id": key, "amount": amount, "at": at} for key, amount, at in rows]))
        half.rename(self.path)


class RestatedApi(ApiTable):
    """Rows of days, of which the newest three are restated: some rows more, some less, others changed."""

    def grow(self) -> None:
        """Another one of these days, or a new one."""
        self.written += 1
        newest = NOW - timedelta(days=19 - min(19, self.written // 8))
        day = newest - timedelta(days=self.random.choice((0, 0, 1, 2)))
        self.held = {key: row for key, row in self.held.items() if row[1] != day or self.random.random() < 0.5}
        for n in range(self.random.randint(0, 4)):
            self.held[10 * self.written + n] = (self.random.randint(1, 9), day)
        self.save([(key, amount, f"{at:%F}") for key, (amount, at) in sorted(self.held.items())])


@contextmanager
def _api(mode: str, place: Place, random: Random) -> Iterator[ApiTable]:
    restated = mode == "append+restate"
    schema = SCHEMA.replace("timestamp", "date") if restated else SCHEMA
    place.declare("rest", API[mode], schema, top="concurrency: 2\n")
    rows = place.files / "rows.json"
    words = [sys.executable, Path(__file__).with_name("serve_rows.py"), rows]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        os.environ["PLACE_URL"] = server.stdout.readline().strip()
        try:
            yield (RestatedApi if restated else ApiTable)(rows, mode, random)
        finally:
            server.kill()


@contextmanager
def growing(kind: str, mode: str, place: Place, random: Random) -> Iterator[Growing]:
    """A source of `place`, which is declared and whose address is set."""
    if kind in ("postgres", "mysql"):
        with growing_table(kind, mode, place, random) as table:
            yield table
    elif kind == "s3":
        assert isinstance(place, AwsPlace)
        assert place.aws
        place.declare("jsonl", files_words("jsonl", mode), SCHEMA)
        s3, bucket = place.aws.client("s3"), "kills-drops"
        s3.create_bucket(Bucket=bucket)
        os.environ["PLACE_URL"] = f"s3://{bucket}"
        yield Objects(s3, bucket, mode, random)
    elif kind in WRITERS:
        place.declare(kind, files_words(kind, mode), SCHEMA)
        os.environ["PLACE_URL"] = str(place.files)
        yield Files(place.files, kind, mode, random)
    elif kind == "rest":
        with _api(mode, place, random) as api:
            yield api
    else:
        place.declare(kind, DATABASE[mode], SCHEMA)
        os.environ["PLACE_URL"] = str(place.files / f"shop.{kind}")
        tables = {"sqlite": SqliteTable, "duckdb": DuckdbTable}
        yield tables[kind](place.files / f"shop.{kind}", mode, random)
