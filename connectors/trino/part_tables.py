"""Tables of Trino over the lake's parts: each part a partition, whoever reads them names the parts that are meant.

One for every table and set of columns, in a schema that people have no business in. A partition is added before
anything names it and never changes, so a version of a table is nothing but a list of keys. Decides no version.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from threading import Lock

from connectors.storage import Folder
from connectors.trino.links import part_folder, part_key
from connectors.trino.session import Failed, TrinoSession
from transforms.column import Column
from transforms.errors import OutsideError
from transforms.lake_types import VARCHAR
from transforms.names import TableName
from transforms.snapshot import Part, Snapshot

SCHEMA = "baikal_lake"
"""The schema of these tables, and of those that are there only while rows are staged."""
KEY = "baikal_part"
"""The partition column that tells the parts apart."""
NOW = "__now"
"""What is added to the name of such a table for the view of the version that is published."""
AT_ONCE = 4
_STAGED, _STAMP = "staged_", "%Y%m%d%H%M%S"
_MISSING = ("TABLE_NOT_FOUND", "SCHEMA_NOT_FOUND")


class PartTables:
    """Of one lake in one catalog. Safe to use from several threads at once."""

    def __init__(self, session: TrinoSession, storage: Folder) -> None:
        self.session, self.storage = session, storage
        self._catalog, self._location = session.place.catalog, session.place.location.rstrip("/")
        self._known: dict[str, set[str]] = {}
        self._locks: dict[str, Lock] = {}
        self._lock = Lock()

    def ensure(self, snapshot: Snapshot, *, again: bool = False) -> None:
        """Every part of the snapshot is a partition; with `again`, whatever was seen before. Raises Failed."""
        table, new = parts_table(snapshot), _keyed(snapshot)
        with self._lock:
            lock = self._locks.setdefault(table, Lock())
        with lock:
            if again or table not in self._known:
                self._known[table] = self._keys(table, snapshot)
            known = self._known[table]
            missing = sorted(new.keys() - known)
            with ThreadPoolExecutor(AT_ONCE) as threads:
                for key in threads.map(lambda key: self._register(table, snapshot, key, *new[key]), missing):
                    known.add(key)

    def select(self, snapshot: Snapshot) -> str:
        """A query for the rows of exactly this version, over partitions that `ensure` has added."""
        items = ", ".join(f'"{column.name}"' for column in snapshot.columns)
        listed = ", ".join(f"'{key}'" for key in sorted(_keyed(snapshot)))
        which = f'"{KEY}" in ({listed})' if listed else "false"
        return f"select {items} from {self.name(parts_table(snapshot))} where {which}"

    def name(self, table: str, schema: str = SCHEMA) -> str:
        """As statements name it."""
        return f'"{self._catalog}"."{schema}"."{table}"'

    def make_schema(self, schema: str) -> None:
        """A schema, if it is not there yet: to make one takes a permission that to use it does not."""
        asked = f"select 1 from \"{self._catalog}\".information_schema.schemata where schema_name = '{schema}'"
        if not self.session.do(asked, "read the schemas"):
            self._make(f'create schema if not exists "{self._catalog}"."{schema}"', f"make the schema {schema}")

    @contextmanager
    def staging(self, folder: str, columns: Sequence[Column], partition: str | None) -> Iterator[str]:
        """A table over a folder, from the lake's root, for one statement to write to; its files stay when it goes."""
        table = f"{_STAGED}{datetime.now(UTC):{_STAMP}}_{secrets.token_hex(6)}"
        try:
            self._create(table, columns, folder, [partition] if partition else [])
            yield self.name(table)
        finally:
            with suppress(OutsideError):
                self.drop(table)

    def tables_of(self, name: TableName) -> list[str]:
        """The tables, and the views of what is published, that stand for one table of the lake."""
        return [table for table in self._tables() if table.startswith(_stem(name))]

    def partitions(self, table: str) -> dict[str, dict[str, str]]:
        """The values of each one by their columns, by its key. Raises Failed."""
        found = self.session.ask(f"select * from {self.name(f'{table}$partitions')}")
        names = [name for name, _ in found.columns]
        values = [dict(zip(names, map(str, row), strict=True)) for row in found.rows]
        return {one[KEY]: one for one in values}

    def unregister(self, table: str, values: Mapping[str, str]) -> None:
        """Takes a partition away; its files stay."""
        self._call("unregister_partition", table, values)

    def drop(self, table: str) -> None:
        """Takes a table or view away; files stay."""
        kind = "view" if table.endswith(NOW) else "table"
        self.session.do(f"drop {kind} if exists {self.name(table)}", "clean the lake's tables")

    def drop_staged(self, before: datetime) -> None:
        """Takes away what builds that were killed have left."""
        last = f"{_STAGED}{before.astimezone(UTC):{_STAMP}}"
        for table in self._tables():
            if table.startswith(_STAGED) and table < last:
                self.drop(table)

    def _keys(self, table: str, snapshot: Snapshot) -> set[str]:
        """Those of the table, which is made if it is not there yet."""
        try:
            return set(self.partitions(table))
        except Failed as failed:
            if failed.code not in _MISSING:
                raise
        self.make_schema(SCHEMA)
        keys = [*([snapshot.partition] if snapshot.partition else []), KEY]
        home = f"{snapshot.table.database}/{snapshot.table.table}"
        self._create(table, (*snapshot.columns, Column(KEY, VARCHAR)), home, keys)
        return set()

    def _create(self, table: str, columns: Sequence[Column], folder: str, keys: Sequence[str]) -> None:
        ordered = [column for column in columns if column.name not in keys]
        ordered += [column for key in keys for column in columns if column.name == key]
        listed = ", ".join(f'"{column.name}" {column.type}' for column in ordered)
        options = f"format = 'PARQUET', external_location = '{self._location}/{folder}'"
        if keys:
            options += f", partitioned_by = array[{', '.join(map(text, keys))}]"
        self._make(
            f"create table if not exists {self.name(table)} ({listed}) with ({options})", f"make {SCHEMA}.{table}"
        )

    def _make(self, sql: str, doing: str) -> None:
        """A statement that makes what another process may make at the same time."""
        try:
            self.session.do(sql, doing)
        except Failed as failed:
            if not failed.code.endswith("ALREADY_EXISTS"):
                raise

    def _register(self, table: str, snapshot: Snapshot, key: str, value: str, part: Part) -> str:
        folder = part_folder(self.storage.root, snapshot.table, part)
        values = {**({snapshot.partition: value} if snapshot.partition else {}), KEY: key}
        self._call("register_partition", table, values, f"{self._location}/{folder}")
        return key

    def _call(self, procedure: str, table: str, values: Mapping[str, str], *more: str) -> None:
        columns, texts = (f"array[{', '.join(map(text, words))}]" for words in (values, values.values()))
        words = [text(SCHEMA), text(table), columns, texts, *map(text, more)]
        call = f'call "{self._catalog}".system.{procedure}({", ".join(words)})'
        self._make(call, f"{procedure.replace('_', ' a ')} of {SCHEMA}.{table}")

    def _tables(self) -> list[str]:
        asked = f"select table_name from \"{self._catalog}\".information_schema.tables where table_schema = '{SCHEMA}'"
        return [str(table) for (table,) in self.session.do(asked, "read the lake's tables")]


def parts_table(snapshot: Snapshot) -> str:
    """The name of the table over the parts of a snapshot: that of all snapshots with the same columns."""
    columns = [f"{column.name} {column.type}" for column in snapshot.columns]
    return f"{_stem(snapshot.table)}{digest(str(snapshot.partition), *columns)}"


def _stem(name: TableName) -> str:
    """No other table's begin with it: `a__b.c` is not `a.b__c`."""
    return f"{name.database}__{name.table}__{digest(str(name))}"


def _keyed(snapshot: Snapshot) -> dict[str, tuple[str, Part]]:
    """The parts that have rows, with their values."""
    return {part_key(part): (value, part) for value, part in snapshot.parts.items() if part.files}


def digest(*words: str) -> str:
    """Short, of words in their order."""
    return hashlib.sha256("\0".join(words).encode()).hexdigest()[:8]


def text(word: str) -> str:
    """A literal of SQL."""
    quoted = word.replace("'", "''")
    return f"'{quoted}'"
