"""`baikal runs`: the last runs from the lake's ledger, and what one of them did with each table."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import click

from local_dev.command import Answer, Call, command
from local_dev.console import bad, size
from local_dev.history import wall_time
from local_dev.run_report import named
from transforms.errors import UsageError
from transforms.fields import listed
from transforms.ledger import KEPT, Record, TableEntry

_WORDS = ("published", "repointed", "failed", "skipped")
_CANDIDATES = 5


@command("runs")
@click.argument("run", required=False)
@click.option("--days", type=click.IntRange(1, KEPT.days), default=7, show_default=True, help="How far to look back.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="The most runs to list.")
@click.option("--failed", is_flag=True, help="Only runs that failed, were stopped or never ended.")
def runs(call: Call, run: str | None, days: int, limit: int, failed: bool) -> Answer:
    """List the last runs, newest first: by hand, by Prefect, whoever had this lake as its target.

    With a RUN (the beginning of its name is enough) what it did with each table, and what was not expected of sources:
    new and missing columns, warnings. A run that is still "running" is at work, or it was killed.
    """
    from connectors.ledger_files import records

    zone = call.lake.target.timezone
    since = call.lake.now().date() - timedelta(days=days)
    found = records(call.lake, min(since, _begun(run) or since))[::-1]
    if run is not None:
        return _one(call, [record for record in found if record.run.run.startswith(run)], run, zone)
    shown = [record for record in found if not failed or record.run.outcome != "done"][:limit]
    headers = ["run", f"started ({zone.key})", "seconds", "outcome", "tables", "cost $", "who", "command"]
    call.console.table(headers, [_row(record, zone) for record in shown])
    if not shown:
        call.console.show(f"no {'failed ' * failed}run in the last {days} days")
    return Answer([_summary(record) for record in shown])


def _begun(run: str | None) -> date | None:
    """The day that a run's name begins with."""
    try:
        return datetime.strptime(run[:8] if run else "", "%Y%m%d").date()
    except ValueError:
        return None


def _row(record: Record, zone: ZoneInfo) -> list[object]:
    one = record.run
    seconds = (one.finished - one.started).total_seconds() if one.finished else None
    counts = record.counts()
    tables = ", ".join(f"{counts[word]} {word}" for word in _WORDS if counts[word]) or "nothing to do"
    cost = f"{record.cost_usd:.4f}" if record.queries else None
    return [one.run, wall_time(one.started, zone), seconds, one.outcome, tables, cost, one.who, one.command]


def _summary(record: Record) -> dict[str, Any]:
    return {**record.run.to_json(), "tables": dict(record.counts()), "cost_usd": record.cost_usd}


def _one(call: Call, found: list[Record], run: str, zone: ZoneInfo) -> Answer:
    if len(found) != 1:
        told = "several runs begin" if found else "no run begins"
        newest = f", the newest are {listed(record.run.run for record in found[:_CANDIDATES])}" if found else ""
        raise UsageError(f'{told} with "{run}"{newest}; baikal runs --days 30 lists them')
    (record,) = found
    one, console = record.run, call.console
    dirty = " with changes" if one.dirty else ""
    console.show(f"{one.run}  {one.command}  by {one.who} on {one.target}")
    console.show(f"commit {one.commit or 'unknown'}{dirty}, {wall_time(one.started, zone)}, {one.outcome}")
    if one.error:
        console.show(bad(one.error))
    entries = sorted(record.last(), key=lambda entry: entry.at)
    headers = ["table", "outcome", "days", "rows", "deleted", "size", "rejects", "seconds", "why"]
    console.table(headers, list(map(_table_row, entries)))
    for entry in entries:
        for surprise in entry.surprises:
            console.show(f"warning: {named(entry.table, surprise)}")
    queries = [
        [
            str(query.table or ""),
            query.kind,
            query.state,
            query.bytes,
            query.ms,
            query.queue_ms,
            f"{query.cost_usd:.4f}",
        ]
        for query in record.queries
    ]
    console.table(["query for", "kind", "state", "bytes", "ms", "queued ms", "cost $"], queries)
    return Answer(record.to_json())


def _table_row(entry: TableEntry) -> list[object]:
    days = sum((last - first).days + 1 for first, last in entry.days)
    why = f"{entry.because} failed" if entry.because else "; ".join(entry.checks) or entry.error
    seconds = round(entry.seconds, 1)
    held = size(entry.bytes) if entry.bytes else None
    counts = [entry.rows, entry.deleted or None, held, entry.rejects or None]
    return [str(entry.table), entry.outcome, days or None, *counts, seconds, why]
