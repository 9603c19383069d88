"""The lake's published tables on a Trino server, as Athena sees them: the same Parquet files, hard-linked or copied.

A catalog of its own, with a folder of its own beside the lake, both gone at the end.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from connectors.lake import TEMPORARY, Lake
from local_dev.trino import PORT, Answer, ask
from transforms.column import Column
from transforms.dialect.trino_text import trino_text
from transforms.errors import OutsideError
from transforms.names import TableName
from transforms.snapshot import Snapshot

_PROPERTIES = {
    "hive.metastore": "file",
    "hive.metastore.catalog.dir": "local:///managed",
    "fs.native-local.enabled": "true",
    "hive.non-managed-table-writes-enabled": "true",
    "hive.timestamp-precision": "MILLISECONDS",
}
PATIENCE_S = 600


class TrinoLake:
    """Tables and views under their own names. Raises OutsideError for whatever Trino cannot do with them."""

    def __init__(self, lake: Lake, catalog: str, folder: Path, port: int) -> None:
        self.lake = lake
        self.catalog = catalog
        self.folder = folder
        self.port = port
        self._made: set[TableName] = set()

    def ask(self, sql: str) -> Answer:
        """One statement, which may fail."""
        try:
            return ask(sql, port=self.port, timeout=PATIENCE_S, catalog=self.catalog)
        except OSError as error:
            raise unreachable(self.port) from error

    def attach(self, names: Iterable[TableName], pins: Mapping[TableName, Snapshot | None]) -> None:
        """Make tables readable at the pinned versions, and the views over them; each once."""
        for name in names:
            if name in self._made:
                continue
            self._do(f"create schema if not exists {name.database}")
            if self.lake.content.kind(name) == "view":
                self.attach((table.table for table in self.lake.content.analyses[name].inputs), pins)
                text = self.lake.content.relations[name].text
                self._do(f"create view {_sql(name)} as {trino_text(text, self.lake.content.schema)}")
            else:
                self._table(name, self.lake.content.columns(name), pins.get(name))
            self._made.add(name)

    def _table(self, name: TableName, columns: tuple[Column, ...], snapshot: Snapshot | None) -> None:
        folder = self.folder / "tables" / name.database / name.table
        folder.mkdir(parents=True)
        partition = snapshot.partition if snapshot else None
        for value, part in snapshot.parts.items() if snapshot else ():
            place = folder / f"{partition}={value}" if partition else folder
            place.mkdir(exist_ok=True)
            for index, file in enumerate(part.files):
                _linked(self.lake.root / file, place / f"{index}.parquet")
        ordered = sorted(columns, key=lambda column: column.name == partition)
        listed = ", ".join(f'"{column.name}" {column.type}' for column in ordered)
        location = f"local:///tables/{name.database}/{name.table}"
        options = f"external_location = '{location}', format = 'PARQUET'"
        if partition:
            options += f", partitioned_by = array['{partition}']"
        self._do(f"create table {_sql(name)} ({listed}) with ({options})")
        if partition:
            self._do(f"call system.sync_partition_metadata('{name.database}', '{name.table}', 'FULL')")

    def _do(self, sql: str) -> None:
        answer = self.ask(sql)
        if answer.error is not None:
            raise OutsideError(f"Trino cannot have the lake's tables: {answer.error}")


@contextmanager
def trino_lake(lake: Lake, port: int = PORT) -> Iterator[TrinoLake]:
    """Nothing of it remains. Raises OutsideError when no server answers."""
    name = f"parity_{secrets.token_hex(4)}"
    folder = (lake.root / TEMPORARY / name).absolute()
    held = TrinoLake(lake, name, folder, port)
    (folder / "managed").mkdir(parents=True)
    properties = {**_PROPERTIES, "local.location": str(folder)}
    listed = ", ".join(f"\"{key}\" = '{value}'" for key, value in properties.items())
    try:
        held._do(f"create catalog {name} using hive with ({listed})")
        try:
            yield held
        finally:
            held.ask(f"drop catalog {name}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def unreachable(port: int) -> OutsideError:
    """What to raise when no server answers."""
    return OutsideError(f"no Trino answers on 127.0.0.1:{port}; start one with `make trino`")


def _linked(file: Path, place: Path) -> None:
    try:
        os.link(file, place)
    except OSError:
        shutil.copyfile(file, place)


def _sql(name: TableName) -> str:
    return f'"{name.database}"."{name.table}"'
