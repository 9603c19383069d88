"""What is wrong: incidents by their root cause, with what is affected below.

Pure: what was seen and what time it is are the caller's; who is told of them, and when, is `transforms.alerts`'s.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import cached_property
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

from transforms.budget import ONE_DAY, Observed, PromiseStanding
from transforms.content import Content
from transforms.fields import listed, percent
from transforms.ledger import Cause
from transforms.names import TableName
from transforms.sightings import Sighting

Kind = Literal[
    "source-failed",
    "rows-rejected",
    "schema-changed",
    "check-failed",
    "build-failed",
    "late",
    "rows-invalid",
    "incomplete",
    "budget-spent",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""Each has a section of its name in docs/operate.md."""
_TITLES: Mapping[Kind, str] = {
    "source-failed": "could not be read",
    "rows-rejected": "had too many rows that the lake cannot hold",
    "schema-changed": "changed its columns",
    "check-failed": "failed its checks",
    "build-failed": "could not be built",
    "late": "is late",
    "rows-invalid": "got too many bad rows",
    "incomplete": "lacks rows",
    "budget-spent": "missed its promise too often",
}
Severity = Literal["high", "low"]
_OF_CAUSE: Mapping[Cause, Kind] = {"check": "check-failed", "rejects": "rows-rejected", "schema": "schema-changed"}


@dataclass(frozen=True, slots=True)
class Incident:
    """One root cause: `tables` failed together, everything in `affected` is below them and not what it should be.

    `key` is the same for as long as the incident is. `what` is a sentence, `look` the command to look at it. A `folded`
    one is open, and told with another one that explains it.
    """

    key: str
    kind: Kind
    tables: tuple[TableName, ...]
    owner: str
    since: datetime
    what: str
    look: str
    severity: Severity = "low"
    affected: tuple[TableName, ...] = ()
    promised: tuple[TableName, ...] = ()
    folded: bool = False

    def of(self, owner: str, owners: Mapping[TableName, str]) -> Incident:
        """The incident as a team is told: the owner of the cause of all that is affected, others of what is theirs."""
        if owner == self.owner:
            return self
        affected, promised = (
            tuple(name for name in names if owners.get(name) == owner) for names in (self.affected, self.promised)
        )
        return replace(self, affected=affected, promised=promised)

    @property
    def title(self) -> str:
        """What happened to what, in a few words."""
        name = str(self.tables[0])
        if len(self.tables) > 1:
            name = f"{len(self.tables)} tables of {self.tables[0].source}" if self.tables[0].layer == "raw" else name
        return f"{name} {_TITLES[self.kind]}"

    @property
    def document(self) -> dict[str, Any]:
        """As `--json` gives it."""
        return {
            "kind": self.kind,
            "severity": self.severity,
            "tables": list(map(str, self.tables)),
            "owner": self.owner,
            "since": self.since.isoformat(),
            "what": self.what,
            "look": self.look,
            "affected": list(map(str, self.affected)),
            "promised": list(map(str, self.promised)),
        }


@dataclass(frozen=True)
class Watch:
    """Finds the incidents in what was observed."""

    observed: Observed
    standings: tuple[PromiseStanding, ...]

    def incidents(self) -> list[Incident]:
        """Every incident that is open, the worst and oldest first; also those that are told with another one."""
        failures = [self._judged(one) for one in self._failures()]
        known = {name for one in failures for name in (*one.tables, *one.affected)}
        others = [*self._late(known), *self._of_days(known), *self._spent()]
        return sorted([*failures, *map(self._judged, others)], key=lambda one: (one.severity, one.since, one.key))

    def _failures(self) -> Iterator[Incident]:
        """What failed when it was last worked on. What is below another failure, and failed after it, is part of it."""
        roots: dict[str, list[TableName]] = {}
        graph = self._content.graph
        for name, (first, _) in self._failing.items():
            above = graph.upstream([name]) - {name}
            if not any(self._failing[one][0].at <= first.at for one in above if one in self._failing):
                roots.setdefault(f"source:{name.source}" if name.layer == "raw" else str(name), []).append(name)
        for root, names in roots.items():
            since = min(self._failing[name][0].at for name in names)
            last = self._failing[names[0]][1]
            assert last.entry is not None
            cause = last.entry.cause or "platform"
            kind = _OF_CAUSE.get(cause, "source-failed" if names[0].layer == "raw" else "build-failed")
            what = "; ".join(last.entry.checks) or last.entry.error
            owner = self._content.owners[names[0]]
            look = f"baikal runs {last.run}"
            yield Incident(f"failed {root}", kind, tuple(names), owner, since, what, look)

    def _late(self, known: Collection[TableName]) -> Iterator[Incident]:
        """Promises of the newest deadline that were not kept and are not yet. Those that a failure explains are told
        with it, and of those that read each other only the first.
        """
        late: dict[TableName, datetime] = {}
        for name, slo in self.observed.promises.items():
            deadline = self._deadline(name) if slo.fresh_by is not None else None
            if deadline and not self.observed.fresh_at(name, deadline.astimezone(self._zone).date(), self._now):
                late[name] = deadline
        for name, deadline in late.items():
            folded = name in known or not late.keys().isdisjoint(self._content.graph.upstream([name]) - {name})
            what = f"{name} should be up to date since {deadline:%H:%M}{self._unread(name, deadline)}"
            look, owner = f"baikal run +{name} --dry-run", self._content.owners[name]
            yield Incident(f"late {name}", "late", (name,), owner, deadline, what, look, folded=folded)

    def _deadline(self, name: TableName) -> datetime | None:
        """The newest that has passed, and by which the promise was judged to be missed."""
        slo = self.observed.promises[name]
        assert slo.fresh_by is not None
        for day in reversed(list(self.observed.due_days(name, slo))):
            deadline = self.observed.moment(day, slo.fresh_by)
            if deadline <= self._now:
                return deadline if self.observed.verdict(name, slo, "fresh_by", day) is False else None
        return None

    def _unread(self, name: TableName, deadline: datetime) -> str:
        """Which sources had not been read: the first thing to look at."""
        day = deadline.astimezone(self._zone).date()
        raws = [one for one in self._content.graph.upstream([name]) if one in self._content.raw]
        sources = sorted({one.source for one in raws if not self.observed.fresh_at(one, day, self._now)})
        return f"; not read since midnight: {listed(sources)}" if sources else "; nothing has built it since midnight"

    def _of_days(self, known: Collection[TableName]) -> Iterator[Incident]:
        """Days whose rows are bad or too few, as far as the newest judged one is among them."""
        for name, slo in self.observed.promises.items():
            for objective in slo.objectives:
                if objective == "fresh_by":
                    continue
                days = list(self.observed.due_days(name, slo))
                judged = [(day, self.observed.verdict(name, slo, objective, day)) for day in days]
                missed: list[date] = []
                for day, verdict in judged:
                    missed = [*missed, day] if verdict is False else [] if verdict else missed
                if missed:
                    incident = self._day_incident(name, objective == "rows_valid", missed[0])
                    yield replace(incident, folded=name in known)

    def _day_incident(self, name: TableName, invalid: bool, day: date) -> Incident:
        share = self.observed.promises[name].document["rows_valid" if invalid else "complete"]
        since = self.observed.moment(day, time(0))
        owner = self._content.owners[name]
        if invalid:
            look = f"baikal show {name} --rejects" if name.layer == "raw" else f"baikal show {name}"
            what = f"less than {percent(share)} of the rows that {name} got on {day} are valid"
            return Incident(f"rows-invalid {name}", "rows-invalid", (name,), owner, since, what, look)
        before = day - ONE_DAY
        what = f"{name} has less than {percent(share)} of the usual rows of {before}"
        look = f"baikal run +{name} --start {before} --end {before} --dry-run"
        return Incident(f"incomplete {name}", "incomplete", (name,), owner, since, what, look)

    def _spent(self) -> Iterator[Incident]:
        """Promises of which more days were missed than may be."""
        for one in self.standings:
            if one.state == "breached":
                since = self.observed.moment(one.missed[-1], time(0))
                what = (
                    f"{one.name} promises {one.objective} {one.promise} on {percent(one.days_met)} of its due days, "
                    f"and missed {len(one.missed)} of the last {one.due}"
                )
                key = f"budget-spent {one.name} {one.objective}"
                yield Incident(key, "budget-spent", (one.name,), one.owner, since, what, f"baikal slo {one.name}")

    def _judged(self, incident: Incident) -> Incident:
        """With what is affected below, and its severity: high when a promise is at stake today."""
        below = self._content.graph.downstream(incident.tables) - set(incident.tables)
        affected = () if incident.kind == "budget-spent" else self._content.graph.sort(below)
        names = (*incident.tables, *affected)
        promised = tuple(name for name in names if name in self.observed.promises)
        severity: Severity = "high" if promised and incident.kind != "budget-spent" else "low"
        return replace(incident, affected=affected, promised=promised, severity=severity)

    @cached_property
    def _failing(self) -> Mapping[TableName, tuple[Sighting, Sighting]]:
        """The first and the last failure since each of these was what it should be."""
        found = {}
        for name in sorted(self.observed.sightings.ever_failed):
            seen = self.observed.sightings.track(name).sightings
            if name in self._content.owners and not seen[-1].good:
                good = max((number for number, one in enumerate(seen) if one.good), default=-1)
                found[name] = (seen[good + 1], seen[-1])
        return found

    @property
    def _content(self) -> Content:
        return self.observed.content

    @property
    def _now(self) -> datetime:
        return self.observed.now

    @property
    def _zone(self) -> ZoneInfo:
        return self.observed.zone
