"""The lake's published tables on a Trino server, as Athena sees them: the same Parquet files, hard-linked or copied.

A catalog of its own, with a folder of its own beside the lake, both gone at the end.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from connectors.lake import TEMPORARY, Lake
from connectors.trino.links import linked
from local_dev.trino import PORT, Answer, ask, make_catalog, require_server
from transforms.column import Column
from transforms.dialect.trino_text import trino_text
from transforms.errors import OutsideError
from transforms.names import TableName
from transforms.snapshot import Snapshot

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
        return ask(sql, port=self.port, timeout=PATIENCE_S, catalog=self.catalog)

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
                linked(self.lake.root / file, place / f"{index}.parquet")
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
        self.require(self.ask(sql))

    @staticmethod
    def require(answer: Answer) -> None:
        """Raises OutsideError for a statement that failed."""
        if answer.error is not None:
            raise OutsideError(f"Trino cannot have the lake's tables: {answer.error}")


@contextmanager
def trino_lake(lake: Lake, port: int = PORT) -> Iterator[TrinoLake]:
    """Nothing of it remains. Raises OutsideError when no server answers."""
    require_server(port)
    name = f"parity_{secrets.token_hex(4)}"
    folder = (lake.root / TEMPORARY / name).absolute()
    held = TrinoLake(lake, name, folder, port)
    try:
        held.require(make_catalog(name, folder, port))
        try:
            yield held
        finally:
            held.ask(f"drop catalog {name}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sql(name: TableName) -> str:
    return f'"{name.database}"."{name.table}"'
