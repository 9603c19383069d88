"""Builds days of the past, in batches; repeated after a failure it goes on where it stopped."""

from __future__ import annotations

from datetime import date
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows.build import build_all
from flows.opened import running
from flows.report import report
from flows.river import THREADS
from flows.run_names import name_of_backfill
from flows.selection import selected_tables
from transforms.window import asked_window


@flow(flow_run_name=name_of_backfill, task_runner=THREADS)
def backfill(
    start: date, end: date, selectors: list[str] | None = None, full: bool = False, target: str | None = None
) -> State[Any]:
    """Build the selected tables for the days from start to end; `full` builds also what is fresh."""
    with running(target) as ledger:
        lake = ledger.lake
        built = build_all(ledger, selected_tables(lake, selectors), asked_window(start, end, lake.today()), full=full)
        return report(lake.content, built=built)
