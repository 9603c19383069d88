"""A build on AWS that dies at any call, or meets a service that fails, loses nothing and doubles nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from kill_aws import AFTER, BEFORE
from running_aws import RunningAws, running_aws
from shop_lake import DAILY, TOTALS, land
from shop_on_aws import BUCKET, aws_home, open_aws_shop, seen

from connectors.build import build
from connectors.lake import Lake

pytestmark = [pytest.mark.aws, pytest.mark.river]
SCRIPT = Path(__file__).parent / "kill_aws.py"
DAYS = ("2024-05-02", "2024-05-03")


def test_a_kill_before_and_after_every_change(tmp_path: Path) -> None:
    with running_aws(tmp_path / "aws") as aws:
        aws.client("s3").create_bucket(Bucket=BUCKET)
        words = [sys.executable, SCRIPT, tmp_path, aws.url]
        path = os.pathsep.join(sys.path)
        done = subprocess.run(
            words, capture_output=True, text=True, timeout=900, check=False, env={**os.environ, "PYTHONPATH": path}
        )
    assert done.returncode == 0, done.stderr
    outcomes = json.loads(done.stdout)
    assert len(outcomes) > 15
    for outcome in outcomes:
        assert outcome["looked"] == 0, outcome
        assert outcome["finished"] == AFTER, outcome
        days = {row[0]: row for row in outcome["seen"]}
        assert days["2024-05-01"] == BEFORE[0], outcome
        assert all(days.get(day) in _allowed(day) for day in DAYS), outcome


def _allowed(day: str) -> list[list[str] | None]:
    """A day as it was, or as it will be: each switches by itself."""
    return [next((row for row in rows if row[0] == day), None) for rows in (BEFORE, AFTER)]


@pytest.mark.parametrize("faults", ["throttle=0.3", "slowdown=0.3", "fail=0.15", "throttle=0.1,slowdown=0.1,fail=0.05"])
def test_builds_survive_what_aws_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, faults: str) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    with running_aws(tmp_path / "aws", "--fault", faults, "--seed", "7") as aws:
        lake = _shop(aws, tmp_path / "shop")
        for number in range(1, 4):
            land(lake, {"2024-05-01": [100, 50], f"2024-05-0{number + 1}": [number]})
            build(lake, DAILY, run=f"r{number}")
            build(lake, TOTALS, run=f"r{number}")
        assert seen(lake) == [["2024-05-01", "2", "150"], *([f"2024-05-0{n + 1}", "1", str(n)] for n in range(1, 4))]
        ((orders, revenue),) = (
            row.values() for row in lake.query("select * from core_shop.totals")[1].read_all().to_pylist()
        )
        assert (orders, revenue) == (5, 156)


def test_two_publishers_at_once_lose_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    with running_aws(tmp_path / "aws") as aws:
        lake = _shop(aws, tmp_path / "shop")
        land(lake, {"2024-05-01": [100, 50], "2024-05-02": [70]})
        failed: list[BaseException] = []

        def work(number: int) -> None:
            try:
                build(open_aws_shop(lake.content.home), DAILY, run=f"r{number}")
            except Exception as error:  # noqa: BLE001  told below, on the test's own thread
                failed.append(error)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failed == []
        assert seen(lake) == BEFORE


def _shop(aws: RunningAws, home: Path) -> Lake:
    return open_aws_shop(aws_home(aws, home, "shop"))
