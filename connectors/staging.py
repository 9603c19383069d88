"""Computes what a step wants into a run's location: stale days in batches, checked, durable. Publishes nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import date, timedelta

from connectors.audit import Audit, Warned
from connectors.engine import ColumnStats, Engine, Sent, Staged
from connectors.lake import Lake, Pins
from connectors.location import STAGED, Location, recorded, taken_over
from transforms.analysis import Input
from transforms.errors import ContentError, DataError, OutsideError
from transforms.plan import Step
from transforms.publish import GRACE, Release, complete, next_snapshot, promise_of, remaining, reusable
from transforms.relation import Relation
from transforms.snapshot import Part, Snapshot
from transforms.window import Window, runs_of_days

BATCH_DAYS = 100
"""Athena writes at most 100 partitions a statement; batches bound memory and are the same on both engines."""
MANY_PARTS = 366
"""An input with more parts than this is attached with those alone that the days reach."""


class Staging:
    """The staged parts of one build; a second call after a conflict keeps those that are still wanted."""

    def __init__(self, lake: Lake, relation: Relation, session: Engine, location: Location) -> None:
        self.lake, self.relation, self.session, self.location = lake, relation, session, location
        self.analysis = lake.content.analyses[relation.name]
        self.warned = Warned()
        self.parts: dict[str, Part] = {}
        self._checked = False
        self._left: dict[str, Sent] = {}
        self._used: set[str] = set()

    def take_over(self, step: Step, stack: ExitStack) -> None:
        """Keeps what runs that were killed had staged of this very step: equal fingerprints mean equal rows."""
        storage, since = self.lake.storage, self.lake.now() - GRACE / 2
        for note in storage.notes(f"{self.relation.name.database}/{self.relation.name.table}", STAGED):
            place = note.removesuffix(f"/{STAGED}")
            held = taken_over(storage, place)
            if held is not None:
                stack.enter_context(held)
                left = recorded(storage, place, step.wanted, since)
                self.parts |= left.parts
                if left.sent is not None:
                    self._left[left.promise] = left.sent
                if left.parts or left.sent is not None:
                    self._used.add(note)

    def published(self) -> None:
        """What was taken over is nobody's unfinished work any more."""
        for note in self._used:
            with suppress(OutsideError):
                self.lake.storage.unnote(note)

    def snapshot(self, step: Step, current: Snapshot | None, pins: Pins, release: Release) -> Snapshot:
        """The table with every part that the step wants. Raises CheckFailed, DataError, Rejected, OutsideError."""
        self.parts = reusable(self.parts, step.wanted)
        todo = remaining(step, self.parts)
        with self._named():
            built = set(current.days) if current and not step.replaces else set()
            stats = self._stage(todo, pins, built) if todo.wanted else {}
            new = next_snapshot(current, release, self.parts, replaces=step.replaces)
            if todo.wanted or not self._checked:
                whole = len(todo.wanted) == len(step.wanted)
                audit = Audit(self.lake, self.relation, self.session)
                at_once = whole and len(_windows(step, built)) == 1 and new.parts.keys() == step.wanted.keys()
                self.warned = audit.run(new, self.parts, current, stats if whole else {}, at_once=at_once)
                self._checked = True
        return new

    def _stage(self, step: Step, pins: Pins, built: Collection[date]) -> Mapping[str, ColumnStats]:
        """Adds every part of the step, durable; returns what the files say of their columns."""
        self._attach(step, pins)
        windows = _windows(step, built)
        together, made = Staged({}), dict[str, Part]()
        for window in windows:
            within = _within(step.wanted, window)
            staged = self._compute(window, promise_of(within))
            self.location.sync(file for part in staged.parts.values() for file in part.files)
            made |= complete(staged.parts, within)
            if len(windows) > 1:
                self.location.record(made)
            together = together.and_of(staged)
        self.parts |= made
        return together.columns

    def _compute(self, window: Window | None, promise: str) -> Staged:
        compiled = self.lake.compiled(self.relation.text, window, self.relation.path)
        journal = self.location.journal(promise, self._left.pop(promise, None))
        staged = self.session.stage(compiled, self.location.relative, self.relation.partition, journal)
        if window is not None:
            self._require_days(staged.parts, window)
        return staged

    def _require_days(self, parts: Mapping[str, Part], window: Window) -> None:
        """Rows of other days would be incomplete days, and would replace complete ones."""
        inside = {day.isoformat() for day in window}
        if outside := sorted(parts.keys() - inside):
            rows = sum(parts[value].rows for value in outside)
            days = ", ".join(outside[:3]) + (", .." if len(outside) > 3 else "")
            asked = f"the days {window.start} to {window.end}"
            write = f"end it with where {self.relation.partition} between :start and :end"
            raise DataError(
                f"{self.relation.path}: asked for {asked}, the query returned {rows} rows of {days}; {write}"
            )

    def _attach(self, step: Step, pins: Pins) -> None:
        """The inputs at the versions that the step was decided on."""
        reached = {one.table: _reached(one, step, pins[one.table]) for one in self.analysis.inputs}
        self.lake.attach(self.session, reached, reached)

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Errors of the running query name its file."""
        try:
            yield
        except ContentError as error:
            raise error.within(self.relation.path) from error


def _within(wanted: Mapping[str, str], window: Window | None) -> Mapping[str, str]:
    if window is None:
        return wanted
    values = (day.isoformat() for day in window)
    return {value: wanted[value] for value in values if value in wanted}


def _windows(step: Step, built: Collection[date]) -> list[Window | None]:
    """One statement each; None for a table without days. Days of which there is no input may lie in a window, too."""
    return [None] if step.days is None else list(runs_of_days(step.days, BATCH_DAYS, built))


def _reached(one: Input, step: Step, snapshot: Snapshot | None) -> Snapshot | None:
    """The snapshot with the parts that the days reach, where that spares the engine a long list of files."""
    if snapshot is None or one.reach is None or not step.days or len(snapshot.parts) <= MANY_PARTS:
        return snapshot
    if snapshot.partition is None:
        return snapshot
    shifts = [timedelta(n) for n in range(one.reach.first, one.reach.last + 1)]
    days = {(day + shift).isoformat() for day in step.days for shift in shifts}
    return replace(snapshot, parts={value: snapshot.parts[value] for value in days if value in snapshot.parts})
