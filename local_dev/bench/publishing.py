"""What it costs to publish one day into a table of 10 days, and of 10,000."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from local_dev.bench.measure import Figure, python, run

DAYS = (10, 10_000)


def figures(folder: Path) -> Iterator[Figure]:
    """The difference between the two, each a process of its own."""
    usages = {}
    for days in DAYS:
        lake = folder / f"lake-{days}"
        shutil.rmtree(lake, ignore_errors=True)
        run(python("-m", "local_dev.bench.publishing", str(lake), "prepare", str(days)))
        usages[days] = run(python("-m", "local_dev.bench.publishing", str(lake), "publish"))
    few, many = (usages[days].cpu_s for days in DAYS)
    beside = f"{many:.2f} against {few:.2f} CPU-s"
    yield Figure("publish a day into 10,000 days, more than into 10", many - few, "CPU-s", 0.2, beside)
