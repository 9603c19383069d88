"""The whole river, every morning."""

from __future__ import annotations

from datetime import date
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from connectors.ingest import due_tables
from flows.build import build_all
from flows.hooks import HOOKS
from flows.ingest import ingest_all
from flows.opened import running
from flows.report import report
from flows.river import THREADS
from flows.run_names import name_of_daily
from flows.selection import selected_tables
from transforms.window import asked_window


@flow(flow_run_name=name_of_daily, task_runner=THREADS, **HOOKS)
def daily(day: date | None = None, target: str | None = None) -> State[Any]:
    """Ingest every due source, build what became stale, publish what passes its checks.

    With a day, tables that have days build only that one; without, whatever is stale.
    """
    with running(target) as ledger:
        lake = ledger.lake
        landing = ingest_all(ledger, due_tables(lake))
        built = build_all(ledger, selected_tables(lake), asked_window(day, day, lake.today()), after=landing)
        return report(lake.content, landed=landing, built=built)
