"""Lands source tables in the raw layer: one task per table, no more at once from one source than it bears."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from prefect import flow, task
from prefect.client.schemas.objects import State
from prefect.states import Completed

from connectors.ingest import due_tables
from connectors.landed import Landed
from connectors.ledger import Ledger
from connectors.noted import ingest_noted
from connectors.pace import Progress
from connectors.politeness import TABLES_AT_ONCE
from flows.hooks import HOOKS
from flows.limits import Gates, in_turns
from flows.opened import running
from flows.progress import IngestProgress
from flows.report import FRESH, report
from flows.retries import PATIENT
from flows.river import THREADS, Futures
from flows.run_names import name_of_ingest
from flows.selection import named_tables
from transforms.source import Source, SourceTable


@flow(flow_run_name=name_of_ingest, task_runner=THREADS, **HOOKS)
def ingest(selectors: list[str] | None = None, full: bool = False, target: str | None = None) -> State[Any]:
    """Ingest every source that is due, or exactly what is selected, due or not; `full` reads it from its beginning."""
    with running(target) as ledger:
        lake = ledger.lake
        landing = ingest_all(ledger, named_tables(lake, selectors) if selectors else due_tables(lake), full=full)
        return report(lake.content, landed=landing)


def ingest_all(ledger: Ledger, tables: Iterable[tuple[Source, SourceTable]], *, full: bool = False) -> Futures:
    """Submits a task per table; returns while they run."""
    gates, futures = Gates(TABLES_AT_ONCE, ledger.lake.stopped), Futures()
    for source, table in in_turns(tables):
        work = gates.behind(source.name, partial(ingest_noted, ledger, table.name, full=full))
        futures[table.name] = ingest_table.submit(str(table.name), work)
    return futures


@task(task_run_name="ingest {table}", **PATIENT)
def ingest_table(table: str, work: Callable[[Progress], Landed]) -> State[Landed]:
    """One source table through read, land, check, swap."""
    landed = work(IngestProgress(table).advanced)
    facts = ["nothing new" if landed.unchanged else f"{landed.rows:,} rows", *_told(landed)]
    return Completed(name=FRESH if landed.unchanged else None, message=", ".join(facts), data=landed)


def _told(landed: Landed) -> Iterator[str]:
    for word, count in {"deleted": landed.deleted, "rejected": landed.rejects}.items():
        if count:
            yield f"{count:,} {word}"
    if landed.new_columns:
        yield f"new columns: {', '.join(column.name for column in landed.new_columns)}"
    if landed.missing_columns:
        yield f"missing columns: {', '.join(landed.missing_columns)}"
    if landed.warnings:
        yield f"{len(landed.warnings)} warning{'s' * (len(landed.warnings) > 1)}"
