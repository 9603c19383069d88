"""Homes for what is timed: one with a source named bench, and one with the repository's own declarations."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from connectors.home import REPOSITORY

CONTENT = ("connectors/sources", "connectors/targets.yaml", "transforms/tables", "transforms/views")


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


def copy_content(home: Path) -> None:
    """The repository's declarations in a home of their own, so that an edit touches nothing."""
    shutil.rmtree(home, ignore_errors=True)
    for part in CONTENT:
        source, copy = REPOSITORY / part, home / part
        copy.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, copy)
        else:
            shutil.copy(source, copy)
    shutil.copy(REPOSITORY / "transforms" / "teams.yaml", home / "transforms" / "teams.yaml")
