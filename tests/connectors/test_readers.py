"""Readers see a table before or after a publish, never between."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

import pytest
from shop_lake import DAILY, land, make_home, open_shop

from connectors.build import build
from connectors.housekeeping import gc
from connectors.lake import Lake

READER = Path(__file__).parent / "read_forever.py"
DAYS = [str(date(2024, 5, 1) + timedelta(days=n)) for n in range(8)]


def publish(lake: Lake, amount: int) -> None:
    land(lake, {day: [amount] for day in DAYS})
    assert not build(lake, DAILY, run=lake.new_run()).fresh


@pytest.mark.river
def test_three_readers_during_thirty_publishes(tmp_path: Path) -> None:
    lake = open_shop(make_home(tmp_path))
    publish(lake, 1000)
    stop = tmp_path / "stop"
    command = [sys.executable, READER, tmp_path, stop]
    readers = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    try:
        deadline = time.monotonic() + 60
        while len(list(tmp_path.glob("reading-*"))) < 3 and time.monotonic() < deadline:
            time.sleep(0.05)
        for number in range(30):
            publish(lake, number)
            gc(lake)
    finally:
        stop.touch()
        said = [reader.communicate(timeout=60) for reader in readers]
    assert [reader.returncode for reader in readers] == [0, 0, 0], said
    seen = [json.loads(out) for out, _ in said]
    assert [(one["torn"], one["errors"]) for one in seen] == [(0, [])] * 3
    assert min(one["reads"] for one in seen) >= 10
    assert max(one["values"] for one in seen) >= 5
