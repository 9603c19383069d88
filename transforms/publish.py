"""Publishing, decided: the next snapshot, how its parts are split into pages, what a retry keeps, what gc may delete.

Pure: nothing is read, written or deleted here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise

from transforms.column import Column
from transforms.names import TableName
from transforms.snapshot import WHOLE, Part, Snapshot

GRACE = timedelta(days=7)
"""How long a superseded snapshot, or what a killed run left, stays before gc may take it."""

WHOLE_PAGE = "whole"


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


def next_snapshot(current: Snapshot | None, release: Release, staged: Mapping[str, Part]) -> Snapshot:
    """The table after this release. A table that gained or lost its days keeps nothing of its old layout."""
    kept = current.parts if current and release.partition and current.partition == release.partition else {}
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
    changed = [(c.name, c.type) for c in previous.columns] != [(c.name, c.type) for c in new.columns]
    if not changed and not previous.evolved:
        return new.evolved
    return any(not set(part.files).isdisjoint(_files(previous, value)) for value, part in new.parts.items())


def _files(snapshot: Snapshot, value: str) -> tuple[str, ...]:
    part = snapshot.parts.get(value)
    return part.files if part else ()


def rolled_back(current: Snapshot, old: Snapshot, run: str, at: datetime) -> Snapshot:
    """The old rows, and what ingest knew with them, as a new version."""
    return replace(old, version=current.version, run=run, published_at=at)


def complete(staged: Mapping[str, Part], days: Iterable[date] | None, wanted: Mapping[str, str]) -> dict[str, Part]:
    """The staged parts with their fingerprints; days (or a whole table) that came out empty are recorded as built."""
    values = [WHOLE] if days is None else [day.isoformat() for day in days]
    empty = Part((), 0, 0, "")
    return {value: replace(staged.get(value, empty), fingerprint=wanted[value]) for value in values}


def reusable(staged: Mapping[str, Part], wanted: Mapping[str, str]) -> dict[str, Part]:
    """What a retry may keep of what was staged before: equal fingerprints mean equal rows."""
    return {value: part for value, part in staged.items() if wanted.get(value) == part.fingerprint}


def droppable(versions: Sequence[tuple[int, datetime]], now: datetime, grace: timedelta) -> list[int]:
    """The versions that were superseded longer than `grace` ago; never the newest.

    A version's readers may still be at work for as long after its successor was published.
    """
    ordered = sorted(versions)
    return [version for (version, _), (_, superseded) in pairwise(ordered) if superseded + grace < now]


def unreferenced(dropped: Iterable[Snapshot], kept: Iterable[Snapshot]) -> set[str]:
    """The files that only dropped snapshots speak of."""
    return _all_files(dropped) - _all_files(kept)


def _all_files(snapshots: Iterable[Snapshot]) -> set[str]:
    files: set[str] = set()
    seen: set[int] = set()
    for snapshot in snapshots:
        files.update(snapshot.rejects)
        for part in snapshot.parts.values():
            if id(part) not in seen:
                seen.add(id(part))
                files.update(part.files)
    return files
