"""One source table through read, land, check, swap; and when a source is due.

Rows, cursors and the list of files already read swap together, so a killed run leaves nothing to repair.
Never decides how a kind of system is read, or what a table's files look like.
"""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connectors.address import read_from
from connectors.landed import Landed
from connectors.pace import Progress
from transforms.errors import Conflict
from transforms.names import TableName
from transforms.source import Source, SourceTable, tick

if TYPE_CHECKING:
    from connectors.lake import Lake
    from connectors.repairing import Repair

ATTEMPTS = 3


def ingest(
    lake: Lake,
    source: Source,
    table: SourceTable,
    *,
    run: str,
    progress: Progress | None = None,
    full: bool = False,
    repair: Repair | None = None,
) -> Landed:
    """With `full`, what was read already is read again and replaces the rows that stand; with `repair`, only rejects.

    Raises ContentError, TooManyRejects or SchemaChanged (nothing was published), OutsideError, or Conflict.

    A run that lost the race against another one reads again what is new since then, at most twice.
    """
    from connectors.arrival import Attempt
    from connectors.failed_attempt import forget_failure  # Arrow is not needed to see that nothing is due
    from connectors.landed_table import land

    started = time.monotonic()
    lake.content.require(table.name)
    where, primary = read_from(lake, source) if repair is None or source.shape == "files" else ("", "")
    last = last_ingested(lake, table.name)
    for attempt in range(1, ATTEMPTS + 1):
        at = lake.now()
        try:
            landed = land(Attempt(lake, source, table, run, at, last, full, repair, primary), where, progress)
        except Conflict:
            if attempt == ATTEMPTS:
                raise
            lake.storage.wait(attempt)
            continue
        if repair is None:
            _remember(lake, table.name, at, run)
        forget_failure(lake, table.name)
        return replace(landed, seconds=time.monotonic() - started)
    raise AssertionError("unreachable: the last attempt returns or raises")


def due(source: Source, last: datetime | None, now: datetime) -> bool:
    """Whether the company's clock passed a tick since the last ingest; `now` carries the company's zone.

    Ticks are the company's midnight and every `every` after it; of steps of several days, the days since 1970.
    """
    return last is None or last.astimezone(UTC) < tick(source.every, now).astimezone(UTC)


def last_ingested(lake: Lake, name: TableName) -> datetime | None:
    """When the table was last read to its end, whether or not anything was new. None if never."""
    try:
        return datetime.fromisoformat(json.loads(lake.storage.noted(_seen(name)) or b"{}")["at"])
    except (ValueError, KeyError, TypeError):
        return None


def due_tables(lake: Lake) -> list[tuple[Source, SourceTable]]:
    """The tables that were not read since their source's last tick; one small read for each."""
    now = lake.now().astimezone(lake.target.timezone)
    return [
        (source, table)
        for source in lake.content.sources.values()
        for table in source.tables
        if due(source, last_ingested(lake, table.name), now) and not lake.borrows(table.name)
    ]


def _remember(lake: Lake, name: TableName, at: datetime, run: str) -> None:
    """Only saves work: an ingest that is repeated because this was lost changes nothing."""
    lake.storage.note(_seen(name), json.dumps({"at": at.isoformat(), "run": run}).encode())


def _seen(name: TableName) -> str:
    return f"{name.database}/{name.table}/_ingested.json"
