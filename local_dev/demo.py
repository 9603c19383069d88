"""`baikal demo`: a whole company's data, from its systems into checked views; ends by saying what to try next."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import fields
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING, Any

import click

from local_dev.command import Answer, Call, command
from local_dev.console import faint, good, plural
from local_dev.river import RiverRun, tables_to_ingest
from local_dev.run import run_tables
from local_dev.sample_home import SERVED, sample_folder
from transforms.errors import UsageError
from transforms.names import TableName

if TYPE_CHECKING:
    from local_dev.sample.company import Company

_LAYERS = ("raw", "core", "view")
DASHBOARD = TableName("kpi", "daily")


@command("demo")
@click.option("--users", type=click.IntRange(min=10), help="How many users the company has.  [default: 5000]")
@click.option("--days", type=click.IntRange(1, 366), help="How many days it has been at work.  [default: 30]")
@click.option("--events", type=click.IntRange(min=100), help="About how many events happened.  [default: 200000]")
@click.option("--seed", type=click.IntRange(min=0), help="Another seed is another company.  [default: 1]")
@click.option("--advance", type=click.IntRange(1, 366), metavar="DAYS", help="First let so many more days happen.")
def demo(
    call: Call, users: int | None, days: int | None, events: int | None, seed: int | None, advance: int | None
) -> Answer:
    """Take a sample company through the whole river: its systems, raw tables, tables, checks, views.

    Makes a news app's data under .baikal/sample, starts its PostgreSQL database and its APIs, ingests everything,
    builds and checks every table. A second demo goes on from there; with --advance 1 the company lives its next day.
    """
    began = time.perf_counter()
    target, content = call.lake.target, call.content
    if target.protected:
        raise UsageError(f"{target.name} is protected, and the demo's company is made up; name another target")
    if not content.raw:
        raise UsageError(f"{content.home} declares no sources; call the demo in the repository, without BAIKAL_HOME")
    asked = {"users": users, "days": days, "events": events, "seed": seed}
    company = _company(call, {name: value for name, value in asked.items() if value is not None})
    lived = _advance(call, advance) if advance else set()
    river = run_tables(call, _todo(call) | lived, command="demo", brief=True)
    seconds = time.perf_counter() - began
    if river.exit_code == 0:
        _screen(call, river, seconds)
    sizes = {"users": company.users, "days": company.days, "events": company.events, "seed": company.seed}
    return Answer({"company": sizes, **river.document, "seconds": round(seconds, 3)}, river.exit_code)


def _company(call: Call, asked: dict[str, int]) -> Company:
    """The company of the home: made with the asked sizes, or the one that is there when nothing else is asked."""
    from local_dev.sample.company import Company, generate, generated

    folder = sample_folder(call.home)
    found = generated(folder)
    there = found[0] if found else None
    company = Company(**{**({} if there is None else _sizes(there)), **asked})
    if there is not None and there != company:
        raise UsageError(
            f"another sample company is in {folder}: {_told(there)}; "
            f"remove that folder and {call.lake.root} to make {_told(company)}"
        )
    if there is None:
        call.console.say(f"making a news app with {_told(company)}")
        began = time.perf_counter()
        generate(company, folder)
        call.console.say(faint(f"made in {time.perf_counter() - began:.1f} s under {folder}"))
    return company


def _advance(call: Call, days: int) -> set[TableName]:
    """More days: new files, late events, restated and deleted rows. Returns the raw tables that they may be in."""
    from local_dev.sample import company

    truth = company.advance(sample_folder(call.home), days)
    call.console.say(f"{plural(days, 'more day')} of the company, until {truth.last_day}")
    connections = call.lake.target.connections
    return {name for name, (source, _) in call.content.raw.items() if connections.get(source.connection) in SERVED}


def _sizes(company: Company) -> dict[str, Any]:
    return {field.name: getattr(company, field.name) for field in fields(company)}


def _told(company: Company) -> str:
    return (
        f"{plural(company.users, 'user')}, {plural(company.days, 'day')}, about {plural(company.events, 'event')}, "
        f"seed {company.seed}"
    )


def _todo(call: Call) -> set[TableName]:
    """Every source that is due, and every table."""
    names = set(call.content.names)
    return tables_to_ingest(call.lake, names, ()) | (names - call.content.raw.keys())


def _screen(call: Call, river: RiverRun, seconds: float) -> None:
    """A short screen: what there is now, and three commands to try."""
    console, content = call.console, call.content
    worked = {table.name: table.seconds for table in river.tables}
    layers: dict[str, list[TableName]] = {}
    for name in content.names:
        layers.setdefault(name.database, []).append(name)
    rows: list[list[object]] = []
    for database in sorted(layers, key=lambda database: (_LAYERS.index(layers[database][0].layer), database)):
        names = layers[database]
        found = [snapshot for name in names if (snapshot := call.lake.catalog.get(name))]
        total = sum(snapshot.rows for snapshot in found) if found else None
        spent = sum(worked.get(name, 0.0) for name in names) if found else None
        rows.append([database if found else f"{database} (views)", len(names), total, spent])
    console.show()
    console.table(["database", "tables", "rows", "seconds"], rows)
    console.show()
    console.show(good(f"from sources to views in {seconds:.1f} s: {_checked(call, river)}"))
    console.show("try next:")
    for line in [*_activation(), *_next(call)]:
        console.show(f"  {line}")


def _checked(call: Call, river: RiverRun) -> str:
    """Of the tables that this very run has built: what an earlier one found is not said again."""
    relations = call.content.relations
    built = [table for table in river.tables if table.state == "built"]
    checks = sum(len(relations[table.name].checks) for table in built)
    warned = len({warning.split(": ")[0] for table in built for warning in table.warnings})
    rejects = sum(table.rejects for table in river.tables)
    facts = [f"{plural(checks - warned, 'check')} passed"] if checks else []
    facts += [] if built else ["nothing was stale, so no check ran"]
    facts += [f"{warned} warned"] if warned else []
    facts += [f"{plural(rejects, 'dirty row')} set aside"] if rejects else []
    return ", ".join(facts)


def _activation() -> list[str]:
    """What makes `baikal` a command of the shell, where it is none yet: `make demo` needs no activated environment."""
    programs = Path(sys.executable).parent
    if which("baikal") == str(programs / "baikal") or not (programs / "activate").is_file():
        return []
    return [f"source {os.path.relpath(programs / 'activate')}"]


def _next(call: Call) -> list[str]:
    names = call.content.relations
    views = sorted(name for name in names if names[name].kind == "view")
    view = DASHBOARD if DASHBOARD in names else next(iter(views), None)
    tables = sorted(name for name in names if names[name].kind == "table")
    table = next((name for name in tables if name.table == "campaign_daily"), next(iter(tables), None))
    lines = []
    if view:
        lines += [f'baikal query "select * from {view} limit 10"', f"baikal lineage {view}"]
    if table:
        lines.append(f"baikal show {table}")
    return lines
