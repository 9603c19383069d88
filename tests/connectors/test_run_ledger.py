"""Every run leaves what it did in the lake, on a laptop and in a bucket; a kill loses what was being worked on."""

from __future__ import annotations

import json
import signal
import subprocess
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ledger_kill import killed_run
from shop_lake import DAILY, NOW, ORDERS, TOTALS, edit, land, make_home, open_shop

from connectors.commit import Commit
from connectors.housekeeping import gc
from connectors.lake import Lake
from connectors.ledger import PIECE, Ledger, open_ledger
from connectors.ledger_files import FEW, begun_on_or_after, file_of, folders_since, forget, records
from connectors.noted import build_noted
from transforms.errors import CheckFailed, OutsideError
from transforms.ledger import Record, RunEntry
from transforms.names import TableName

TODAY = NOW.date()


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return open_shop(make_home(tmp_path))


def the_run(lake: Lake) -> Record:
    (record,) = records(lake, TODAY)
    return record


def files(lake: Lake) -> list[str]:
    return [path.relative_to(lake.root).as_posix() for path in sorted(lake.root.glob("_runs/*/*"))]


def test_a_run_leaves_what_it_did_with_each_table(lake: Lake) -> None:
    land(lake, {"2024-05-01": [100, 50], "2024-05-02": [30], "2024-05-04": [1]})
    with open_ledger(lake, "run core_shop.*", who="ana@laptop") as ledger:
        build_noted(ledger, DAILY)
        build_noted(ledger, TOTALS)
    record = the_run(lake)
    run = record.run
    assert (run.run, run.command, run.target, run.who) == (ledger.run, "run core_shop.*", "laptop", "ana@laptop")
    assert (run.started, run.finished, run.outcome) == (NOW, NOW, "done")
    daily, totals = record.tables
    assert (daily.table, daily.outcome, daily.owner, daily.version) == (DAILY, "published", "shop", 1)
    assert daily.days == ((date(2024, 5, 1), date(2024, 5, 2)), (date(2024, 5, 4), date(2024, 5, 4)))
    assert daily.rows == 3
    assert daily.bytes > 100
    assert (totals.days, totals.rows) == ((), 1)


def test_a_run_without_work_leaves_one_file_of_a_few_hundred_bytes(lake: Lake) -> None:
    land(lake, {"2024-05-01": [100]})
    with open_ledger(lake, "run") as ledger:
        build_noted(ledger, DAILY)
        build_noted(ledger, TOTALS)
    before = files(lake)
    with open_ledger(lake, "run") as idle:
        build_noted(idle, DAILY)
        build_noted(idle, TOTALS)
    (file,) = set(files(lake)) - set(before)
    assert (lake.root / file).stat().st_size < 400
    record = next(one for one in records(lake, TODAY) if one.run.run == idle.run)
    assert record.tables == ()
    assert record.run.found_fresh(DAILY)
    assert record.run.found_fresh(TOTALS)
    assert not record.run.found_fresh(ORDERS)


def test_a_failure_leaves_its_kind_its_line_and_what_the_checks_told(lake: Lake) -> None:
    land(lake, {"2024-05-01": [-5]})
    with open_ledger(lake, "run") as ledger:
        with pytest.raises(CheckFailed):
            build_noted(ledger, DAILY)
        ledger.skip(TOTALS, DAILY)
    record = the_run(lake)
    assert record.run.outcome == "failed"
    failed, skipped = record.tables
    assert (failed.outcome, failed.cause, failed.version) == ("failed", "check", None)
    assert failed.error == "core_shop.daily was not published: 1 check failed"
    assert failed.checks == ("transforms/tables/core_shop/daily.sql:8: revenue_jpy: 1 row under 0",)
    assert (skipped.outcome, skipped.because) == ("skipped", DAILY)


def test_a_check_that_only_warns_is_told_of_what_was_published(lake: Lake) -> None:
    home = lake.content.home
    edit(home, "transforms/tables/core_shop/daily.sql", "revenue_jpy: 0}", "revenue_jpy: 0}\n    severity: warn")
    lake = open_shop(home)
    land(lake, {"2024-05-01": [-5]})
    with open_ledger(lake, "run") as ledger:
        build_noted(ledger, DAILY)
    (entry,) = the_run(lake).tables
    assert (entry.outcome, entry.invalid) == ("published", 1)
    assert entry.checks == ("transforms/tables/core_shop/daily.sql:8: revenue_jpy: 1 row under 0",)


@pytest.mark.slow
def test_a_run_that_is_killed_loses_what_it_was_working_on_and_no_more(tmp_path: Path) -> None:
    home = make_home(tmp_path)
    assert killed_run(home, "shop_lake", "open_shop") == -signal.SIGKILL
    record = the_run(open_shop(home))
    assert (record.run.outcome, record.run.finished) == ("running", None)
    assert [(entry.table, entry.outcome) for entry in record.tables] == [(DAILY, "published")]


def test_a_run_that_is_stopped_says_so_and_nothing_of_the_stopping(lake: Lake) -> None:
    with pytest.raises(KeyboardInterrupt), open_ledger(lake, "run") as ledger:
        raise KeyboardInterrupt
    land(lake, {"2024-05-01": [-5]})
    with pytest.raises(CheckFailed):
        build_noted(ledger, DAILY)
    assert (the_run(lake).run.outcome, the_run(lake).tables) == ("stopped", ())


def test_what_is_published_while_a_run_is_stopped_is_told(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Statements are interrupted before the ledger asks git and writes, which take their time."""
    land(lake, {"2024-05-01": [100]})
    order: list[str] = []
    monkeypatch.setattr(Lake, "interrupt", lambda _: order.append("interrupted"))
    monkeypatch.setattr(Ledger, "end", lambda self, *rest, end=Ledger.end: (order.append("ended"), end(self, *rest)))
    with pytest.raises(KeyboardInterrupt), open_ledger(lake, "run") as ledger:
        raise KeyboardInterrupt
    build_noted(ledger, DAILY)
    assert order == ["interrupted", "ended"]
    record = the_run(lake)
    assert record.run.outcome == "stopped"
    assert [(entry.table, entry.outcome) for entry in record.tables] == [(DAILY, "published")]


def test_what_ends_a_run_is_told(lake: Lake) -> None:
    with pytest.raises(OutsideError), open_ledger(lake, "run"):
        raise OutsideError("the server is away")
    assert (the_run(lake).run.outcome, the_run(lake).run.error) == ("failed", "the server is away")


def test_a_long_run_is_written_in_pieces_and_read_as_one(lake: Lake) -> None:
    names = [TableName("core_shop", f"t{number:03}") for number in range(PIECE + 3)]
    with open_ledger(lake, "run") as ledger:
        for name in names:
            ledger.skip(name, DAILY)
    assert len(files(lake)) == 2
    record = the_run(lake)
    assert [entry.table for entry in record.tables] == names
    assert record.run.outcome == "done"


def test_a_disk_that_cannot_be_written_fails_no_run(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OutsideError("cannot write: No space left on device")

    monkeypatch.setattr(type(lake.storage), "note", full)
    with open_ledger(lake, "run") as ledger:
        ledger.skip(TOTALS, DAILY)
    assert records(lake, TODAY) == []


def test_days_that_were_not_asked_for_are_not_read(lake: Lake) -> None:
    for days in (0, 3, 40):
        Ledger(replace(lake, clock=lambda days=days: NOW - timedelta(days=days)), "run", None).end("done")
    (lake.root / "_runs/2024-05/20240520T000000-foreign.json").write_text("[]")
    assert [record.run.started for record in records(lake, TODAY - timedelta(days=3))] == [NOW - timedelta(days=3), NOW]
    assert len(records(lake, TODAY - timedelta(days=50))) == 3


def test_what_is_older_than_400_days_goes(lake: Lake) -> None:
    for days in (1, 399, 401, 430, 600):
        Ledger(replace(lake, clock=lambda days=days: NOW - timedelta(days=days)), "run", None).end("done")
    gc(lake, dry=True)
    assert len(files(lake)) == 5
    gc(lake)
    assert len(records(lake, TODAY - timedelta(days=700))) == 2
    assert forget(lake) == 0


def a_run(lake: Lake, began: datetime, number: int = 0, outcome: Any = "done") -> None:
    ended = None if outcome == "running" else began
    run = RunEntry(f"{began:%Y%m%dT%H%M%S}-{number:08x}", "run", "laptop", "ana", began, ended, outcome)
    lake.storage.note(file_of(run.run), Record(run).written())


def test_ended_runs_are_read_again_as_a_file_a_day(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked of a bucket grows with the runs since, not with those of 28 days."""
    for number in range(29 * 24):
        a_run(lake, NOW - timedelta(hours=number), number)
    a_run(lake, NOW - timedelta(days=9), 9999, "running")
    read: list[str] = []
    noted = type(lake.storage).noted
    monkeypatch.setattr(type(lake.storage), "noted", lambda self, name: (read.append(name), noted(self, name))[1])
    before = records(lake, TODAY - timedelta(days=30))
    asked = len(read)
    read.clear()
    assert records(lake, TODAY - timedelta(days=30)) == before
    assert (asked, len(read)) == (29 * 24 + 1, 28 + 1 + 4 + 24)  # days, what still runs, today's and yesterday's
    a_run(lake, NOW - timedelta(days=9), 9999)
    (ended,) = (one for one in records(lake, TODAY - timedelta(days=30)) if one.run.run.endswith("0000270f"))
    assert ended.run.outcome == "done"


def test_many_runs_of_a_day_are_one_file_before_the_day_is_over(lake: Lake) -> None:
    for number in range(FEW + 5):
        a_run(lake, NOW - timedelta(minutes=60 + number), number)
    a_run(lake, NOW - timedelta(minutes=59), 9999)  # something may still be written of it
    before = records(lake, TODAY)
    day = lake.root / "_runs/2024-05/20240520.json"
    assert len(json.loads(day.read_text())) == FEW + 5
    assert records(lake, TODAY) == before
    day.write_text('[{"of": "another version"}]')
    assert records(lake, TODAY) == before


def test_a_run_knows_the_commit_of_its_content(lake: Lake) -> None:
    home = lake.content.home
    assert Commit(home).state() == (None, None)
    who = ("-c", "user.name=Ana", "-c", "user.email=ana@example.com")
    (home / ".gitignore").write_text("lake/\n.gitignore\n")
    for words in (("init", "-q"), ("add", "transforms", "connectors"), (*who, "commit", "-qm", "content")):
        subprocess.run(["git", "-C", home, *words], check=True)
    commit = subprocess.run(["git", "-C", home, "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
    assert Commit(home).state() == (commit.stdout.strip(), False)
    edit(home, "transforms/teams.yaml", "The shop", "The only shop")
    with open_ledger(lake, "run"):
        pass
    assert (the_run(lake).run.commit, the_run(lake).run.dirty) == (commit.stdout.strip(), True)


def test_a_file_of_the_ledger_is_plain_json(lake: Lake) -> None:
    with open_ledger(lake, "run") as ledger:
        ledger.skip(TOTALS, DAILY)
    (file,) = files(lake)
    assert file == f"_runs/2024-05/{ledger.run}.json"
    data = json.loads((lake.root / file).read_bytes())
    assert data["tables"] == [
        {
            "table": "core_shop.totals",
            "outcome": "skipped",
            "at": "2024-05-20T03:00:00+00:00",
            "owner": "shop",
            "because": "core_shop.daily",
        }
    ]


def test_files_are_found_by_month_and_day() -> None:
    assert folders_since(date(2023, 12, 31), date(2024, 2, 1)) == ["_runs/2023-12", "_runs/2024-01", "_runs/2024-02"]
    file = file_of("20240501T063000-1f")
    assert begun_on_or_after(file, date(2024, 5, 1))
    assert not begun_on_or_after(file, date(2024, 5, 2))
