"""A build on AWS that dies at any call, or meets a service that fails, loses nothing and doubles nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from kill_aws import AFTER, BEFORE, WALKS
from running_aws import RunningAws, running_aws
from shop_lake import DAILY, NOW, TOTALS, land
from shop_on_aws import BUCKET, asked, aws_home, open_aws_shop, place_of, seen

from connectors.aws.bucket import Bucket
from connectors.build import build
from connectors.housekeeping import gc, rollback
from connectors.lake import Lake

pytestmark = [pytest.mark.aws, pytest.mark.river]
SCRIPT = Path(__file__).parent / "kill_aws.py"
DAYS = ("2024-05-02", "2024-05-03")


@pytest.mark.parametrize("walk", WALKS)
def test_a_kill_after_every_change(tmp_path: Path, walk: str) -> None:
    with running_aws(tmp_path / "aws") as aws:
        s3 = aws.client("s3")
        s3.create_bucket(Bucket=BUCKET)
        words = [sys.executable, SCRIPT, tmp_path, aws.url, walk]
        path = os.pathsep.join(sys.path)
        done = subprocess.run(
            words, capture_output=True, text=True, timeout=900, check=False, env={**os.environ, "PYTHONPATH": path}
        )
    assert done.returncode == 0, done.stderr
    outcomes = json.loads(done.stdout)
    assert len(outcomes) > {"gc": 3, "days": 14, "together": 15}[walk]
    before, after = WALKS[walk].before, WALKS[walk].after
    for outcome in outcomes:
        assert outcome["looked"] == 0, outcome
        assert outcome["finished"] == after, outcome
        if walk == "days":
            days = {row[0]: row for row in outcome["seen"]}
            assert days["2024-05-01"] == before[0], outcome
            assert all(days.get(day) in _allowed(day) for day in DAYS), outcome
        else:
            assert outcome["seen"] in (before, after), outcome


def _allowed(day: str) -> list[list[str] | None]:
    """A day as it was, or as it will be: each switches by itself."""
    return [next((row for row in rows if row[0] == day), None) for rows in (BEFORE, AFTER)]


FAULTS = ("throttle=0.3", "slowdown=0.3", "fail=0.15", "lost=0.15", "throttle=0.1,slowdown=0.1,fail=0.05,lost=0.05")


@pytest.mark.parametrize("faults", FAULTS)
def test_what_aws_does_loses_nothing_doubles_nothing_and_takes_nothing_foreign(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, faults: str
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    with running_aws(tmp_path / "aws", "--fault", faults, "--seed", "7") as aws:
        lake = _shop(aws, tmp_path / "shop")
        land(lake, {"2024-05-01": [100], "2024-05-02": [2]})
        build(lake, DAILY, run="r0")
        foreign = _foreign(lake, "r0")
        for number in range(1, 4):
            land(lake, {"2024-05-01": [100, 50], f"2024-05-0{number + 1}": [number]})
            build(lake, DAILY, run=f"r{number}")
            build(lake, TOTALS, run=f"r{number}")
        expected = [["2024-05-01", "2", "150"], *([f"2024-05-0{n + 1}", "1", str(n)] for n in range(1, 4))]
        assert seen(lake) == expected
        ((orders, revenue),) = (
            row.values() for row in lake.query("select * from core_shop.totals")[1].read_all().to_pylist()
        )
        assert (orders, revenue) == (5, 156)
        rollback(lake, DAILY, 1, run="r4")
        assert seen(lake) == [["2024-05-01", "1", "100"], ["2024-05-02", "1", "2"]]
        rollback(lake, DAILY, 4, run="r5")
        gc(replace(lake, clock=lambda: NOW + timedelta(days=8)))
        assert seen(lake) == expected
        assert _foreign(lake, "r0") == foreign
        assert _sent_once(lake)


def _foreign(lake: Lake, run: str) -> list[object]:
    """A file in the bucket, one in the folder of a run, and a table beside ours, that somebody else has made."""
    bucket, place = lake.storage, place_of(lake, DAILY)
    assert isinstance(bucket, Bucket)
    names = ["mine.txt", "core_shop/daily/mine/x.parquet", f"core_shop/daily/{run}/README.md", "_athena/mine.csv"]
    table = {"Name": "mine", "Parameters": {"owner": "somebody"}, "StorageDescriptor": {"Columns": []}}
    glue = bucket.session.client("glue")
    if not bucket.has(names[0]):
        for name in names:
            bucket.write(name, b"mine")
        with suppress(glue.exceptions.AlreadyExistsException):  # the call is repeated when its answer is lost
            glue.create_table(DatabaseName=place.database, TableInput=table)
    found = glue.get_table(DatabaseName=place.database, Name="mine")["Table"]
    return [*(bucket.read(name) for name in names), found["Parameters"], found["VersionId"]]


def _sent_once(lake: Lake) -> bool:
    """Whether Athena has run the statements that the platform knows of, and none of them a second time."""
    athena = lake.storage.session.client("athena")  # type: ignore[attr-defined]
    pages = athena.get_paginator("list_query_executions").paginate()
    return {id_ for page in pages for id_ in page["QueryExecutionIds"]} == {one.query_id for one in lake.queries}


def test_publishers_at_once_lose_nothing_before_a_reader_s_eyes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    with running_aws(tmp_path / "aws") as aws:
        lake = _shop(aws, tmp_path / "shop")
        days = [f"2024-05-{number:02}" for number in range(1, 13)]
        land(lake, {day: [1] for day in days})
        build(lake, DAILY, run="r0")
        land(lake, {day: [2] for day in days})
        failed: list[BaseException] = []
        met: list[list[str | None]] = []
        done = threading.Event()

        def work(number: int) -> None:
            try:
                build(open_aws_shop(lake.content.home), DAILY, run=f"r{number}")
            except Exception as error:  # noqa: BLE001  told below, on the test's own thread
                failed.append(error)

        def read() -> None:
            while not done.is_set():
                met.extend(asked(lake, "select count(*), min(revenue_jpy), max(revenue_jpy) from {}"))

        threads = [threading.Thread(target=work, args=(number,)) for number in range(1, 4)]
        reader = threading.Thread(target=read)
        for thread in (reader, *threads):
            thread.start()
        for thread in threads:
            thread.join()
        done.set()
        reader.join()
        assert failed == []
        assert {tuple(row) for row in met} <= {("12", "1", "1"), ("12", "2", "2")}
        assert seen(lake) == [[day, "1", "2"] for day in days]


def _shop(aws: RunningAws, home: Path) -> Lake:
    return open_aws_shop(aws_home(aws, home, "shop"))
