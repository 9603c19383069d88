"""Kills ingests at random moments, two of them at once now and then, while the source grows; looks at the end.

Run by test_random_kills.py: `python random_kills.py FOLDER MODE KILLS SEED`. Forks from a process without threads.
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
from kill_steps import in_child
from landing_place import NOW, Place

import connectors.landed_table
from connectors.ingest import ingest

SCHEMA = "t: {id: bigint, amount: bigint, at: timestamp}"
TABLES = {
    "append": 't: {mode: append, path: "{day}/*.jsonl"}',
    "upsert": 't: {mode: upsert, key: id, cursor: at, path: "{day}/*.jsonl"}',
    "snapshot": 't: {mode: snapshot, path: "{day}/*.jsonl"}',
}
SKEW_S = 300
"""Clocks of the machines that ingest differ by up to this."""


class Source:
    """Files that appear and change; `rows` are what the lake must hold in the end: id, amount, and how often."""

    def __init__(self, folder: Path, mode: str, random: Random) -> None:
        self.folder, self.mode, self.random = folder, mode, random
        self.files: dict[str, list[tuple[int, int]]] = {}
        self.written = 0

    def grow(self) -> None:
        """A file more, or another content of one that is there."""
        if self.files and self.mode != "upsert" and self.random.random() < 0.3:
            name = self.random.choice(sorted(self.files))
        else:
            name = f"2024-05-0{self.random.randint(1, 3)}/{len(self.files):04}.jsonl"
        self.written += 1
        rows = [(self.random.randint(1, 30) if self.mode == "upsert" else 0, self.written) for _ in range(3)]
        rows = [(id_ or 10 * self.written + n, amount * 10 + n) for n, (id_, amount) in enumerate(rows)]
        self.files[name] = rows
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_suffix(".half")
        at = NOW + timedelta(seconds=self.written)
        lines = [json.dumps({"id": id_, "amount": amount, "at": f"{at:%FT%TZ}"}) for id_, amount in rows]
        half.write_text("\n".join(lines) + "\n")
        os.utime(half, ns=(self.written * 10**9,) * 2)
        half.rename(path)

    @property
    def rows(self) -> list[list[int]]:
        every = [row for rows in self.files.values() for row in rows]
        if self.mode == "upsert":
            every = sorted(dict(sorted(every, key=lambda row: row[1])).items())
        return sorted(map(list, every))


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


def main(folder: Path, mode: str, kills: int, seed: int) -> None:
    assert connectors.landed_table
    assert polars
    random = Random(seed)
    place = Place(folder)
    place.declare("jsonl", TABLES[mode], SCHEMA)
    os.environ["PLACE_URL"] = str(place.files)
    source = Source(place.files, mode, random)
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
    print(json.dumps({**found, "expected": source.rows, "orphans": len(place.orphans())}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
