"""The whole river, every morning."""

from __future__ import annotations

from datetime import date
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows.build import build_all
from flows.ingest import ingest_all
from flows.opened import opened
from flows.report import report
from flows.river import THREADS
from flows.run_names import name_of_daily
from flows.selection import due_tables, selected_tables
from transforms.window import asked_window


@flow(flow_run_name=name_of_daily, task_runner=THREADS)
def daily(day: date | None = None, target: str | None = None) -> State[Any]:
    """Ingest every due source, build what became stale, publish what passes its checks.

    With a day, tables that have days build only that one; without, whatever is stale.
    """
    with opened(target) as lake:
        landing = ingest_all(lake, due_tables(lake))
        built = build_all(lake, selected_tables(lake), asked_window(day, day, lake.today()), after=landing)
        return report(lake.content, landed=landing, built=built)
