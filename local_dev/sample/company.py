"""The sample company on disk: logs, exports and database dumps in one folder, with what is true of them.

A folder holds `company.json` (written last: what is here is whole), `truth.json`, `app_logs/`, `ad_logs/`, `sales/`
and `databases/`. A folder that holds anything else is left alone.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, fields, replace
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np

from local_dev.sample.advertising import CAMPAIGNS
from local_dev.sample.billing import Clicks, book
from local_dev.sample.databases import write_databases
from local_dev.sample.logfiles import Written, write_day
from local_dev.sample.sales import write_exports
from local_dev.sample.story import LATEST_DAYS, Company, Ints
from local_dev.sample.tally import Tally, tally
from local_dev.sample.traffic import traffic_of
from local_dev.sample.truth import Truth, truth_of
from transforms.errors import UsageError

__all__ = ["Company", "advance", "generate", "generated"]
MARKER = "company.json"
_FORMAT = 1
_OURS = (
    "app_logs",
    "ad_logs",
    "sales",
    "databases",
    "postgres",
    "postgres.lock",
    "postgres.used",
    "truth.json",
    MARKER,
    f".{MARKER}",
)
_THREADS = 2


def generate(company: Company, folder: Path) -> Truth:
    """Make the company's first days in a folder; does nothing if they are there.

    Raises UsageError on a folder that holds anything else.
    """
    if generated(folder) == (company, company.days - 1):
        return Truth.load(folder / "truth.json")
    _empty(folder)
    return _make(company, company.days - 1, folder, range(company.days))


def advance(folder: Path, days: int = 1) -> Truth:
    """Add the following days: their files, late events of the days before, restated and deleted rows."""
    found = generated(folder)
    if found is None:
        raise UsageError(f"{folder}: no sample company is here; generate one first")
    company, last = found
    return _make(company, last + days, folder, range(last + 1, last + days + 1))


def generated(folder: Path) -> tuple[Company, int] | None:
    """The company in a folder and the number of its last day; None unless one is there, whole."""
    try:
        found = json.loads((folder / MARKER).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    if found.pop("format") != _FORMAT:
        return None
    last = found.pop("last_day")
    company = Company(**found | {"first_day": date.fromisoformat(found["first_day"])})
    return company, company.number(date.fromisoformat(last))


def _empty(folder: Path) -> None:
    """Remove an older or half-made company, and nothing else."""
    folder.mkdir(parents=True, exist_ok=True)
    foreign = [path.name for path in folder.iterdir() if path.name not in _OURS]
    if foreign:
        raise UsageError(f"{folder}: holds {foreign[0]}, which is no part of a sample company; name an empty folder")
    (folder / MARKER).unlink(missing_ok=True)
    for name in ("app_logs", "ad_logs", "sales", "databases"):
        shutil.rmtree(folder / name, ignore_errors=True)


def _make(company: Company, last: int, folder: Path, folders: range) -> Truth:
    (folder / MARKER).unlink(missing_ok=True)
    tallies = _days(company, last, folder, folders)
    clicks = _joined(tallies)
    booked = book(company, last, clicks, _shown(tallies, last))
    write_databases(company, last, clicks, booked, folder / "databases")
    truth = truth_of(company, last, tallies, clicks, booked, write_exports(company, last, folder / "sales"))
    if folders.start:
        before = Truth.load(folder / "truth.json")
        truth = replace(truth, lines={**before.lines, **truth.lines}, rejects={**before.rejects, **truth.rejects})
    truth.save(folder / "truth.json")
    state = asdict(company) | {"first_day": str(company.first_day), "last_day": truth.last_day, "format": _FORMAT}
    partial_file = folder / f".{MARKER}"
    partial_file.write_text(json.dumps(state), encoding="utf-8")
    partial_file.replace(folder / MARKER)
    return truth


def _days(company: Company, last: int, folder: Path, folders: range) -> list[Tally]:
    """Every day's tally; files are written only into the folders (day numbers) that are new."""
    work = partial(_day, company, last, folder, folders)
    # Threads: compression and most of numpy leave the interpreter, and no process has to be started.
    with ThreadPoolExecutor(_THREADS) as pool:
        return list(pool.map(work, range(last + 1)))


def _day(company: Company, last: int, folder: Path, folders: range, day: int) -> Tally:
    traffic = traffic_of(company, day)
    reached: Iterable[int] = range(max(day, folders.start), min(day + LATEST_DAYS, last) + 1)
    written = write_day(company, day, traffic, folder, reached) if reached else Written({}, {})
    return tally(company, day, last, traffic, written)


def _joined(tallies: list[Tally]) -> Clicks:
    columns = [[getattr(tally.billable, field.name) for tally in tallies] for field in fields(Clicks)]
    return Clicks(*(np.concatenate(column) for column in columns))


def _shown(tallies: list[Tally], last: int) -> Ints:
    shown = np.zeros((last + 1, CAMPAIGNS), dtype=np.int64)
    for day in tallies:
        for later in range(min(LATEST_DAYS, last - day.day) + 1):
            shown[day.day + later] += day.shown[later]
    return shown
