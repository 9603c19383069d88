"""Kills work on AWS after every call that changes something, and looks at what is left.

Run by test_production_kill.py: `python kill_aws.py FOLDER URL WALK`. Forks from a process that has made no call yet.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import botocore.client
from kill_steps import in_child
from running_aws import RunningAws
from shop_lake import DAILY, NOW, land
from shop_on_aws import NO_TIME, aws_home, open_aws_shop, seen

import connectors.aws.place
import connectors.catalogs.glue_words
import connectors.engines.athena
import transforms.compile
from connectors.aws.session import AwsSession
from connectors.build import build
from connectors.content import open_content
from connectors.housekeeping import gc
from connectors.lake import Lake
from transforms.aws_target import Aws

READS = ("Get", "List", "Head", "BatchGet")
BEFORE = [["2024-05-01", "2", "150"], ["2024-05-02", "1", "70"]]
AFTER = [["2024-05-01", "2", "150"], ["2024-05-02", "2", "71"], ["2024-05-03", "1", "5"]]


def kill_after(number: int) -> None:
    """From now on the process dies after its `number`-th call that changes something: nothing does before the next."""
    left, call = [number], botocore.client.BaseClient._make_api_call

    def dies(client: Any, operation: str, parameters: Any) -> Any:
        answer = call(client, operation, parameters)
        left[0] -= not operation.startswith(READS)
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    botocore.client.BaseClient._make_api_call = dies


@dataclass(frozen=True)
class Walk:
    """`landed` is restated by what is killed; readers see `before` at first and `after` in the end."""

    landed: Mapping[str, Sequence[int]]
    before: list[list[str]]
    after: list[list[str]]
    work: Callable[[Lake, int], object]


def _build(lake: Lake, number: int) -> object:
    return build(lake, DAILY, run=f"20240520T030000-{number:08x}")


def _clean(lake: Lake, number: int) -> object:
    return gc(replace(lake, clock=lambda: NOW + timedelta(days=8)))


TOGETHER = [["2024-05-01", "1", "7"], ["2024-05-02", "1", "8"]]
WALKS = {
    "days": Walk({"2024-05-02": [70, 1], "2024-05-03": [5]}, BEFORE, AFTER, _build),
    "together": Walk({"2024-05-01": [7], "2024-05-02": [8]}, BEFORE, TOGETHER, _build),
    "gc": Walk({}, BEFORE, BEFORE, _clean),
}


def prepare(home: Path, walk: Walk) -> Any:
    lake = open_aws_shop(home)
    if walk.work is _clean:
        land(lake, {"2024-05-01": [1], "2024-05-02": [2]})
        build(lake, DAILY, run="20240518T030000-00000001")
    land(lake, {"2024-05-01": [100, 50], "2024-05-02": [70]})
    build(lake, DAILY, run="20240519T030000-00000001")
    before = seen(lake)
    if walk.landed:
        land(lake, walk.landed)
    return before


def killed(home: Path, walk: Walk, number: int) -> None:
    lake = open_aws_shop(home)
    kill_after(number)
    walk.work(lake, number)


def look(home: Path, walk: Walk) -> Any:
    """What a reader sees, and what the next run makes of it."""
    connectors.catalogs.glue_words.SWITCHING_TIME = NO_TIME
    lake = open_aws_shop(home)
    left = seen(lake)
    build(lake, DAILY, run="20240521T030000-00000001")
    _clean(lake, 0)
    return {"seen": left, "finished": seen(lake)}


def make_ready(home: Path) -> None:
    """Reads for all children what every client reads from botocore's files."""
    target = open_content(home).targets["local-aws"].aws
    assert target
    for service in ("s3", "glue", "athena"):
        AwsSession(target).client(service)


def main(folder: Path, url: str, walk: Walk) -> None:
    assert transforms.compile
    assert connectors.aws.place
    assert connectors.engines.athena
    os.environ |= {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
    Aws.planning_s = property(lambda self: 0.0)  # nobody reads meanwhile
    aws = RunningAws(url, folder, None)
    make_ready(aws_home(aws, folder / "ready", "ready"))
    outcomes = []
    died, number = True, 0
    while died:
        number += 1
        home = aws_home(aws, folder / f"step{number}", f"step{number}")
        code, before = in_child(lambda home=home: prepare(home, walk))
        assert (code, before) == (0, walk.before)
        code, _ = in_child(lambda home=home, number=number: killed(home, walk, number))
        died = code == -signal.SIGKILL
        looked, left = in_child(lambda home=home: look(home, walk))
        outcomes.append({"step": number, "killed": died, "looked": looked, **(left or {})})
    print(json.dumps(outcomes))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], WALKS[sys.argv[3]])
