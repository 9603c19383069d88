"""Ingests and builds tables with threads, each once what it reads is done.

Decides what a run works on and what it says of each table; what is stale is `connectors.build`'s to ask.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from connectors.ingest import due_tables
from connectors.pace import Advance, Pace
from connectors.politeness import TABLES_AT_ONCE, keeps_waiting
from local_dev.console import Progress
from local_dev.failure import Failure, failure_of
from local_dev.interruptible import stop_workers
from local_dev.lanes import Lanes
from local_dev.walk import WalkOutcome, walk
from transforms.content import Content
from transforms.errors import Problem
from transforms.names import TableName
from transforms.window import Window

if TYPE_CHECKING:
    from connectors.lake import Lake
    from connectors.ledger import Ledger

State = Literal["landed", "built", "written", "fresh", "no_days", "failed", "skipped"]
"""`no_days`: there is none of the asked window, so that nothing was built."""


@dataclass(frozen=True)
class TableRun:
    """What one run did with one table. `rows` are those written by this run, not those of the whole table."""

    name: TableName
    state: State
    rows: int = 0
    bytes: int = 0
    days: int = 0
    seconds: float = 0.0
    version: int | None = None
    rejects: int = 0
    deleted: int = 0
    new_columns: tuple[str, ...] = ()
    missing_columns: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    failure: Failure | None = None
    skipped_for: TableName | None = None

    @property
    def document(self) -> dict[str, Any]:
        """As `--json` gives it."""
        found: dict[str, Any] = {
            "table": str(self.name),
            "state": self.state,
            "rows": self.rows,
            "bytes": self.bytes,
            "days": self.days,
            "seconds": round(self.seconds, 3),
            "version": self.version,
        }
        if self.name.layer == "raw":
            found |= {"rejects": self.rejects, "new_columns": list(self.new_columns)}
            found |= {"missing_columns": list(self.missing_columns), "deleted": self.deleted}
        if self.warnings:
            found["warnings"] = list(self.warnings)
        if self.failure:
            found["error"] = self.failure.document
        if self.skipped_for:
            found["skipped_for"] = str(self.skipped_for)
        return found


@dataclass(frozen=True)
class RiverRun:
    """One run over many tables, in the order in which they ended."""

    run: str
    tables: tuple[TableRun, ...]
    seconds: float

    @property
    def problems(self) -> set[Problem]:
        """Those of declarations and SQL that failed a table."""
        return {problem for table in self.tables if table.failure for problem in table.failure.problems}

    @property
    def exit_code(self) -> int:
        """1 when content or data is at fault anywhere, else 3 when an outside system failed."""
        codes = {table.failure.exit_code for table in self.tables if table.failure}
        return 1 if codes & {1, 2} else 3 if codes else 0

    @property
    def document(self) -> dict[str, Any]:
        """As `--json` gives it."""
        tables = sorted(self.tables, key=lambda table: table.name)
        return {"run": self.run, "tables": [table.document for table in tables], "seconds": round(self.seconds, 3)}


def run_river(
    lake: Lake,
    names: Collection[TableName],
    window: Window | None = None,
    *,
    command: str,
    full: bool = False,
    again: Collection[TableName] = (),
    debug: bool = False,
    progress: Progress,
    ended: Callable[[TableRun], None],
) -> RiverRun:
    """Ingest the raw tables among the names, build the tables among them, write the views where they are kept.

    `full` builds what is fresh, too; the raw tables in `again` are read from the beginning. `command` is what a person
    asked for, for the ledger.
    """
    from connectors.ledger import open_ledger

    began = time.perf_counter()
    content = lake.content
    names = {name for name in names if lake.keeps_views or name in content.raw or content.kind(name) == "table"}
    needs = {name: content.graph.inputs(name) for name in names}
    tables: list[TableRun] = []
    lanes = Lanes(_lanes(content, names), TABLES_AT_ONCE)

    def work(name: TableName) -> TableRun:
        progress.started(str(name))
        if name in content.raw:
            return _ingest(ledger, name, progress, partial(lanes.arrived, name), full=name in again)
        return _build(ledger, name, window, full)

    def told(outcome: WalkOutcome[TableRun]) -> None:
        if outcome.skipped_for is not None:
            ledger.skip(outcome.name, outcome.skipped_for)
        tables.append(_of_outcome(outcome, debug))
        ended(tables[-1])

    with open_ledger(lake, command) as ledger:
        try:
            walk(needs, work, threads=lake.target.threads, ended=told, lanes=lanes)
        except KeyboardInterrupt:
            ledger.stop()
            stop_workers(lake)  # before the ledger ends: what they publish until then is in it
            raise
    return RiverRun(ledger.run, tuple(tables), time.perf_counter() - began)


def tables_to_ingest(lake: Lake, names: Collection[TableName], named: Collection[TableName]) -> set[TableName]:
    """The raw tables among the names to ingest now: those that are due, and those that were named themselves."""
    raw = lake.content.raw.keys() & set(names)
    return raw & {*named, *(table.name for _, table in due_tables(lake))} if raw else raw


def _lanes(content: Content, names: Collection[TableName]) -> dict[TableName, str]:
    """The raw tables whose sources may keep them waiting, each in the lane of its source."""
    raw = {name: content.raw[name][0] for name in names if name in content.raw}
    return {name: source.name for name, source in raw.items() if keeps_waiting(source)}


def _ingest(
    ledger: Ledger, name: TableName, progress: Progress, arrived: Callable[[], None], *, full: bool
) -> TableRun:
    from connectors.noted import ingest_noted

    source, _ = ledger.lake.content.raw[name]
    began = time.perf_counter()
    pace = Pace()

    def advanced(advance: Advance) -> None:
        arrived()
        pace.add(advance)
        progress.advanced(str(name), pace.told)

    landed = ingest_noted(ledger, name, advanced, full=full)
    return TableRun(
        name,
        "fresh" if landed.unchanged else "landed",
        rows=landed.rows,
        bytes=landed.bytes,
        seconds=time.perf_counter() - began,
        version=landed.version,
        rejects=landed.rejects,
        deleted=landed.deleted,
        new_columns=tuple(column.name for column in landed.new_columns),
        missing_columns=landed.missing_columns,
        warnings=tuple(landed.surprises(source)),
    )


def _build(ledger: Ledger, name: TableName, window: Window | None, full: bool) -> TableRun:
    from connectors.noted import build_noted

    began = time.perf_counter()
    built = build_noted(ledger, name, window, full=full)
    lake = ledger.lake
    done: State = "written" if lake.content.kind(name) == "view" else "built"
    fresh: State = "no_days" if window and _is_outside(lake, name, window) else "fresh"
    return TableRun(
        name,
        fresh if built.fresh else done,
        rows=built.rows,
        bytes=built.bytes,
        days=len(built.days or ()),
        seconds=time.perf_counter() - began,
        version=built.version,
        warnings=tuple(map(str, built.warnings)),
    )


def _is_outside(lake: Lake, name: TableName, window: Window) -> bool:
    """Whether a table has days, and none in the window."""
    snapshot = lake.catalog.get(name)
    has_days = lake.content.relations[name].partition is not None
    return has_days and not any(day in window for day in (snapshot.days if snapshot else ()))


def _of_outcome(outcome: WalkOutcome[TableRun], debug: bool) -> TableRun:
    if outcome.value is not None:
        return outcome.value
    if outcome.error is not None:
        return TableRun(outcome.name, "failed", failure=failure_of(outcome.error, debug=debug))
    return TableRun(outcome.name, "skipped", skipped_for=outcome.skipped_for)
