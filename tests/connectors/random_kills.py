"""Kills ingests at random moments, two of them at once now and then, while the source grows; looks at the end.

Run by test_random_kills.py: `python random_kills.py FOLDER KIND MODE KILLS SEED`,
with URL DATA of a local AWS whose lake it is. Forks from a process without threads.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import numpy.ma
import polars
from growing_sources import Growing, growing
from kill_steps import in_child
from landing_place import NOW, Place
from place_on_aws import AwsPlace
from running_aws import RunningAws

import connectors.folder_files
import connectors.landed_table
from connectors.content import open_content
from connectors.ingest import ingest
from connectors.lake import Lake
from connectors.readers import reader_for

WARM = (connectors.folder_files, connectors.landed_table, numpy.ma, polars)
"""Imported once, for all children."""
Opened = Callable[[], Lake]
"""Gives the lake to a child."""
SKEW_S = 300
"""Clocks of the machines that ingest differ by up to this."""


def ingested(opened: Opened, number: int, skew: float, full: bool) -> None:
    lake = replace(opened(), clock=lambda: NOW + timedelta(seconds=number + skew))
    source = lake.content.sources["place"]
    ingest(lake, source, source.tables[0], run=f"20240520T{number:06}-{os.getpid():08x}", full=full)


def start(opened: Opened, number: int, skew: float = 0.0, *, full: bool = False) -> int:
    """A child that ingests."""
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        code = 1
        try:
            ingested(opened, number, skew, full)
            code = 0
        finally:
            os._exit(code)
    return child


def ended(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def seen(place: Place) -> Any:
    return sorted(map(list, place.rows("t", "id", "amount")))


def doubled_rows(place: Place) -> int:
    """Rows that a reader sees twice."""
    found = Counter(tuple(row) for row in in_child(lambda: seen(place))[1])
    return sum(count - 1 for count in found.values())


def main(folder: Path, kind: str, mode: str, kills: int, seed: int, aws: RunningAws | None = None) -> None:
    """`+full` behind a mode: half of the runs read everything again. With `aws`, the lake is there."""
    random, place = Random(seed), AwsPlace(folder, aws=aws, folder=f"kills_{kind}") if aws else Place(folder)
    mode, full, _ = mode.partition("+full")
    with growing(kind, mode, place, random) as source:
        content = open_content(place.home)
        assert reader_for(content.sources["place"].kind)
        lake = None if aws else place.lake()
        found = killed_runs(source, place, (lambda: lake or place.lake()), kills, random, 0.5 if full else 0.0)
    print(json.dumps(found))


def killed_children(children: Sequence[int]) -> int:
    """How many of them had not ended before."""
    for child in children:
        os.kill(child, signal.SIGKILL)
    return sum(ended(child) == -signal.SIGKILL for child in children)


def killed_runs(
    source: Growing, place: Place, opened: Opened, kills: int, random: Random, full: float
) -> dict[str, Any]:
    """What is there after so many runs died, and a last one did not. `full` is the share that reads everything."""
    source.grow()
    began = time.monotonic()
    assert ended(start(opened, 0)) == 0
    usual = time.monotonic() - began
    killed = number = doubled = 0
    while killed < kills:
        number += 1
        if random.random() < 0.5:
            source.grow()
        began = time.monotonic()
        children = [
            start(opened, number, random.uniform(-SKEW_S, SKEW_S), full=random.random() < full)
            for _ in range(2 if random.random() < 0.2 else 1)
        ]
        moment = random.uniform(0, usual)
        if source.live and random.random() < 0.3:
            time.sleep(moment * random.random())
            source.grow()
        time.sleep(max(0.0, began + moment - time.monotonic()))
        died = killed_children(children)
        killed += died
        usual *= 1.05 if died else 0.9  # a third ends before
        if number % 20 == 0:
            doubled += doubled_rows(place)
    assert ended(start(opened, number + 1)) == 0
    found = in_child(lambda: seen(place))[1]
    return {"killed": killed, "runs": number, "doubled": doubled, "seen": found, "expected": source.rows}


if __name__ == "__main__":
    home, kind, mode, kills, seed, *place = sys.argv[1:]
    main(Path(home), kind, mode, int(kills), int(seed), RunningAws(place[0], Path(place[1]), None) if place else None)
