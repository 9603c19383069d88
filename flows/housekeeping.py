"""Keeps the lake small: what no kept version needs goes, after its time of grace."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.artifacts import create_table_artifact
from prefect.client.schemas.objects import State
from prefect.states import Completed

from connectors.housekeeping import gc
from flows.opened import opened
from flows.run_names import name_of_housekeeping


@flow(flow_run_name=name_of_housekeeping)
def housekeeping(target: str | None = None) -> State[Any]:
    """Delete the files of versions that were superseded, and of runs that died."""
    with opened(target) as lake:
        cleaned = gc(lake)
    rows = [{"table": str(c.table), "versions": len(c.versions), "bytes": c.bytes} for c in cleaned]
    if rows:
        create_table_artifact(rows, "cleaned-tables", "What nobody needed any more")
    return Completed(message=f"{sum(c.bytes for c in cleaned):,} bytes of {len(cleaned)} tables gone")
