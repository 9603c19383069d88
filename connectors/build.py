"""Builds one table: what is stale is computed into a fresh location, checked, and swapped in by one commit.

A failed check or a kill at any point leaves the published table as it was. What is stale is `transforms.plan`'s.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date

from connectors.lake import Lake
from connectors.location import Location
from connectors.staging import Staging
from transforms.analysis import Analysis
from transforms.errors import Conflict, UsageError
from transforms.ledger import TableEntry, stretches
from transforms.names import TableName
from transforms.plan import Published, Step, own_step, step_for
from transforms.publish import Release, published_by, remaining
from transforms.relation import Relation
from transforms.snapshot import Snapshot
from transforms.window import Window

ATTEMPTS = 6
"""The first try, and five more after conflicts."""


@dataclass(frozen=True, slots=True)
class Built:
    """What a build did.

    `days` are those that were built, None for a table without days; `rows` and `bytes` are theirs. `warnings` are
    the checks of severity warn that failed, `invalid` the rows that they found. `fresh`: there was nothing to do.
    """

    table: TableName
    days: tuple[date, ...] | None = None
    rows: int = 0
    bytes: int = 0
    seconds: float = 0.0
    version: int | None = None
    warnings: tuple[str, ...] = ()
    fresh: bool = False
    invalid: int = 0

    def noted(self, entry: TableEntry) -> TableEntry:
        """For the run ledger."""
        if self.fresh:
            return replace(entry, outcome="fresh")
        return replace(
            entry,
            version=self.version,
            days=stretches(self.days or ()),
            rows=self.rows,
            bytes=self.bytes,
            invalid=self.invalid,
            seconds=round(self.seconds, 3),
            checks=tuple(warning.partition("\n")[0] for warning in self.warnings),
        )


@dataclass(frozen=True, slots=True)
class _Decision:
    """What there is to do, and what it was decided on: the table as it stood, and its inputs."""

    step: Step | None
    current: Snapshot | None
    pins: Mapping[TableName, Snapshot | None]

    @property
    def version(self) -> int | None:
        return self.current.version if self.current else None


def build(lake: Lake, name: TableName, window: Window | None = None, *, full: bool = False, run: str) -> Built:
    """Build what is stale of a table, of the days of the window, or (full) all of it; nothing stale costs nothing.

    Raises ContentError, CheckFailed, DataError, OutsideError; Conflict when five retries met other publishers.
    """
    began = time.monotonic()
    relation = lake.content.relations.get(name)
    if relation is None:
        raise lake.content.unknown(name)
    if relation.kind != "table":
        return _deployed(lake, name, began)
    lake.content.require(name)
    job = _Job(lake, relation, window, full, run)
    decision = job.decide()
    if decision.step is None:
        lake.catalog.describe(name, lake.content.columns(name))
        return Built(name, version=decision.version, fresh=True)
    return replace(job.publish(decision), seconds=time.monotonic() - began)


def _deployed(lake: Lake, name: TableName, began: float) -> Built:
    """A view, where the target keeps views."""
    if not lake.keeps_views:
        raise UsageError(f"{name} is a view; it holds no rows to build")
    from connectors.views import deploy  # botocore: half a second that a laptop does not pay

    written, warnings = deploy(lake, name)
    return Built(name, seconds=time.monotonic() - began, warnings=warnings, fresh=not written)


class _Job:
    """One build of one table by one run."""

    def __init__(self, lake: Lake, relation: Relation, window: Window | None, full: bool, run: str) -> None:
        self.lake, self.relation, self.window, self.full, self.run = lake, relation, window, full, run
        self.name = relation.name
        self.analysis: Analysis = lake.content.analyses[relation.name]

    def decide(self) -> _Decision:
        """The step on the tables as they are now. What this very run has published is not built again."""
        pins = {one.table: self.lake.catalog.get(one.table) for one in self.analysis.inputs}
        current = self.lake.catalog.own(self.name)
        known = current or (self.lake.catalog.get(self.name) if self.lake.may_borrow else None)
        texts = self.lake.content.check_texts(self.name)
        today = self.lake.today()

        def step_after(published: Published) -> Step | None:
            return step_for(self.relation, self.analysis, pins.get, published, self.window, self.full, today, texts)

        step = own_step(step_after, current, known)
        if step is not None and self.full and current is not None:
            done = published_by(current, self.run, step.wanted)
            step = remaining(step, done) if len(done) < len(step.wanted) else None
        return _Decision(step, current, pins)

    def publish(self, decision: _Decision) -> Built:
        """Stage, check, swap; after a conflict again on what the other run published, keeping what is still right."""
        with ExitStack() as stack:
            location = stack.enter_context(Location.create(self.lake.storage, self.name, self.run, self.lake.now()))
            session = self.lake.engine.session(self.lake.content.graph.height(self.name))
            stack.callback(session.close)
            staging = Staging(self.lake, self.relation, session, location)
            if decision.step is not None and not self.full:
                staging.take_over(decision.step, stack)
            for attempt in range(ATTEMPTS):
                step = decision.step
                if step is None:
                    break
                new = staging.snapshot(step, decision.current, decision.pins, self._release())
                try:
                    with location.publishing():
                        published = self.lake.catalog.commit(self.name, decision.version, new)
                except Conflict:
                    if attempt == ATTEMPTS - 1:
                        raise
                    self.lake.storage.wait(attempt)
                    decision = self.decide()
                else:
                    staging.published()
                    made, warned = staging.parts.values(), staging.warned
                    rows, size = sum(part.rows for part in made), sum(part.bytes for part in made)
                    return Built(
                        self.name, step.days, rows, size, 0, published.version, warned.lines, invalid=warned.rows
                    )
        return Built(self.name, version=decision.version, fresh=True)

    def _release(self) -> Release:
        columns = tuple(column.column for column in self.analysis.columns)
        return Release(self.name, self.run, self.lake.now(), columns, self.relation.partition)
