"""Builds days of the past, in batches that are published one by one; after a death it goes on where it stopped."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run

from connectors.ledger import Ledger
from flows.build import build_all
from flows.hooks import HOOKS
from flows.opened import running
from flows.progress import Progress
from flows.report import report
from flows.river import THREADS, Futures, succeeded
from flows.run_names import name_of_backfill
from flows.selection import selected_tables
from transforms.names import TableName
from transforms.window import Window, asked_window, runs_of_days


@flow(flow_run_name=name_of_backfill, task_runner=THREADS, **HOOKS)
def backfill(
    start: date,
    end: date,
    selectors: list[str] | None = None,
    full: bool = False,
    batch_days: int = 50,
    target: str | None = None,
) -> State[Any]:
    """Build the selected tables for the days from start to end; `full` builds also what is fresh.

    It stops after the first batch in which a table failed.
    """
    with running(target) as ledger:
        lake = ledger.lake
        tables = selected_tables(lake, selectors)
        window = asked_window(start, end, lake.today())
        assert window, "it has a start"
        with_days = _with_days(ledger, tables)
        built = in_batches(ledger, with_days, list(runs_of_days(window, batch_days)), full=full)
        if all(map(succeeded, built.values())):
            left = [name for name in tables if name not in with_days]
            built |= build_all(ledger, left, window, full=full, after=built)
        if all(map(succeeded, built.values())):
            lake.storage.unnote(_note())
        return report(lake.content, built=built)


def in_batches(ledger: Ledger, tables: Collection[TableName], batches: list[Window], *, full: bool) -> Futures:
    """Each batch taken down the river and published, oldest first; the futures of the last one."""
    done = _Done(ledger) if full else None
    progress, built = Progress("backfill", len(batches)), Futures()
    for batch in batches if tables else ():
        if done is None or batch not in done:
            built = build_all(ledger, tables, batch, full=full, named=f" {batch.start} to {batch.end}")
            if not all(map(succeeded, built.values())):
                return built
            if done is not None:
                done.add(batch)
        progress.step(f"{batch.start} to {batch.end} of {len(tables)} tables")
    return built


def _with_days(ledger: Ledger, tables: Collection[TableName]) -> list[TableName]:
    """Tables with days, unless they are below one of these that has none: that one is to be built first, and whole."""
    content = ledger.lake.content
    later: set[TableName] = set()
    for name in tables:  # in dependency order
        if content.relations[name].partition is None or later & set(content.graph.inputs(name)):
            later.add(name)
    return [name for name in tables if name not in later]


class _Done:
    """The batches that this flow run has published with `full`, kept in the lake: without it, fresh days tell."""

    def __init__(self, ledger: Ledger) -> None:
        self._storage = ledger.lake.storage
        self._ends = set((self._storage.noted(_note()) or b"").decode().split())

    def __contains__(self, batch: Window) -> bool:
        return batch.end.isoformat() in self._ends

    def add(self, batch: Window) -> None:
        """Noted once it is published."""
        self._ends.add(batch.end.isoformat())
        self._storage.note(_note(), " ".join(sorted(self._ends)).encode())


def _note() -> str:
    return f"_backfills/{flow_run.id}.txt"
