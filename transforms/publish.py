"""Publishing, decided: the next snapshot, how its parts are split into pages, what a retry keeps, what gc may delete.

Pure: nothing is read, written or deleted here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from itertools import pairwise
from typing import Any
from zlib import crc32

from transforms.column import Column
from transforms.lake_types import Type
from transforms.names import TableName
from transforms.plan import Step
from transforms.snapshot import WHOLE, Part, Snapshot

GRACE = timedelta(days=7)
"""How long a superseded snapshot, or what a killed run left, stays before gc may take it."""

WHOLE_PAGE = "whole"
FEW_DAYS, SMALL_TABLE = 7, 100
"""Days; see `at_once`."""


@dataclass(frozen=True, slots=True)
class Release:
    """What a build publishes: everything of the next snapshot that does not come from the current one."""

    table: TableName
    run: str
    at: datetime
    columns: tuple[Column, ...]
    partition: str | None


def page_of(value: str) -> str:
    """The page that holds a partition value: one a month, so that a day's publish rewrites 31 lines at most.

    >>> page_of("2024-05-31"), page_of("")
    ('2024-05', 'whole')
    """
    return value[:7] if value != WHOLE else WHOLE_PAGE


def paged(parts: Mapping[str, Part]) -> dict[str, dict[str, Part]]:
    """The parts by page, each page sorted by partition value."""
    pages: dict[str, dict[str, Part]] = {}
    for value in sorted(parts):
        pages.setdefault(page_of(value), {})[value] = parts[value]
    return pages


def chunked(items: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A long mapping cut into sorted chunks of some 250, so that an added key changes the chunk it falls into only.

    A chunk ends where the key itself says so: a cut by count would move all later ones.
    """
    chunks: list[dict[str, Any]] = []
    ended = True
    for key in sorted(items):
        if ended:
            chunks.append({})
        chunks[-1][key] = items[key]
        ended = crc32(key.encode()) % 256 == 0
    return chunks


def next_snapshot(
    current: Snapshot | None, release: Release, staged: Mapping[str, Part], *, replaces: bool = False
) -> Snapshot:
    """The table after this release; with `replaces` nothing but what was staged."""
    kept = current.parts if current and not replaces else {}
    return Snapshot(
        table=release.table,
        version=current.version if current else 0,
        run=release.run,
        published_at=release.at,
        columns=release.columns,
        partition=release.partition,
        parts={**kept, **staged},
        rejects=current.rejects if current else (),
        reject_rows=current.reject_rows if current else 0,
        state=current.state if current else {},
    )


def evolved(previous: Snapshot | None, new: Snapshot) -> bool:
    """Whether files with different columns stand side by side in `new`: some are older than its newest column."""
    if previous is None:
        return new.evolved
    changed = _typed(previous) != _typed(new)
    if not changed and not previous.evolved:
        return new.evolved
    return new.evolved or any(
        not set(part.files).isdisjoint(_files(previous, value)) for value, part in new.parts.items()
    )


def _typed(snapshot: Snapshot) -> list[tuple[str, Type]]:
    return [(column.name, column.type) for column in snapshot.columns]


def _files(snapshot: Snapshot, value: str) -> tuple[str, ...]:
    part = snapshot.parts.get(value)
    return part.files if part else ()


def at_once(before: Snapshot | None, new: Snapshot) -> bool:
    """Whether the days that readers know must change in one moment, where a catalog switches them one by one.

    That has its price: a small object for every day of the table. So a day alone, and a few days of a table of many,
    change one after the other. Ingest only adds rows to days, which are right one by one.
    """
    if before is None:
        return False
    if before.partition != new.partition or _typed(before) != _typed(new):
        return True
    known = [value for value, part in before.parts.items() if part.files]
    changed = sum(_files(new, value) != _files(before, value) for value in known)
    few = len(known) <= SMALL_TABLE and new.table.layer != "raw"
    return changed > FEW_DAYS or (changed > 1 and few)


def rolled_back(current: Snapshot, old: Snapshot, run: str, at: datetime) -> Snapshot:
    """The old rows, and what ingest knew with them, as a new version."""
    return replace(old, version=current.version, run=run, published_at=at)


def complete(staged: Mapping[str, Part], wanted: Mapping[str, str]) -> dict[str, Part]:
    """The staged parts with their fingerprints; days (or a whole table) that came out empty are recorded as built."""
    empty = Part((), 0, 0, "")
    return {value: replace(staged.get(value, empty), fingerprint=print_) for value, print_ in wanted.items()}


def reusable(staged: Mapping[str, Part], wanted: Mapping[str, str]) -> dict[str, Part]:
    """What a retry may keep of what was staged before: equal fingerprints mean equal rows."""
    return {value: part for value, part in staged.items() if wanted.get(value) == part.fingerprint}


def promise_of(wanted: Mapping[str, str]) -> str:
    """One word for rows with these fingerprints: equal words, equal rows."""
    return blake2b(json.dumps(sorted(wanted.items())).encode(), digest_size=12).hexdigest()


def remaining(step: Step, done: Collection[str]) -> Step:
    """The step without the parts that are done."""
    days = None if step.days is None else tuple(day for day in step.days if day.isoformat() not in done)
    return replace(step, days=days, wanted={v: f for v, f in step.wanted.items() if v not in done})


def published_by(current: Snapshot, run: str, wanted: Mapping[str, str]) -> dict[str, Part]:
    """The parts with files that this very run has published: a run that is repeated does not build them again."""
    parts = reusable(current.parts, wanted)
    return {value: part for value, part in parts.items() if part.files and _made_by(part, run)}


def _made_by(part: Part, run: str) -> bool:
    folders = {location_of(file).rpartition("/")[2] for file in part.files}
    return all(re.fullmatch(rf"{re.escape(run)}(-\d+)?", folder) for folder in folders)


def droppable(versions: Sequence[tuple[int, datetime]], before: datetime) -> list[int]:
    """The versions that were superseded before that moment; never the newest.

    A version's readers may still be at work for a while after its successor was published.
    """
    return [version for (version, _), (_, superseded) in pairwise(sorted(versions)) if superseded < before]


def location_of(file: str) -> str:
    """The folder of a run that a file of a part lies in: database, table, run.

    >>> location_of("core_ads/daily/20240501T090000-1f/day=2024-05-01/data_0.parquet")
    'core_ads/daily/20240501T090000-1f'
    """
    return "/".join(file.split("/")[:3])


def referenced(snapshots: Iterable[Snapshot]) -> set[str]:
    """All files that these snapshots speak of."""
    files: set[str] = set()
    seen: set[int] = set()
    for snapshot in snapshots:
        files.update(snapshot.rejects)
        for part in snapshot.parts.values():
            if id(part) not in seen:
                seen.add(id(part))
                files.update(part.files)
    return files
