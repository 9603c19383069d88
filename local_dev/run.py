"""`baikal run`: what is stale is ingested and built, in dependency order, tables in parallel."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from functools import partial

import click

from local_dev.command import Answer, Call, command
from local_dev.completion import complete_selector
from local_dev.days import DAY
from local_dev.river import RiverRun, TableRun, run_river, tables_to_ingest
from local_dev.run_report import line, report
from local_dev.sample_home import sample_served
from local_dev.selection import named, selected
from transforms.errors import Problem, UsageError
from transforms.names import TableName
from transforms.window import Window, asked_window


@command("run", writes=True)
@click.argument("selectors", nargs=-1, metavar="[SELECTOR]...", shell_complete=complete_selector)
@click.option("--start", type=DAY, metavar="DAY", help="Build only the days from here on.")
@click.option("--end", type=DAY, metavar="DAY", help="The last day of --start; today when it is left out.")
@click.option(
    "--full", is_flag=True, help="Build again even what is fresh; read a source that is named from its beginning."
)
@click.option("--dry-run", is_flag=True, help="Say what would be done and why; change nothing.")
@click.option(
    "--verify", is_flag=True, help="Compare every row of the sources' tables with the sources now; change nothing."
)
@click.option("--watch", is_flag=True, help="Go on: rebuild what a saved file changes, until Ctrl-C.")
def run(
    call: Call,
    selectors: tuple[str, ...],
    start: date | None,
    end: date | None,
    full: bool,
    dry_run: bool,
    verify: bool,
    watch: bool,
) -> Answer:
    """Ingest every due source and build every table that is stale.

    With a SELECTOR only those tables: db.table, db.*, +x (with what it needs), x+ (with what needs it),
    source:x, owner:x, tag:x, changed, or the path of a file. A source that is named is ingested even when it is
    not due.
    """
    if watch and (dry_run or call.console.as_json):
        raise UsageError("--watch goes on until Ctrl-C; leave out --dry-run and --json")
    if verify and (dry_run or watch or full or start or end):
        raise UsageError("--verify runs nothing; leave out --start, --end, --full, --dry-run and --watch")
    lake, content = call.lake, call.content
    if verify:
        from local_dev.verify import verify as compared

        return compared(call, selected(content, selectors))
    if watch and lake.target.protected:
        raise UsageError(f"--watch builds what was only saved, and {lake.target.name} is protected; leave out --watch")
    window = asked_window(start, end, lake.today(), option="--")
    names = selected(content, selectors)
    asked = named(content, selectors)
    todo = tables_to_ingest(lake, names, asked) | {name for name in names if name not in content.raw}
    if dry_run:
        from local_dev.dry_run import dry_run as told

        return told(call, lake, todo, window, full)
    views = [str(name) for name in sorted(names) if content.kind(name) == "view"]
    if selectors and len(views) == len(names) and views and not lake.keeps_views:
        call.console.say(
            f"a view is computed when it is read, and is never built: {', '.join(views)}; "
            f"write baikal run +{views[0]} for the tables that it reads"
        )
    others = [] if selectors else other_errors(call, todo)
    for problem in others:
        call.console.error(str(problem))
    said = _told(selectors, window, full)
    river = run_tables(call, todo, window, command=said, full=full, again=asked if full else ())
    for problem in () if selectors else content.errors:
        if problem not in others and problem not in river.problems:  # its table was skipped
            call.console.error(str(problem))
    if window and selectors:
        _tell_days(call, asked, window)
    if watch:
        from local_dev.watch import watch as go_on

        go_on(call, names if selectors else None, partial(run_tables, command=f"{said} --watch"))
    return Answer(river.document, 1 if others else river.exit_code)


def run_tables(
    call: Call,
    todo: set[TableName],
    window: Window | None = None,
    *,
    command: str,
    full: bool = False,
    again: Collection[TableName] = (),
    brief: bool = False,
) -> RiverRun:
    """Ingest and build with progress, then report; the sample company is served when a source needs it.

    `command` is what the ledger says was asked for.
    """
    lake = call.lake
    worked = sum(lake.keeps_views or lake.content.kind(name) != "view" for name in todo)

    def ended(table: TableRun) -> None:
        progress.finished(str(table.name), "" if table.state in ("fresh", "no_days") else line(table))

    with sample_served(call.console, lake, todo), call.console.progress("run", worked) as progress:
        river = run_river(
            lake,
            todo,
            window,
            command=command,
            full=full,
            again=again,
            debug=call.debug,
            progress=progress,
            ended=ended,
        )
    report(call.console, river, brief=brief)
    return river


def _told(selectors: Sequence[str], window: Window | None, full: bool) -> str:
    """The command, for the ledger."""
    days = ["--start", str(window.start), "--end", str(window.end)] if window else []
    return " ".join(["run", *selectors, *days, *(["--full"] if full else [])])


def _tell_days(call: Call, names: set[TableName], window: Window) -> None:
    """What of a window meant nothing: tables without days, and those that have none of its days."""
    for name in sorted(name for name in names if call.content.kind(name) == "table"):
        snapshot = call.lake.catalog.get(name)
        if call.content.relations[name].partition is None:
            call.console.say(f"{name} has no days and is built as a whole, whatever --start and --end say")
        elif snapshot and not any(day in window for day in snapshot.days):
            days = sorted(snapshot.days)
            told = f"its days are {days[0]} to {days[-1]}" if days else "it has no days yet"
            call.console.say(f"{name} has no rows from {window.start} to {window.end}; {told}")


def other_errors(call: Call, todo: Collection[TableName]) -> list[Problem]:
    """The errors that can fail no table of a run: those of views, and of files of which nothing was made."""
    content, keeps_views = call.content, call.lake.keeps_views
    paths = {path for name in todo if keeps_views or content.kind(name) != "view" for path in content.paths(name)}
    return [problem for problem in content.errors if problem.path not in paths]
