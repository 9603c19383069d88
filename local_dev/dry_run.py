"""`baikal run --dry-run`: what a run would ingest and build, and why. Changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from local_dev.command import Answer, Call
from local_dev.console import plural
from transforms.names import TableName
from transforms.plan import Step, plan
from transforms.window import Window

if TYPE_CHECKING:
    from connectors.lake import Lake


def dry_run(call: Call, lake: Lake, todo: set[TableName], window: Window | None, full: bool) -> Answer:
    """A row for each table that would change."""
    due = {name for name in todo if name in lake.content.raw}
    tables = [name for name in todo if name in lake.content.relations]
    lake.content.require(*tables)
    steps = plan(
        lake.content,
        todo,
        lake.catalog.get,
        today=lake.today(),
        window=window,
        full=full,
        due=due,
        own=lake.catalog.own,
    )
    ingested = lake.content.graph.sort(due)
    why = "it is due, or named: it is read from its beginning" if full else "it is due or named"
    rows = [[str(name), "ingest", "", why] for name in ingested]
    rows += [[str(step.table), "build", _days(step.days), step.reason] for step in steps]
    call.console.table(["table", "would", "days", "why"], rows)
    maybe = sum(not step.certain for step in steps)
    told = f"{plural(len(ingested), 'table')} to ingest, {plural(len(steps), 'table')} to build"
    call.console.show(told + (f", {maybe} of them only if what they read changes" if maybe else ""))
    return Answer({"ingest": [str(name) for name in ingested], "build": [_document(step) for step in steps]})


def _document(step: Step) -> dict[str, Any]:
    days = None if step.days is None else [day.isoformat() for day in step.days]
    return {"table": str(step.table), "days": days, "reason": step.reason, "pending": step.pending}


def _days(days: Sequence[date] | None) -> str:
    """`2024-05-01..2024-05-30 (30)`."""
    if not days:
        return ""
    return f"{days[0]}" if len(days) == 1 else f"{days[0]}..{days[-1]} ({len(days)})"
