"""When runs saw each table, and whether it was what it should be then.

Decides what the entries of the ledger say of a table; what follows of promises is `transforms.budget`'s.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from transforms.ledger import Record, RunEntry, TableEntry, TableOutcome
from transforms.names import TableName

_SILENT: tuple[TableOutcome, ...] = ("skipped", "repointed")
"""What a person rolls back to is as old as it was; the next run says whether it is right."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """That a table was seen in a state at a time. `entry` says more; what was merely found fresh has none."""

    at: datetime
    outcome: TableOutcome
    run: str
    entry: TableEntry | None = None

    @property
    def good(self) -> bool:
        """Whether the table was what it should be."""
        return self.outcome in ("published", "fresh")


@dataclass(frozen=True)
class Track:
    """When a table was seen to be what it should be, or not to be; `_SILENT` outcomes say nothing of that."""

    sightings: tuple[Sighting, ...]

    @cached_property
    def times(self) -> list[datetime]:
        """When each was."""
        return [one.at for one in self.sightings]

    def last(self, at: datetime) -> Sighting | None:
        """The newest that is not after a moment."""
        number = bisect_right(self.times, at)
        return self.sightings[number - 1] if number else None

    def good(self, since: datetime, until: datetime) -> list[datetime]:
        """When, from one moment to another, it was what it should be."""
        return self._good[bisect_left(self._good, since) : bisect_right(self._good, until)]

    def first_good(self, since: datetime) -> datetime | None:
        """When, from a moment on, it was first what it should be."""
        number = bisect_left(self._good, since)
        return self._good[number] if number < len(self._good) else None

    @cached_property
    def _good(self) -> list[datetime]:
        return [one.at for one in self.sightings if one.good]


@dataclass(frozen=True)
class Sightings:
    """What runs have seen, table by table. What a run found fresh was so when the run began: it changed nothing."""

    records: tuple[Record, ...]

    def of(self, name: TableName) -> tuple[Sighting, ...]:
        """All sightings of a table, oldest first."""
        found = list(self._entries.get(name, ()))
        found += [Sighting(run.started, "fresh", run.run) for run in self._idle if run.found_fresh(name)]
        return tuple(sorted(found, key=lambda one: one.at))

    def track(self, name: TableName) -> Track:
        """The sightings of a table that say something of itself."""
        if name not in self._tracks:
            self._tracks[name] = Track(tuple(one for one in self.of(name) if one.outcome not in _SILENT))
        return self._tracks[name]

    @cached_property
    def ever_failed(self) -> frozenset[TableName]:
        """The tables that failed in any run: of all others nothing has to be looked up to know that they do not."""
        return frozenset(entry.table for record in self.records for entry in record.tables if entry.outcome == "failed")

    @cached_property
    def _tracks(self) -> dict[TableName, Track]:
        return {}

    @cached_property
    def _idle(self) -> list[RunEntry]:
        return [record.run for record in self.records if record.run.fresh]

    @cached_property
    def _entries(self) -> Mapping[TableName, list[Sighting]]:
        found: dict[TableName, list[Sighting]] = {}
        for record in self.records:
            for entry in record.tables:
                if entry.outcome == "fresh":  # it is here for its warnings; the run says when it was so
                    continue
                sighting = Sighting(entry.at, entry.outcome, record.run.run, entry)
                found.setdefault(entry.table, []).append(sighting)
        return found
