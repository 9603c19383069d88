"""The way of one source table: read what is new, let it arrive, swap.

Never decides how a kind of system is read; everything that a next run must know swaps with the rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import astuple, replace
from datetime import date
from functools import partial
from typing import Any

from connectors.address import key
from connectors.arrival import Arrival, Attempt, standing_of
from connectors.grown import announcements, remembered, with_grown_columns
from connectors.landed import Landed
from connectors.location import Location
from connectors.pace import Progress
from connectors.politeness import connected
from connectors.protecting import Protecting
from connectors.reader import MOMENT, Asked, Reading
from connectors.readers import reader_for
from connectors.readers.database.restated import FIRST_DAY
from connectors.repairing import reading as repaired_reading
from connectors.repairing import rejects_of
from transforms.snapshot import Part, Snapshot
from transforms.source import DAY, Source, SourceTable

_CURSOR = ("cursor", "since", "recent", FIRST_DAY)
"""Words of the state that tell how far a table was read."""
_REPLACED = (
    "{table} was published by another mode, and append knows no cursor of its rows: it was read anew and replaced, "
    "as by --full"
)


def land(attempt: Attempt, address: str, progress: Progress | None) -> Landed:
    """Raises Conflict when another run published meanwhile, and what `connectors.ingest.ingest` raises."""
    lake = attempt.lake
    with nullcontext() if attempt.repair else connected(lake, attempt.source):
        current = lake.catalog.own(attempt.table.name)
        replaced = _stands_whole(attempt, current)
        attempt = replace(attempt, full=True) if replaced else attempt
        known, reading = _reading(attempt, address, current)
        reading.warnings += [_REPLACED.format(table=attempt.table.name)] if replaced else []
        try:
            with lake.stopping(reading.cancel):
                return _landing(attempt, known, reading, current, progress)
        finally:
            reading.close()


def _landing(
    attempt: Attempt, known: SourceTable, reading: Reading, current: Snapshot | None, progress: Progress | None
) -> Landed:
    lake, table, at, protecting = attempt.lake, attempt.table, attempt.at, attempt.protecting
    reading.warnings += protecting.warnings(table, standing_of(table, reading, current))
    if reading.unchanged and current:
        reading.warnings += announcements(attempt.source, table, current.state)
        return _landed(current, current, reading, 0, 0, protecting)
    with Location.create(lake.storage, table.name, attempt.run, at) as location:
        arrival = Arrival(replace(attempt, table=known), current, reading, location)
        with arrival:
            new = _with_grown(attempt, known, reading, arrival.snapshot(arrival.take(progress)))
        if current and _shrank(attempt, current, new):
            reading.warnings.append(_fewer(current, new))
        if current and _same(current, new) and not (attempt.repair and _told_otherwise(location, current, new)):
            return _landed(current, current, reading, 0, arrival.rejects.rows, protecting)
        location.sync([file for file in _files(new) if file.startswith(location.relative + "/")])
        with location.publishing():
            published = lake.catalog.commit(table.name, current.version if current else None, new)
    rows = arrival.landing.rows - arrival.deletes.marked
    landed = _landed(published, current, reading, rows, arrival.rejects.rows, protecting)
    return replace(landed, deleted=arrival.deletes.rows)


def _with_grown(attempt: Attempt, known: SourceTable, reading: Reading, new: Snapshot) -> Snapshot:
    """The snapshot, which remembers the columns that its files made wider, and a warning for each."""
    if attempt.source.shape != "files":
        return new
    columns = {column.name: column for column in (*known.columns, *reading.widened_columns)}
    new = remembered(new, attempt.table, columns)
    reading.warnings += announcements(attempt.source, attempt.table, new.state)
    return new


def _reading(attempt: Attempt, address: str, current: Snapshot | None) -> tuple[SourceTable, Reading]:
    """The table with its known columns, and what is to be read of it.

    When everything is read again, no column is known but the declared ones: the others are met again, or are gone.
    Files say themselves whether it is everything; a database or an API is asked as on the first day.
    """
    source, table, state = attempt.source, attempt.table, current.state if current else {}
    now, lake = attempt.at.astimezone(attempt.lake.target.timezone), attempt.lake
    reader = reader_for(source.kind)
    secret, home = partial(key, lake, source), lake.content.home
    asked = Asked(
        source,
        table,
        address,
        state,
        lake.storage,
        now,
        secret,
        home,
        attempt.last,
        attempt.full,
        attempt.run,
        attempt.primary,
    )
    if attempt.repair is not None:
        known = with_known_columns(source, table, current)
        return known, repaired_reading(attempt.lake.storage, replace(asked, table=known), attempt.repair, current)
    if _anew(attempt) or (attempt.full and source.shape == "database"):  # a snapshot's columns have types as at first
        asked = replace(asked, state={key: state[key] for key in (MOMENT,) if key in state})
    if _anew(attempt):
        reading = reader.read(asked)
        reading.whole = True
        return table, reading
    if attempt.full and source.shape == "files":
        reading = reader.read(asked)
        if reading.whole:
            return table, reading
        reading.close()
    if table.mode == "snapshot":  # it holds more than a cursor says that an earlier mode left
        asked = replace(asked, state={word: value for word, value in asked.state.items() if word not in _CURSOR})
    known = with_known_columns(source, table, current)
    return known, reader.read(replace(asked, table=known))


def with_known_columns(source: Source, table: SourceTable, current: Snapshot | None) -> SourceTable:
    """The table with the columns that earlier readings met, or found wider, and that are not in the schema file yet.

    Of a snapshot, whose rows are all new, only what is declared.
    """
    if current is None or table.mode == "snapshot":
        return table
    declared = {column.name for column in source.raw_columns(table)} | {DAY}
    met = tuple(column for column in current.columns if column.name not in declared)
    return replace(table, columns=(*with_grown_columns(table, current.state).columns, *met))


def _same(current: Snapshot, new: Snapshot) -> bool:
    return (
        current.parts.keys() == new.parts.keys()
        and all(current.parts[value].fingerprint == part.fingerprint for value, part in new.parts.items())
        and current.columns == new.columns
        and _lasting(current.state) == _lasting(new.state)
        and current.reject_rows == new.reject_rows
    )


def _told_otherwise(location: Location, current: Snapshot, new: Snapshot) -> bool:
    """Whether the rejects that are left have other reasons than before, or other bytes."""
    before, now = (sorted(map(astuple, rejects_of(location.storage, one))) for one in (current, new))
    return before != now


def _lasting(state: Mapping[str, Any]) -> dict[str, Any]:
    """Without what differs from reading to reading though nothing is new."""
    return {key: value for key, value in state.items() if key != MOMENT}


def _anew(attempt: Attempt) -> bool:
    """Whether a system is asked as on the first day; files say themselves what they are, and a snapshot always is."""
    return attempt.full and attempt.source.shape != "files" and attempt.table.mode != "snapshot"


def _shrank(attempt: Attempt, current: Snapshot, new: Snapshot) -> bool:
    """Of a snapshot that is read as always, fewer than half of the rows are worth telling."""
    if attempt.table.mode == "snapshot":
        return 2 * new.rows < current.rows
    return _anew(attempt) and new.rows < current.rows


def _stands_whole(attempt: Attempt, current: Snapshot | None) -> bool:
    """Whether rows stand that no cursor knows, so that a reading from the first row on would land them twice."""
    appends = attempt.table.mode == "append" and attempt.source.shape != "files" and attempt.repair is None
    return appends and current is not None and current.rows > 0 and "cursor" not in current.state


def _fewer(current: Snapshot, new: Snapshot) -> str:
    """A source that keeps its newest rows only would take the others out of the lake."""
    return (
        f"{new.table} was read anew and has {new.rows:,} rows, where it had {current.rows:,}; "
        f"if it should keep them, write baikal rollback {new.table}"
    )


def _files(snapshot: Snapshot) -> Iterator[str]:
    for part in snapshot.parts.values():
        yield from part.files
    yield from snapshot.rejects


def _landed(
    snapshot: Snapshot, before: Snapshot | None, reading: Reading, rows: int, rejects: int, protecting: Protecting
) -> Landed:
    """`before` is the table as it was; the snapshot itself when nothing was published."""
    old = before.parts if before else {}
    changed = {value: part for value, part in snapshot.parts.items() if old.get(value) != part}
    return Landed(
        table=snapshot.table,
        rows=rows,
        rejects=rejects,
        new_columns=tuple(protecting.kept(reading.new_columns)),
        seconds=0.0,
        version=snapshot.version,
        unchanged=snapshot is before,
        missing_columns=tuple(reading.missing_columns),
        warnings=tuple(reading.warnings),
        days=tuple(sorted(map(date.fromisoformat, changed))) if snapshot.partition else (),
        bytes=sum(_added(part, old.get(value)) for value, part in changed.items()),
    )


def _added(part: Part, old: Part | None) -> int:
    """Bytes of the files that came: of a part that only grew, those that were not there."""
    return part.bytes - old.bytes if old and set(old.files) <= set(part.files) else part.bytes
