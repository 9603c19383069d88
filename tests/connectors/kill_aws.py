"""Kills builds on AWS before and after every call that changes something, and looks at what is left.

Run by test_production_kill.py: `python kill_aws.py FOLDER URL`. Forks from a process that has made no client yet.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import botocore.client
from kill_steps import in_child
from running_aws import RunningAws
from shop_lake import DAILY, land
from shop_on_aws import aws_home, open_aws_shop, seen

import connectors.aws.place
import connectors.catalogs.glue_words
import connectors.engines.athena
import transforms.compile
from connectors.build import build

READS = ("Get", "List", "Head", "BatchGet")
BEFORE = [["2024-05-01", "2", "150"], ["2024-05-02", "1", "70"]]
AFTER = [["2024-05-01", "2", "150"], ["2024-05-02", "2", "71"], ["2024-05-03", "1", "5"]]


def kill_at(number: int, when: str) -> None:
    """From now on the process dies before (or after) its `number`-th call that changes something."""
    left, call = [number], botocore.client.BaseClient._make_api_call

    def dies(client: Any, operation: str, parameters: Any) -> Any:
        writes = not operation.startswith(READS)
        left[0] -= writes
        if writes and left[0] == 0 and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        answer = call(client, operation, parameters)
        if writes and left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    botocore.client.BaseClient._make_api_call = dies


def prepare(home: Path) -> Any:
    lake = open_aws_shop(home)
    land(lake, {"2024-05-01": [100, 50], "2024-05-02": [70]})
    build(lake, DAILY, run="20240519T030000-00000001")
    before = seen(lake)
    land(lake, {"2024-05-02": [70, 1], "2024-05-03": [5]})
    return before


def killed_build(home: Path, number: int, when: str) -> None:
    lake = open_aws_shop(home)
    kill_at(number, when)
    build(lake, DAILY, run=f"20240520T030000-{number:08x}")


def look(home: Path) -> Any:
    """What a reader sees, and what the next run makes of it."""
    connectors.catalogs.glue_words.SWITCHING_TIME = timedelta(0)
    lake = open_aws_shop(home)
    left = seen(lake)
    build(lake, DAILY, run="20240521T030000-00000001")
    return {"seen": left, "finished": seen(lake)}


def main(folder: Path, url: str) -> None:
    assert transforms.compile
    assert connectors.aws.place
    assert connectors.engines.athena
    os.environ |= {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
    aws = RunningAws(url, folder, None)
    outcomes = []
    for when in ("before", "after"):
        killed, number = True, 0
        while killed:
            number += 1
            home = aws_home(aws, folder / f"{when}{number}", f"{when}{number}")
            code, before = in_child(lambda home=home: prepare(home))
            assert (code, before) == (0, BEFORE)
            code, _ = in_child(lambda home=home, number=number, when=when: killed_build(home, number, when))
            killed = code == -signal.SIGKILL
            looked, left = in_child(lambda home=home: look(home))
            outcomes.append({"step": f"{when} {number}", "killed": killed, "looked": looked, **(left or {})})
    print(json.dumps(outcomes))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
