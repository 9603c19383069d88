"""Whether promises are kept: each due day of the last 28 is met or missed, and so many may be missed.

Pure: what was seen is the ledger's, what a table holds and what time it is are the caller's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from statistics import median
from typing import Any, Literal
from zoneinfo import ZoneInfo

from transforms.content import Content
from transforms.fields import percent
from transforms.names import TableName
from transforms.sightings import Sightings
from transforms.slo import Objective, Slo, is_workday
from transforms.source import tick

DAYS = 28
"""Four weeks: each weekday counts as often as the others."""
WEEKS = 4
"""How many same weekdays say how many rows are usual."""
ONE_DAY = timedelta(days=1)
State = Literal["met", "at risk", "breached", "unknown"]


@dataclass(frozen=True, slots=True)
class PromiseStanding:
    """How one promise stands: `missed` of the `due` days were not met, and `allowed` may be. `judged` are those of
    which it is known yet."""

    name: TableName
    owner: str
    objective: Objective
    promise: str
    days_met: float
    due: int
    judged: int
    missed: tuple[date, ...]

    @property
    def allowed(self) -> int:
        """How many due days may be missed."""
        return int((1 - self.days_met) * self.due + 1e-9)

    @property
    def left(self) -> int:
        """The error budget that is left, in days; below zero it is overdrawn."""
        return self.allowed - len(self.missed)

    @property
    def state(self) -> State:
        """Breached: more days were missed than may be. At risk: one more is one too many, after one that was missed.

        Unknown: there was no day yet on which it was to be kept.
        """
        if self.left < 0:
            return "breached"
        if not self.judged:
            return "unknown"
        return "at risk" if self.missed and self.left == 0 else "met"

    @property
    def document(self) -> dict[str, Any]:
        """As `--json` gives it."""
        return {
            "name": str(self.name),
            "owner": self.owner,
            "objective": self.objective,
            "promise": self.promise,
            "days_met": self.days_met,
            "state": self.state,
            "due_days": self.due,
            "judged_days": self.judged,
            "missed": [day.isoformat() for day in self.missed],
            "allowed": self.allowed,
            "left": self.left,
        }


@dataclass(frozen=True)
class Observed:
    """What is known at the moment `now`. `rows` are those that tables hold, by day, for what promises to be complete.

    `holidays` is the country whose holidays are no workdays.
    """

    content: Content
    sightings: Sightings
    now: datetime
    zone: ZoneInfo
    holidays: str | None = None
    rows: Mapping[TableName, Mapping[date, int]] = field(default_factory=dict)

    @property
    def today(self) -> date:
        """The company's day."""
        return self.now.astimezone(self.zone).date()

    @cached_property
    def promises(self) -> Mapping[TableName, Slo]:
        """Everything that promises something."""
        return promises(self.content)

    def standings(self) -> tuple[PromiseStanding, ...]:
        """How every promise stands, in the order of the tables."""
        return tuple(
            self._standing(name, slo, objective)
            for name, slo in sorted(self.promises.items())
            for objective in slo.objectives
        )

    def fresh_at(self, name: TableName, day: date, until: datetime) -> datetime | None:
        """When, first on a day and not after `until`, a name was up to date: itself seen so, what it is made of read
        on that day, and nothing above it failing. A view is when all that it reads is."""
        kind = self.content.kind(name)
        inputs = self.content.graph.inputs(name)
        if kind == "view":
            times = [self.fresh_at(table, day, until) for table in inputs]
            return max((at for at in times if at), default=None) if all(times) else None
        start = self.moment(day, time(0))
        since = self._since(name, day, start)
        if kind is not None:
            above = [one for one in self._above(name) if one in self.content.raw]
            read = [self.sightings.track(one).first_good(self._since(one, day, start)) for one in above]
            if None in read:
                return None
            since = max([since, *filter(None, read)])
        mine = self.sightings.track(name).good(since, until)
        return next((at for at in mine if kind is None or not self._is_failing_above(name, at)), None)

    def due_days(self, name: TableName, slo: Slo) -> Iterator[date]:
        """The days of the last 28 on which a promise is due, oldest first."""
        every = self.content.raw[name][0].every if name in self.content.raw else ONE_DAY
        for back in reversed(range(DAYS)):
            day = self.today - back * ONE_DAY
            if slo.due == "workdays" and not is_workday(day, self.holidays):
                continue
            if every <= ONE_DAY or tick(every, self.moment(day, time(23, 59))) >= self.moment(day, time(0)):
                yield day

    def verdict(self, name: TableName, slo: Slo, objective: Objective, day: date) -> bool | None:
        """Whether a promise was met on a day; None when it is not known yet, or there was nothing to judge."""
        judge = {"fresh_by": self._fresh, "rows_valid": self._valid, "complete": self._complete}[objective]
        return judge(name, slo, day)

    def moment(self, day: date, at: time) -> datetime:
        """A time of the company's clock."""
        return datetime.combine(day, at, self.zone)

    def _standing(self, name: TableName, slo: Slo, objective: Objective) -> PromiseStanding:
        due = list(self.due_days(name, slo))
        verdicts = {day: self.verdict(name, slo, objective, day) for day in due}
        missed = tuple(day for day in due if verdicts[day] is False)
        judged = sum(verdict is not None for verdict in verdicts.values())
        promise = slo.document[objective]
        told = promise if isinstance(promise, str) else percent(promise)
        owner = self.content.owners[name]
        return PromiseStanding(name, owner, objective, told, slo.days_met, len(due), judged, missed)

    def _fresh(self, name: TableName, slo: Slo, day: date) -> bool | None:
        assert slo.fresh_by is not None
        deadline = self.moment(day, slo.fresh_by)
        if self.fresh_at(name, day, min(deadline, self.now)) is not None:
            return True
        first = self._first_seen(name)
        if deadline > self.now or first is None or first.astimezone(self.zone).date() >= day:
            return None
        return False

    def _valid(self, name: TableName, slo: Slo, day: date) -> bool | None:
        assert slo.rows_valid is not None
        seen = self.sightings.track(name).sightings
        today = [one for one in seen if one.entry and one.at.astimezone(self.zone).date() == day]
        if any(one.entry and one.entry.cause in ("rejects", "check") for one in today if one.outcome == "failed"):
            return False
        entries = [one.entry for one in today if one.entry and one.outcome == "published"]
        read = sum(entry.rows + entry.rejects for entry in entries)
        bad = sum(entry.rejects + min(entry.invalid, entry.rows) for entry in entries)
        return (read - bad) / read >= slo.rows_valid - 1e-12 if read else None

    def _complete(self, name: TableName, slo: Slo, day: date) -> bool | None:
        """Of the day before; judged when the table should have it, or has enough of it already."""
        assert slo.complete is not None
        rows, before = self.rows.get(name, {}), day - ONE_DAY
        past = [rows[older] for week in range(1, WEEKS + 1) if rows.get(older := before - 7 * week * ONE_DAY)]
        if rows and before <= min(rows):
            return None
        usual = median(past) if past else 1
        if rows.get(before, 0) >= max(1, slo.complete * usual):
            return True
        deadline = self.moment(day, slo.fresh_by) if slo.fresh_by else self.moment(day + ONE_DAY, time(0))
        return None if not rows or deadline > self.now else False

    def _is_failing_above(self, name: TableName, at: datetime) -> bool:
        """Whether something that a table is made of was failing then."""
        last = (self.sightings.track(above).last(at) for above in self._above(name))
        return any(one is not None and not one.good for one in last)

    def _above(self, name: TableName) -> tuple[TableName, ...]:
        """Of what a table is made of, what says something of it: sources, and what failed once."""
        if name not in self._known_above:
            telling = self.content.raw.keys() | self.sightings.ever_failed
            self._known_above[name] = tuple(self.content.graph.upstream([name]) & telling - {name})
        return self._known_above[name]

    @cached_property
    def _known_above(self) -> dict[TableName, tuple[TableName, ...]]:
        return {}

    def _since(self, name: TableName, day: date, start: datetime) -> datetime:
        """From when on a raw table must have been read to be up to date on a day: a weekly one since its last tick."""
        every = self.content.raw[name][0].every if name in self.content.raw else ONE_DAY
        return start if every <= ONE_DAY else tick(every, start)

    def _first_seen(self, name: TableName) -> datetime | None:
        if self.content.kind(name) == "view":
            times = [self._first_seen(table) for table in self.content.graph.inputs(name)]
            return max((at for at in times if at), default=None)
        return next(iter(self.sightings.track(name).times), None)


def looked_back(content: Content) -> timedelta:
    """How far back runs say something of the days that are judged: of the oldest, since a source's tick before it."""
    return (DAYS + 1) * ONE_DAY + max((source.every for source in content.sources.values()), default=ONE_DAY)


def promises(content: Content) -> Mapping[TableName, Slo]:
    """What tables, views and sources promise; a source promises for each of its tables."""
    found = {name: relation.slo for name, relation in content.relations.items() if relation.slo}
    found |= {name: source.slo for name, (source, _) in content.raw.items() if source.slo}
    return found
