"""Homes with one source named bench, for what is timed outside the sample company."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path


def write_home(home: Path, source: str, schema: Mapping[str, Mapping[str, str]]) -> None:
    """Write the home anew, with nothing in its lake; BENCH_URL holds the address of its connection."""
    shutil.rmtree(home, ignore_errors=True)
    (home / "connectors" / "sources").mkdir(parents=True)
    (home / "transforms").mkdir()
    (home / "transforms" / "teams.yaml").write_text("bench: {description: Timing., contact: bench}\n")
    (home / "connectors" / "targets.yaml").write_text(
        "laptop: {engine: duckdb, timezone: Asia/Tokyo, connections: {bench: BENCH_URL}}\n"
    )
    (home / "connectors" / "sources" / "bench.yaml").write_text(source)
    (home / "connectors" / "sources" / "bench.schema.yaml").write_text(json.dumps(schema))
