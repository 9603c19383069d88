"""Kills an ingest at every durable step, each in a process of its own, and looks at what is left. Prints what it saw.

Run by test_kill_ingest.py: `python kill_ingest.py FOLDER KIND`, KIND being files or that of a database (in PLACE_URL),
with `+deletes` for one whose deletes are seen.
Forks from a process that has no threads.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars
from kill_steps import in_child, kill_at
from landing_place import Place, gzipped

import connectors.landed_table
from connectors.catalogs.manifest import ManifestCatalog
from connectors.housekeeping import gc
from connectors.parquet_parts import PartWriter
from connectors.readers import reader_for
from connectors.rejects import Rejects

FILES = ("jsonl", 't: {mode: append, path: "dt={day}/*.jsonl.gz", rejects: 50%}', "t: {id: bigint, amount: bigint}")
UPSERT = "t: {mode: upsert, key: id, cursor: updated_at, day: created_at}"
DELETES = UPSERT.replace("}", ", deletes: compare, deleted_at: deleted_at}")
UPSERT_SCHEMA = "t: {id: bigint, amount: bigint, created_at: timestamp, updated_at: timestamp}"

WRITES = ((PartWriter, "_flush"), (PartWriter, "close"), (Rejects, "_flush"), (ManifestCatalog, "commit"))


def place(home: Path, kind: str) -> Place:
    found = Place(home)
    name, _, deletes = kind.partition("+")
    schema = UPSERT_SCHEMA.replace("}", ", deleted_at: timestamp}") if deletes else UPSERT_SCHEMA
    found.declare(*(FILES if kind == "files" else (name, DELETES if deletes else UPSERT, schema)))
    if kind == "files":
        os.environ["PLACE_URL"] = str(found.files)
    return found


def prepare(home: Path) -> None:
    """Two files are in the lake; then one changes and one is new, both with a bad line."""
    here = place(home, "files")
    gzipped(here.files / "dt=2024-05-01/a.jsonl.gz", '{"id": 1, "amount": 1}', '{"id": 2, "amount": 2}')
    gzipped(here.files / "dt=2024-05-01/b.jsonl.gz", '{"id": 3, "amount": 3}')
    here.ingest()
    gzipped(here.files / "dt=2024-05-01/a.jsonl.gz", '{"id": 1, "amount": 10}', '{"id": "x"}', '{"id": 4, "amount": 4}')
    gzipped(here.files / "dt=2024-05-02/c.jsonl.gz", '{"id": 5, "amount": 5}', "{", '{"id": 6, "extra": true}')


def killed_ingest(home: Path, kind: str, number: int) -> None:
    here = place(home, kind)
    here.lake()
    kill_at(number, *WRITES)
    here.ingest()


def seen(here: Place) -> Any:
    return [here.rows("t", "id", "amount", "day"), len(here.rejects())]


def look(home: Path, kind: str) -> Any:
    """What a reader sees, what the next run makes of it, and whether a third run and gc find nothing to do."""
    here = place(home, kind)
    here.runs = ["0", "1"]
    before = seen(here)
    here.ingest()
    finished = seen(here)
    idle = here.ingest().unchanged
    gc(here.lake(), grace=timedelta(days=-1))
    return {
        "seen": before,
        "finished": finished,
        "idle": idle,
        "left": sorted(here.orphans()),
        "same": seen(here) == finished,
    }


def main(folder: Path, kind: str) -> None:
    for imported in (connectors.landed_table, reader_for("jsonl"), reader_for("postgres"), polars):
        assert imported  # once, for all children
    origin = folder / "origin"
    if kind == "files":
        code, _ = in_child(lambda: prepare(origin))
        assert code == 0
    _, before = in_child(lambda: seen(place(origin, kind)))
    killed, outcomes, number = True, [], 0
    while killed:
        number += 1
        home = folder / str(number)
        shutil.copytree(origin, home)
        code, _ = in_child(lambda home=home, number=number: killed_ingest(home, kind, number))
        killed = code == -signal.SIGKILL
        looked, left = in_child(lambda home=home: look(home, kind))
        outcomes.append({"killed": killed, "code": code, "looked": looked, **(left or {})})
        shutil.rmtree(home)
    print(json.dumps({"before": before, "outcomes": outcomes}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
