"""What it costs to publish one day into a table of 10 days, and of 10,000."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from connectors.lake import Lake, open_lake
from connectors.location import table_folder
from local_dev.bench.homes import write_home
from local_dev.bench.measure import Figure, baikal, run
from transforms.names import TableName
from transforms.snapshot import Part, Snapshot

DAYS = (10, 10_000)
ROUNDS = 7
"""One day after another is published into both tables by turns: a machine that is busy for a while is so for both."""
FIRST = date(1999, 1, 1)
RAW = TableName("raw_bench", "lines")
_SOURCE = """kind: jsonl
owner: bench
description: Lines to time.
connection: bench
tables:
  lines: {mode: append, path: "dt={day}/*.jsonl.gz"}
"""
_TABLE = """/*
description: Lines of a day.
owner: bench
partition: day
key: [day]
*/
select
  count(*) as lines,   -- Lines
  sum(r.n) as total,   -- Their sum
  r.day                -- Day
from raw_bench.lines r
where r.day between :start and :end
group by r.day
"""


def figures(folder: Path) -> Iterator[Figure]:
    """The difference between the two: each a run of the command line that builds and publishes one new day."""
    homes = {days: _made(folder / f"home-{days}-days", days) for days in DAYS}
    costs: dict[int, list[float]] = {days: [] for days in DAYS}
    for later in range(ROUNDS):
        for days, lake in homes.items():
            _land(lake, [days + later])
            costs[days].append(run(baikal("run", "core_bench.daily"), {"BAIKAL_HOME": str(lake.content.home)}).cpu_s)
    few, many = (min(costs[days]) for days in DAYS)
    beside = f"{many:.2f} against {few:.2f} CPU-s, least of {ROUNDS}"
    yield Figure("publish a day into 10,000 days, more than into 10", many - few, "CPU-s", 0.2, beside)


def _made(home: Path, days: int) -> Lake:
    """A lake in which a table of that many days is published."""
    write_home(home, _SOURCE, {"lines": {"n": "bigint"}})
    path = home / "transforms" / "tables" / "core_bench" / "daily.sql"
    path.parent.mkdir(parents=True)
    path.write_text(_TABLE)
    lake = open_lake(home=home)
    _land(lake, range(days))
    run(baikal("run", "core_bench.daily"), {"BAIKAL_HOME": str(home)})
    return lake


def _land(lake: Lake, days: Iterable[int]) -> None:
    """Raw days, so many after the first, with one small file each, published as ingest publishes them."""
    run_id = lake.new_run()
    folder = table_folder(lake.root, RAW) / run_id
    folder.mkdir(parents=True)
    rows = {"n": pa.array([1, 2, 3], pa.int64()), "_file": ["f"] * 3, "_line": pa.array([1, 2, 3], pa.int64())}
    table = pa.table({**rows, "_ingested_at": pa.array([lake.now()] * 3, pa.timestamp("ms", "UTC"))})
    pq.write_table(table, folder / "first.parquet")
    parts = {}
    for number in days:
        day = (FIRST + timedelta(days=number)).isoformat()
        file = folder / f"day={day}" / "lines.parquet"
        file.parent.mkdir()
        shutil.copyfile(folder / "first.parquet", file)
        parts[day] = Part((str(file.relative_to(lake.root)),), 3, file.stat().st_size, f"{run_id}-{day}")
    current = lake.catalog.get(RAW)
    columns = lake.content.columns(RAW)
    new = Snapshot(RAW, 0, run_id, lake.now(), columns, "day", {**(current.parts if current else {}), **parts})
    lake.catalog.commit(RAW, current.version if current else None, new)
