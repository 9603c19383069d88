"""A source as its YAML file declares it: a system outside, and the tables that ingest lands from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from transforms.column import Column
from transforms.lake_types import BIGINT, DATE, TIMESTAMP, VARCHAR
from transforms.layout import SCHEMA_SUFFIX
from transforms.names import TableName
from transforms.protection import Protection
from transforms.slo import Slo

Mode = Literal["snapshot", "append", "upsert"]
Shape = Literal["database", "files", "api"]
DAY = "day"
DEFAULT_REJECTS = 0.001
SHAPES: Mapping[str, Shape] = {
    "postgres": "database",
    "mysql": "database",
    "jsonl": "files",
    "csv": "files",
    "parquet": "files",
    "logs": "files",
    "xlsx": "files",
    "sqlite": "database",
    "duckdb": "database",
    "sheets": "database",
    "rest": "api",
}
"""Every kind of source, and what it is like to read: by tables and columns, by files, by requests."""
_FROM_FILES = (
    Column("_file", VARCHAR, "The file that the row came from"),
    Column("_line", BIGINT, "The line of the file, from 1"),
)
_INGESTED_AT = Column("_ingested_at", TIMESTAMP, "When the row was read, UTC")
_DAY_COLUMN = Column(DAY, DATE, "Calendar day of the company that the row belongs to")


@dataclass(frozen=True, slots=True)
class SourceTable:
    """One table that a source lands in `raw_<source>.<name>`.

    snapshot: the whole table replaces itself. append: rows above the cursor (or files not yet seen) are added.
    upsert: rows above the cursor replace those with the same key.
    `day` is the column that splits the raw table into company days; DAY itself when it is the `{day}` of the path.
    `restate_days`: the newest days that are fetched again and replace themselves.
    `protections` are of columns that hold personal values; a dropped one is in no lake, and not among `columns`.
    `description` says what a row is, where the source's own does not do.
    `columns` come from `<source>.schema.yaml`; `options` are the reader's own words, checked by it.
    """

    name: TableName
    mode: Mode
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    cursor: str | None = None
    day: str | None = None
    restate_days: int = 0
    rejects: float = DEFAULT_REJECTS
    options: dict[str, Any] = field(default_factory=dict)
    line: int = 0
    description: str = ""
    protections: Mapping[str, Protection] = field(default_factory=dict)

    @property
    def dropped(self) -> frozenset[str]:
        """The columns of the source that nothing is kept of."""
        return frozenset(name for name, one in self.protections.items() if one.kind == "drop")


@dataclass(frozen=True, slots=True)
class Source:
    """A system outside, of a `kind` in SHAPES; the target finds it by the name `connection`: no secret is in the file.

    `every` decides when the source is due: the company's clock cut into such steps.
    `lines` tells on which line each key of the file stands.
    """

    name: str
    path: str
    kind: str
    owner: str
    description: str
    connection: str
    tables: tuple[SourceTable, ...]
    every: timedelta = timedelta(days=1)
    options: dict[str, Any] = field(default_factory=dict)
    slo: Slo | None = None
    lines: Mapping[str, int] = field(default_factory=dict)

    @property
    def shape(self) -> Shape:
        """What it is like to read a source of this kind."""
        return SHAPES[self.kind]

    @property
    def addresses(self) -> Mapping[str, str]:
        """The names that a target gives addresses to, by the words that say them; the rows are read from the last."""
        found = {"connection": self.connection}
        return {**found, "replica": str(self.options["replica"])} if "replica" in self.options else found

    @property
    def schema_path(self) -> str:
        """The file of the columns, beside its own."""
        return f"{self.path.removesuffix('.yaml')}{SCHEMA_SUFFIX}"

    def raw_columns(self, table: SourceTable) -> tuple[Column, ...]:
        """The columns of the raw table: the declared ones, where each row came from, and its day, which is last."""
        origin = (*_FROM_FILES, _INGESTED_AT) if self.shape == "files" else (_INGESTED_AT,)
        return (*table.columns, *origin, *((_DAY_COLUMN,) if table.day else ()))


def tick(every: timedelta, now: datetime) -> datetime:
    """The newest tick that is not after `now`."""
    wall = now.replace(tzinfo=None)
    midnight = wall.replace(hour=0, minute=0, second=0, microsecond=0)
    start = midnight if every < timedelta(days=1) else datetime(1970, 1, 1)
    return (start + (wall - start) // every * every).replace(tzinfo=now.tzinfo)
