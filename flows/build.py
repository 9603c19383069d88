"""Builds tables: one task per table, below the tasks of the tables that it reads."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date
from functools import partial
from typing import Any

from prefect import allow_failure, flow, task
from prefect.client.schemas.objects import State
from prefect.futures import PrefectFuture
from prefect.states import Completed, Failed

from connectors.build import Built
from connectors.ledger import Ledger
from connectors.noted import build_noted
from flows.hooks import HOOKS
from flows.limits import BUILDS_AT_ONCE, Gates
from flows.opened import running
from flows.report import FRESH, SKIPPED, report
from flows.retries import PATIENT
from flows.river import THREADS, Futures, take_down
from flows.run_names import name_of_build
from flows.selection import selected_tables
from transforms.names import TableName
from transforms.window import Window, asked_window


@flow(flow_run_name=name_of_build, task_runner=THREADS, **HOOKS)
def build(
    selectors: list[str] | None = None,
    start: date | None = None,
    end: date | None = None,
    full: bool = False,
    target: str | None = None,
) -> State[Any]:
    """Build what is stale of the selected tables, publish what passes its checks."""
    with running(target) as ledger:
        lake = ledger.lake
        built = build_all(ledger, selected_tables(lake, selectors), asked_window(start, end, lake.today()), full=full)
        return report(lake.content, built=built)


def build_all(
    ledger: Ledger,
    tables: Collection[TableName],
    window: Window | None = None,
    *,
    full: bool = False,
    after: Futures | None = None,
    named: str = "",
) -> Futures:
    """Takes the tables down the river, below the tables `after`; returns when all have ended.

    `named` is said behind a table's name, where a flow run takes the same one down more than once.
    """
    gates = Gates(BUILDS_AT_ONCE, ledger.lake.stopped)

    def submit(name: TableName, above: list[PrefectFuture[Any]], failed: list[TableName]) -> PrefectFuture[Any]:
        because = f"not run, because {', '.join(map(str, failed))} failed" if failed else ""
        for table in failed[:1]:
            ledger.skip(name, table)
        work = gates.behind("build", partial(build_noted, ledger, name, window, full=full))
        # With allow_failure the task starts, to say itself in the graph which table kept it from being built.
        waited = [allow_failure(future) for future in above]
        return build_table.submit(f"{name}{named}", work, because, wait_for=waited, return_state=False)

    return take_down({name: ledger.lake.content.graph.inputs(name) for name in tables}, submit, after or {})


@task(task_run_name="build {table}", **PATIENT)
def build_table(table: str, work: Callable[[], Built], because: str = "") -> State[Built]:
    """One table through stage, check, swap; not run when `because` says why."""
    if because:
        return Failed(name=SKIPPED, message=because)
    built = work()
    if built.fresh:
        return Completed(name=FRESH, message="nothing changed above it", data=built)
    days = f" in {len(built.days)} days" if built.days else ""
    return Completed(message=f"{built.rows:,} rows{days}", data=built)
