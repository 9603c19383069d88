"""What the sample company's river costs: a full build beside a plain script, a run with nothing to do, one edit."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from connectors.lake import Lake, open_lake
from local_dev.bench.measure import Figure, Usage, baikal, python, run, typical
from local_dev.sample.company import Company, generate
from local_dev.sample.serving import serving
from transforms.compile import compile_sql
from transforms.names import TableName
from transforms.window import Window

REPOSITORY = Path(__file__).parents[2]
CONTENT = ("connectors/sources", "connectors/targets.yaml", "transforms/tables", "transforms/views")
EDITED = TableName("core_ads", "campaign_daily")


def figures(folder: Path, events: int) -> Iterator[Figure]:
    """The company is generated and ingested once; every build starts from those raw tables."""
    home = folder / "home-river"
    _copy_content(home)
    raw = _raw_tables(folder, home, events)
    env = {"BAIKAL_HOME": str(home), "BAIKAL_LAKE": str(folder / "lake-river")}
    built, plain = _full_build(folder, env, raw)
    beside = f"{built.cpu_s:.1f} against {plain.cpu_s:.1f} CPU-s"
    yield Figure("full build, CPU more than the plain script", built.cpu_s - plain.cpu_s, "CPU-s", 2, beside)
    beside = f"{built.wall_s:.1f} against {plain.wall_s:.1f} s"
    yield Figure("full build, wall time to the plain script's", built.wall_s / plain.wall_s, "x", 1, beside)
    yield Figure("full build: memory", built.peak_mb, "MB", beside=f"plain script {plain.peak_mb:.0f} MB")
    nothing = typical(baikal("run", "core_*.*"), env)
    yield Figure("run with nothing changed", nothing.cpu_s, "CPU-s", 0.5)
    yield Figure("run with nothing changed: memory", nothing.peak_mb, "MB", 60)
    yield _one_edit(folder, home, env)
