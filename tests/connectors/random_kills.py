"""Kills ingests at random moments, two of them at once now and then, while the source grows; looks at the end.

Run by test_random_kills.py: `python random_kills.py FOLDER KIND MODE KILLS SEED`. Forks from a process without threads.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import polars
from growing_sources import Growing, growing
from kill_steps import in_child
from landing_place import NOW, Place

import connectors.landed_table
from connectors.ingest import ingest
from connectors.readers import reader_for

SKEW_S = 300
"""Clocks of the machines that ingest differ by up to this."""


def ingested(place: Place, number: int, skew: float) -> None:
    lake = replace(place.lake(), clock=lambda: NOW + timedelta(seconds=number + skew))
    source = lake.content.sources["place"]
    ingest(lake, source, source.tables[0], run=f"20240520T{number:06}-{os.getpid():08x}")


def start(place: Place, number: int, skew: float) -> int:
    """A child that ingests."""
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        code = 1
        try:
            ingested(place, number, skew)
            code = 0
        finally:
            os._exit(code)
    return child


def seen(place: Place) -> Any:
    return sorted(map(list, place.rows("t", "id", "amount")))


def doubled_rows(place: Place) -> int:
    """Rows that a reader sees twice."""
    found = Counter(tuple(row) for row in in_child(lambda: seen(place))[1])
    return sum(count - 1 for count in found.values())


def main(folder: Path, kind: str, mode: str, kills: int, seed: int) -> None:
    assert connectors.landed_table
    assert polars
    random, place = Random(seed), Place(folder)
    assert reader_for("jsonl" if kind == "files" else kind)  # imported once, for all children
    with growing(kind, mode, place, random) as source:
        found = killed_runs(source, place, kills, random)
    print(json.dumps(found))


def killed_runs(source: Growing, place: Place, kills: int, random: Random) -> dict[str, Any]:
    """What is there after so many runs died, and a last one did not."""
    source.grow()
    began = time.monotonic()
    assert os.waitstatus_to_exitcode(os.waitpid(start(place, 0, 0.0), 0)[1]) == 0
    usual = time.monotonic() - began
    killed = number = doubled = 0
    while killed < kills:
        number += 1
        if random.random() < 0.5:
            source.grow()
        children = [
            start(place, number, random.uniform(-SKEW_S, SKEW_S)) for _ in range(2 if random.random() < 0.2 else 1)
        ]
        time.sleep(random.uniform(0, usual))
        for child in children:
            os.kill(child, signal.SIGKILL)
            killed += os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        if number % 20 == 0:
            doubled += doubled_rows(place)
    assert os.waitstatus_to_exitcode(os.waitpid(start(place, number + 1, 0.0), 0)[1]) == 0
    found = {"killed": killed, "runs": number, "doubled": doubled, "seen": in_child(lambda: seen(place))[1]}
    return {**found, "expected": source.rows, "orphans": len(place.orphans())}


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
