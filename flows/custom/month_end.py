"""Closes a month: ad networks correct their reports until the third of the next one."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run

from flows.build import build_all
from flows.hooks import HOOKS
from flows.ingest import ingest_all
from flows.opened import running
from flows.report import report
from flows.river import THREADS
from flows.selection import named_tables, selected_tables
from transforms.window import Window


def name_of_month_end() -> str:
    """The parameter, or what it stands for."""
    return f"month end {flow_run.parameters.get('month') or 'of last month'}"


@flow(flow_run_name=name_of_month_end, task_runner=THREADS, **HOOKS)
def month_end(month: date | None = None, target: str | None = None) -> State[Any]:
    """Read the ad network once more, and build the month that `month` lies in anew, in whatever ads revenue is in."""
    with running(target) as ledger:
        lake = ledger.lake
        closing = month_of(month or lake.today().replace(day=1) - timedelta(days=1))
        landing = ingest_all(ledger, named_tables(lake, ["source:ad_network"]))
        built = build_all(ledger, selected_tables(lake, ["source:ad_network+"]), closing, full=True, after=landing)
        return report(lake.content, landed=landing, built=built)


def month_of(day: date) -> Window:
    """All of a month's days.

    >>> month_of(date(2024, 2, 14)).end
    datetime.date(2024, 2, 29)
    """
    next_month = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return Window(day.replace(day=1), next_month - timedelta(days=1))
