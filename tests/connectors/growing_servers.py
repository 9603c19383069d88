"""Tables of a PostgreSQL or a MariaDB that grow and change: late rows, equal cursors, open transactions, deletes.

The margin of 10 s is used to its end: a row comes as late as that allows, and many are older than it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from random import Random
from typing import Any
from urllib.parse import unquote, urlsplit

import adbc_driver_postgresql.dbapi
import pymysql
from landing_place import NOW, Place

SCHEMA = "t: {id: bigint, amount: bigint, at: timestamp, deleted_at: timestamp}"
WORDS = {
    "append": "mode: append, key: id, cursor: at, margin: 10s",
    "upsert": "mode: upsert, key: id, cursor: at, margin: 10s",
    "upsert+deletes": "mode: upsert, key: id, cursor: at, margin: 10s, deletes: compare, deleted_at: deleted_at",
    "snapshot": "mode: snapshot",
}
LATE = 10
"""Times of rows lie as many grows before, at most: a grow is a second. A transaction is open for half of that."""
KEYS = 40
Execute = Callable[[str], object]


class ServerTable:
    """`now` runs a statement, `later` one of a transaction that another connection has open until `commit`."""

    live = True

    def __init__(self, mode: str, random: Random, now: Execute, later: Execute, commit: Callable[[], object]) -> None:
        self.mode, _, self.more = mode.partition("+")
        self.random, self.now, self.later, self.commit = random, now, later, commit
        self.written = 0
        self.held: dict[int, int | None] = {}
        self.open: dict[int, int | None] = {}
        self.ends = 0

    def grow(self) -> None:
        """Rows more, or other ones; a transaction begins or ends; some rows are deleted, or marked so."""
        self.written += 1
        if self.open and (self.written == self.ends or self.random.random() < 0.2):
            self.commit()
            self.held |= self.open
            self.open = {}
        elif not self.open and self.random.random() < 0.5:
            self.ends = self.written + LATE // 2
            self._write(self.later, self.open, LATE // 2, 2)
        self._write(self.now, self.held, LATE, 3)
        if (self.mode == "snapshot" or self.more == "deletes") and self.random.random() < 0.5:
            key = self.random.choice(sorted(self.held.keys() - self.open.keys()))
            self.now(f"delete from t where id = {key}")
            del self.held[key]

    def _write(self, execute: Execute, into: dict[int, int | None], late: int, count: int) -> None:
        for n in range(count):
            key = 1000 * self.written + 10 * (into is self.open) + n if self.mode == "append" else self._free_key()
            amount, at = 1000 * self.written + 10 * (into is self.open) + n, self._time(late)
            marked = self.more == "deletes" and self.random.random() < 0.3
            gone = at if marked else "null"
            if key in self.held or key in into:
                execute(f"update t set amount = {amount}, at = {at}, deleted_at = {gone} where id = {key}")
            else:
                execute(f"insert into t values ({key}, {amount}, {at}, {gone})")
            into[key] = None if marked else amount

    def _free_key(self) -> int:
        """One that no open transaction has: its row is locked."""
        return self.random.choice([key for key in range(1, KEYS + 1) if key not in self.open])

    def _time(self, late: int) -> str:
        at = NOW + timedelta(seconds=self.written - self.random.randint(0, late))
        return f"'{at:%F %T}'"

    @property
    def rows(self) -> list[list[int]]:
        return sorted([key, amount] for key, amount in self.held.items() if amount is not None)


@contextmanager
def growing_table(kind: str, mode: str, place: Place, random: Random) -> Iterator[ServerTable]:
    """The table `t` of the server in PLACE_URL."""
    place.declare(kind, f"t: {{{WORDS[mode]}}}", SCHEMA)
    connect: Any = _postgres if kind == "postgres" else _mariadb
    with closing(connect(True)) as now, closing(connect(False)) as later, now.cursor() as one, later.cursor() as two:
        one.execute(
            "create table t (id bigint primary key, amount bigint, at timestamp(0) null, deleted_at timestamp(0) null)"
        )
        yield ServerTable(mode, random, one.execute, two.execute, later.commit)


def _postgres(autocommit: bool) -> Any:
    return adbc_driver_postgresql.dbapi.connect(os.environ["PLACE_URL"], autocommit=autocommit)


def _mariadb(autocommit: bool) -> Any:
    there = urlsplit(os.environ["PLACE_URL"])
    return pymysql.connect(
        host=there.hostname,
        port=there.port or 3306,
        user=there.username,
        password=unquote(there.password or ""),
        database=there.path[1:],
        autocommit=autocommit,
        init_command="set time_zone = '+00:00'",
    )
