"""`baikal history`, `rollback` and `gc`: the kept versions of tables."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import click

from local_dev.command import Answer, Call, command
from local_dev.completion import complete_name
from local_dev.console import plural, size
from transforms.content import Content
from transforms.errors import UsageError
from transforms.fields import listed
from transforms.names import TableName
from transforms.plan import plan
from transforms.snapshot import Snapshot
from transforms.source import DAY


@command("history")
@click.argument("name", shell_complete=complete_name)
def history(call: Call, name: str) -> Answer:
    """List the kept versions of a table, newest first."""
    from connectors.housekeeping import history as versions

    found = versions(call.lake, _published_name(call, name))
    zone = call.lake.target.timezone
    rows = [[s.version, wall_time(s.published_at, zone), s.rows, size(s.bytes), s.run] for s in found]
    call.console.table(["version", f"published ({zone.key})", "rows", "size", "run"], rows)
    return Answer([version_document(snapshot) for snapshot in found])


@command("rollback", writes=True)
@click.argument("name", shell_complete=complete_name)
@click.argument("version", required=False)
def rollback(call: Call, name: str, version: str | None) -> Answer:
    """Make an older version of a table the current one: VERSION, or the one before the current.

    The files stay where they are; what was rolled back is a version too, and can be returned to. A run still builds
    what the table's file and its inputs say: when they differ from that version, the next run builds it again.
    """
    from connectors.housekeeping import RolledBack, older_version
    from connectors.housekeeping import rollback as repoint
    from connectors.ledger import open_ledger

    lake, table = call.lake, _published_name(call, name)
    if version is not None and not (version.isascii() and version.isdigit()):
        raise UsageError(f'"{version}" is no version, which is a number; baikal history {table} lists them')
    old = older_version(lake, table, int(version) if version else None)
    with open_ledger(lake, f"rollback {table} {old}") as ledger:
        snapshot = repoint(lake, table, old, run=ledger.run)
        ledger.note(table, RolledBack(snapshot))
    told = f"the rows of version {version}" if version else "the rows of the version before"
    call.console.show(f"{snapshot.table} is at version {snapshot.version} with {told}: {plural(snapshot.rows, 'row')}")
    if lacking := lacking_columns(call.content, snapshot):
        told = f"warning: that version has no column {listed(lacking)}"
        call.console.say(f"{told}, which is NULL until a run writes these rows again")
    reason = _why_again(call, snapshot.table)
    if reason:
        call.console.say(
            f"warning: the next run builds it again: {reason}; to keep these rows, "
            "bring its file back to what it was, or leave the table out of runs until then"
        )
    return Answer({**version_document(snapshot), "built_again": reason})


def lacking_columns(content: Content, snapshot: Snapshot) -> list[str]:
    """The columns that a table declares and a version of it does not have; the days stand in no file."""
    name = snapshot.table
    if name not in content.relations and name not in content.raw:
        return []
    relation = content.relations.get(name)
    held = {*(column.name for column in snapshot.columns), relation.partition if relation else DAY}
    return [column.name for column in content.columns(name) if column.name not in held]


def _why_again(call: Call, name: TableName) -> str | None:
    """Why the next run would build a table, None if it would not; an ingested or a broken one is never built."""
    content, lake = call.content, call.lake
    paths = content.paths(name)
    if name not in content.relations or any(problem.path in paths for problem in content.errors):
        return None
    steps = plan(content, [name], lake.catalog.get, today=lake.today(), own=lake.catalog.own)
    return steps[0].reason if steps else None


@command("gc", writes=True)
@click.option(
    "--days", type=click.FloatRange(min=0), help="Keep what was superseded less than so many days ago.  [default: 7]"
)
@click.option("--dry-run", is_flag=True, help="Say what would go; delete nothing.")
def gc(call: Call, days: float | None, dry_run: bool) -> Answer:
    """Delete the files that no kept version needs, and what killed runs left behind.

    Only files that this platform wrote, and only after a grace period of 7 days.
    """
    from connectors.housekeeping import gc as clean
    from connectors.housekeeping import undeclared
    from transforms.publish import GRACE

    cleaned = clean(call.lake, grace=GRACE if days is None else timedelta(days=days), dry=dry_run)
    rows = [[str(c.table), len(c.versions), len(c.locations), len(c.files), size(c.bytes)] for c in cleaned]
    call.console.table(["table", "versions", "folders", "files", "size"], rows)
    total = sum(one.bytes for one in cleaned)
    verb = "would remove" if dry_run else "removed"
    call.console.show(f"{verb} {size(total)} of {plural(len(cleaned), 'table')}" if cleaned else "nothing to delete")
    left = [str(name) for name in undeclared(call.lake)]
    if left:
        call.console.say(
            f"{plural(len(left), 'table')} without a file, which gc never deletes: {', '.join(left)}; "
            f"remove database/table under {call.lake.storage.url('')} when nobody needs its rows"
        )
    tables = [
        {
            "table": str(c.table),
            "versions": list(c.versions),
            "locations": list(c.locations),
            "files": list(c.files),
            "bytes": c.bytes,
        }
        for c in cleaned
    ]
    return Answer({"dry_run": dry_run, "bytes": total, "tables": tables, "undeclared": left})


def _published_name(call: Call, text: str) -> TableName:
    """A name that is declared, or published although it is declared no more."""
    try:
        name = TableName.parse(text.lower())
    except ValueError:
        raise call.content.unknown(text) from None
    content = call.content
    if content.kind(name) == "view":
        raise UsageError(f"{name} is a view: it has no rows and no versions of its own")
    if name not in content.relations and name not in content.raw and call.lake.catalog.get(name) is None:
        raise content.unknown(name)
    return name


def wall_time(moment: datetime, zone: ZoneInfo) -> str:
    """A moment on the company's clock, to the second."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}"


def version_document(snapshot: Snapshot) -> dict[str, object]:
    """A version as `--json` gives it."""
    return {
        "table": str(snapshot.table),
        "version": snapshot.version,
        "published_at": snapshot.published_at.isoformat(),
        "run": snapshot.run,
        "rows": snapshot.rows,
        "bytes": snapshot.bytes,
        "parts": len(snapshot.parts),
        "reject_rows": snapshot.reject_rows,
    }
