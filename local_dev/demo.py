"""`baikal demo`: a whole company's data, from its systems into checked views; ends by saying what to try next."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import click

from local_dev.command import Answer, Session, command
from local_dev.console import faint, good, plural
from local_dev.river import RiverRun, TableRun, due_tables
from local_dev.run import run_tables
from local_dev.sample_home import sample_folder
from transforms.errors import UsageError
from transforms.names import TableName

if TYPE_CHECKING:
    from local_dev.sample.company import Company

DASHBOARD = TableName("kpi", "daily")


@command("demo")
@click.option("--users", type=click.IntRange(min=10), help="How many users the company has.  [default: 5000]")
@click.option("--days", type=click.IntRange(1, 366), help="How many days it has been at work.  [default: 30]")
@click.option("--events", type=click.IntRange(min=100), help="About how many events happened.  [default: 200000]")
@click.option("--seed", type=click.IntRange(min=0), help="Another seed is another company.  [default: 1]")
def demo(session: Session, users: int | None, days: int | None, events: int | None, seed: int | None) -> Answer:
    """Take a sample company through the whole river: its systems, raw tables, tables, checks, views.

    Makes a news app's data under .baikal/sample, starts its PostgreSQL database and its APIs, ingests everything,
    builds and checks every table. A second demo goes on from there.
    """
    began = time.perf_counter()
    content = session.content
    if not content.raw:
        raise UsageError(f"{content.home} declares no sources; call the demo in the repository, without BAIKAL_HOME")
    asked = {"users": users, "days": days, "events": events, "seed": seed}
    company = _company(session, {name: value for name, value in asked.items() if value is not None})
    river = run_tables(session, _todo(session))
    seconds = time.perf_counter() - began
    if river.exit_code == 0:
        _screen(session, river, seconds)
    sizes = {"users": company.users, "days": company.days, "events": company.events, "seed": company.seed}
    return Answer({"company": sizes, **river.document, "seconds": round(seconds, 3)}, river.exit_code)


def _company(session: Session, asked: dict[str, int]) -> Company:
    """The company of the home: made with the asked sizes, or the one that is there when nothing else is asked."""
    from local_dev.sample.company import Company, generate, generated

    folder = sample_folder(session.home)
    found = generated(folder)
    there = found[0] if found else None
    company = Company(**{**({} if there is None else _sizes(there)), **asked})
    if there is not None and there != company:
        raise UsageError(
            f"another sample company is in {folder}: {_told(there)}; "
            f"remove that folder and {session.lake.root} to make {_told(company)}"
        )
    if there is None:
        session.console.say(f"making a news app with {_told(company)}")
        began = time.perf_counter()
        generate(company, folder)
        session.console.say(faint(f"made in {time.perf_counter() - began:.1f} s under {folder}"))
    return company


def _sizes(company: Company) -> dict[str, Any]:
    return {field.name: getattr(company, field.name) for field in fields(company)}


def _told(company: Company) -> str:
    return (
        f"{plural(company.users, 'user')}, {plural(company.days, 'day')}, about {plural(company.events, 'event')}, "
        f"seed {company.seed}"
    )


def _todo(session: Session) -> set[TableName]:
    """Every source that is due, and every table."""
    names = set(session.content.names)
    return due_tables(session.lake, names, ()) | (names - session.content.raw.keys())


def _screen(session: Session, river: RiverRun, seconds: float) -> None:
    """A short screen: what there is now, and three commands to try."""
    console, content, lake = session.console, session.content, session.lake
    done = [table for table in river.tables if table.state not in ("failed", "skipped")]
    layers = [
        ("raw tables", [table for table in done if table.name in content.raw]),
        ("tables", [table for table in done if table.name not in content.raw]),
    ]
    rows: list[list[object]] = []
    for title, tables in layers:
        found = [lake.catalog.get(table.name) for table in tables]
        total = sum(snapshot.rows for snapshot in found if snapshot)
        rows.append([title, len(tables), total, sum(table.seconds for table in tables)])
    views = [relation for relation in content.relations.values() if relation.kind == "view"]
    console.show()
    console.table(["what there is", "count", "rows", "seconds of work"], [*rows, ["views", len(views), None, None]])
    checks = sum(len(relation.checks) for relation in content.relations.values())
    console.show()
    console.show(good(f"{plural(checks, 'check')} passed; from sources to views in {seconds:.1f} s") + _rejects(done))
    console.show("try next:")
    for line in _next(session):
        console.show(f"  {line}")


def _rejects(tables: Collection[TableRun]) -> str:
    rejects = sum(table.rejects for table in tables)
    return f"; {plural(rejects, 'dirty row')} set aside" if rejects else ""


def _next(session: Session) -> list[str]:
    names = session.content.relations
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
