"""Sources that grow and change while they are read: files, a SQLite file, a DuckDB file, an API.

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

from growing_servers import growing_table
from kill_steps import in_child
from landing_place import NOW, Place

SCHEMA = "t: {id: bigint, amount: bigint, at: timestamp}"
FILES = {
    "append": 't: {mode: append, path: "{day}/*.jsonl"}',
    "upsert": 't: {mode: upsert, key: id, cursor: at, path: "{day}/*.jsonl"}',
    "snapshot": 't: {mode: snapshot, path: "{day}/*.jsonl"}',
}
DATABASE = {
    "append": "t: {mode: append, key: id, cursor: at, margin: 30s}",
    "upsert": "t: {mode: upsert, key: id, cursor: at, margin: 30s}",
    "snapshot": "t: snapshot",
}
API = {
    "append": "t: {mode: append, key: id, cursor: at, since: after, margin: 30s, path: /t, page: page}",
    "upsert": "t: {mode: upsert, key: id, cursor: at, since: after, margin: 30s, path: /t, page: page}",
    "snapshot": "t: {mode: snapshot, path: /t, page: page}",
}


class Growing(Protocol):
    """One source table in one mode. `live`: it may grow while it is read."""

    live: bool

    @property
    def rows(self) -> list[list[int]]: ...
    def grow(self) -> None: ...


class Files:
    """Files that appear and change."""

    live = True

    def __init__(self, folder: Path, mode: str, random: Random) -> None:
        self.folder, self.mode, self.random = folder, mode, random
        self.files: dict[str, list[tuple[int, int]]] = {}
        self.written = 0

    def grow(self) -> None:
        """A file more, or another content of one that is there."""
        if self.files and self.mode != "upsert" and self.random.random() < 0.3:
            name = self.random.choice(sorted(self.files))
        else:
            name = f"2024-05-0{self.random.randint(1, 3)}/{len(self.files):04}.jsonl"
        self.written += 1
        rows = [(self.random.randint(1, 30) if self.mode == "upsert" else 0, self.written) for _ in range(3)]
        rows = [(id_ or 10 * self.written + n, amount * 10 + n) for n, (id_, amount) in enumerate(rows)]
        self.files[name] = rows
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_suffix(".half")
        at = NOW + timedelta(seconds=self.written)
        lines = [json.dumps({"id": id_, "amount": amount, "at": f"{at:%FT%TZ}"}) for id_, amount in rows]
        half.write_text("\n".join(lines) + "\n")
        os.utime(half, ns=(self.written * 10**9,) * 2)
        half.rename(path)

    @property
    def rows(self) -> list[list[int]]:
        every = [row for rows in self.files.values() for row in rows]
        if self.mode == "upsert":
            every = sorted(dict(sorted(every, key=lambda row: row[1])).items())
        return sorted(map(list, every))


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


@contextmanager
def growing(kind: str, mode: str, place: Place, random: Random) -> Iterator[Growing]:
    """A source of `place`, which is declared and whose address is set."""
    if kind in ("postgres", "mysql"):
        with growing_table(kind, mode, place, random) as table:
            yield table
    elif kind == "files":
        place.declare("jsonl", FILES[mode], SCHEMA)
        os.environ["PLACE_URL"] = str(place.files)
        yield Files(place.files, mode, random)
    elif kind == "rest":
        place.declare("rest", API[mode], SCHEMA, top="concurrency: 2\n")
        rows = place.files / "rows.json"
        words = [sys.executable, Path(__file__).with_name("serve_rows.py"), rows]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            os.environ["PLACE_URL"] = server.stdout.readline().strip()
            try:
                yield ApiTable(rows, mode, random)
            finally:
                server.kill()
    else:
        place.declare(kind, DATABASE[mode], SCHEMA)
        os.environ["PLACE_URL"] = str(place.files / f"shop.{kind}")
        tables = {"sqlite": SqliteTable, "duckdb": DuckdbTable}
        yield tables[kind](place.files / f"shop.{kind}", mode, random)
