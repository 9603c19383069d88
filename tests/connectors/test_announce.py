"""A failure upstream is told once to each team, with the views below it, and once when it is over; on both storages."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from running_aws import RunningAws
from shop_lake import DAILY, NOW, ORDERS, TOTALS, edit, land, make_home, open_shop, write
from shop_on_aws import aws_home, open_aws_shop
from slack_sink import Sink, slack_sink

from connectors.alerts import TOLD, announce, outlook
from connectors.aws import bucket
from connectors.lake import Lake
from connectors.ledger import open_ledger
from connectors.ledger_files import file_of
from connectors.noted import build_noted
from transforms.errors import BaikalError
from transforms.ledger import Record, RunEntry, TableEntry

NUMBERS = count(1)
TEAMS = """
shop: {description: The shop, contact: "#shop", slack: SHOP_SLACK_URL}
desk: {description: Reads, contact: "#desk", slack: DESK_SLACK_URL}
"""


@pytest.fixture(params=["folder", pytest.param("bucket", marks=pytest.mark.aws)])
def lake(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lake]:
    """The shop, whose views are another team's."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    if request.param == "folder":
        home = make_home(tmp_path)
    else:
        home = aws_home(request.getfixturevalue("aws"), tmp_path, f"told{next(NUMBERS)}")
    write(home, "transforms/teams.yaml", TEAMS)
    edit(home, "transforms/views/shop/best.sql", "owner: shop", "owner: desk")
    opened = open_shop(home) if request.param == "folder" else open_aws_shop(home)
    yield opened
    opened.close()


@pytest.fixture
def sink(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sink]:
    with slack_sink() as running:
        monkeypatch.setenv("SHOP_SLACK_URL", running.url)
        monkeypatch.setenv("DESK_SLACK_URL", running.url)
        yield running


def later(lake: Lake, minutes: int) -> Lake:
    return replace(lake, clock=lambda: NOW + timedelta(minutes=minutes))


def run(lake: Lake) -> None:
    """A run of both tables, as a walk would do it."""
    with open_ledger(lake, "run") as ledger:
        try:
            build_noted(ledger, DAILY)
            build_noted(ledger, TOTALS)
        except BaikalError:
            ledger.skip(TOTALS, DAILY)


def said(sink: Sink) -> list[str]:
    return [json.dumps(message, ensure_ascii=False) for message in sink.messages]


def test_a_failed_check_is_told_once_to_each_owner_and_once_that_it_is_over(lake: Lake, sink: Sink) -> None:
    land(lake, {"2024-05-19": [-5]})
    run(lake)
    assert [(one.message.owner, one.failure) for one in announce(lake)] == [("desk", ""), ("shop", "")]
    desk, shop = said(sink)
    for message in (desk, shop):
        assert "core_shop.daily failed its checks" in message
        assert "revenue_jpy: 1 row under 0" in message
        assert "`shop.best`" in message
    assert "core_shop.totals" in shop
    assert "core_shop.totals" not in desk
    run(later(lake, 10))
    assert announce(later(lake, 11)) == []
    land(lake, {"2024-05-19": [5]})
    run(later(lake, 20))
    assert len(announce(later(lake, 21))) == 2
    assert all("core_shop.daily* is as it should be again" in message for message in said(sink)[2:])
    assert announce(later(lake, 22)) == []
    assert len(sink.messages) == 4


@pytest.mark.parametrize("weekday", range(7))
def test_a_table_below_a_weekly_source_keeps_its_promise_on_the_oldest_day_too(tmp_path: Path, weekday: int) -> None:
    """Whatever day it is: the week of the oldest day that is judged began before that day."""
    home = make_home(tmp_path)
    edit(home, "connectors/sources/shop.yaml", "connection: shop", "connection: shop\nevery: 7d")
    edit(
        home,
        "transforms/tables/core_shop/daily.sql",
        "owner: shop",
        'owner: shop\nslo: {fresh_by: "09:00", days_met: 95%}',
    )
    today = NOW + timedelta(days=weekday)
    lake, week = open_shop(home, now=today), None
    for back in reversed(range(45)):
        morning = today - timedelta(days=back, hours=4)
        run = RunEntry(f"{morning:%Y%m%dT%H%M%S}-00000000", "run", "laptop", "ana", morning, morning, "done")
        before, week = week, (morning.astimezone(lake.target.timezone).date() - date(1970, 1, 1)).days // 7
        read = () if week == before else (TableEntry(ORDERS, "published", morning),)
        record = Record(replace(run, fresh={"core_shop": ("*",)}), read)
        lake.storage.note(file_of(run.run), record.written())
    (standing,) = outlook(lake).standings
    assert (standing.due, standing.judged, standing.missed) == (28, 28, ())


def test_what_could_not_be_sent_is_told_later_and_fails_nothing(lake: Lake, sink: Sink) -> None:
    land(lake, {"2024-05-19": [-5]})
    run(lake)
    sink.answers += [(403, "action_prohibited", {})]
    desk, shop = announce(lake)
    assert (desk.failure, shop.failure) == ("cannot tell Slack: 403 action_prohibited", "")
    assert [one.message.owner for one in announce(lake)] == ["desk"]
    assert announce(lake) == []


def test_announcements_at_the_same_time_tell_a_thing_once(lake: Lake, sink: Sink) -> None:
    land(lake, {"2024-05-19": [-5]})
    run(lake)
    with ThreadPoolExecutor(3) as threads:
        found = [message for told in threads.map(lambda _: announce(lake), range(3)) for message in told]
    assert [one.failure for one in found] == ["", ""]
    assert len(sink.messages) == 2


def test_a_team_without_a_channel_and_one_whose_variable_is_not_set(
    lake: Lake, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SHOP_SLACK_URL")
    teams = {**lake.content.teams, "desk": replace(lake.content.teams["desk"], slack=None)}
    lake = replace(lake, content=replace(lake.content, teams=teams))
    land(lake, {"2024-05-19": [-5]})
    run(lake)
    (shop,) = announce(lake)
    assert shop.failure == "the environment variable SHOP_SLACK_URL is not set; it holds a Slack webhook's address"
    assert sink.messages == []


def test_a_storage_that_fails_fails_no_run(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(type(lake.storage), "alone", away)
    (one,) = announce(lake)
    assert "Input/output error" in one.failure


def test_a_foreign_memory_of_what_was_told_is_written_anew(lake: Lake, sink: Sink) -> None:
    lake.storage.note(TOLD, b"[1]")
    land(lake, {"2024-05-19": [-5]})
    run(lake)
    assert len(announce(lake)) == 2
    assert announce(lake) == []


def test_complete_looks_at_what_the_table_holds(lake: Lake) -> None:
    home = lake.content.home
    edit(home, "transforms/tables/core_shop/daily.sql", "partition: day", "partition: day\nslo: {complete: 50%}")
    lake = open_shop(home) if not lake.storage.shared else open_aws_shop(home)
    land(lake, {"2024-05-17": [5], "2024-05-18": [5]})
    run(lake)
    found = outlook(later(lake, 24 * 60))
    (standing,) = found.standings
    assert [str(day) for day in standing.missed] == ["2024-05-20"]
    assert [one.kind for one in found.incidents] == ["incomplete", "budget-spent"]
    assert found.incidents[0].what == "core_shop.daily has less than 50% of the usual rows of 2024-05-19"
    lake.close()


@pytest.mark.aws
def test_a_lock_of_a_process_that_died_is_taken_after_a_while(
    aws: RunningAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    lake = open_aws_shop(aws_home(aws, tmp_path, f"told{next(NUMBERS)}"))
    dead = lake.storage.alone("_alerts/lock")
    dead.__enter__()
    monkeypatch.setattr(bucket, "LOCK_PATIENCE_S", 0.0)
    (told,) = announce(lake)
    assert "another run holds s3://" in told.failure
    monkeypatch.setattr(bucket, "DEAD", timedelta(seconds=-5))
    assert announce(lake) == []
    lake.close()


def test_a_lock_is_held_by_one_at_a_time_and_given_back(lake: Lake) -> None:
    inside, seen = threading.Lock(), []

    def work(number: int) -> None:
        with lake.storage.alone("_alerts/lock"):
            assert inside.acquire(blocking=False)
            time.sleep(0.05)
            seen.append(number)
            inside.release()

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(work, range(3)))
    assert sorted(seen) == [0, 1, 2]
