"""What flow runs are called, so that a list of them reads like a diary: `daily 2024-05-01`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prefect.runtime import flow_run

from flows.opened import opened


def name_of_daily() -> str:
    """The company's day that the run is for."""
    given = _parameters()
    if day := given.get("day"):
        return f"daily {day}"
    with opened(given.get("target")) as lake:
        return f"daily {lake.today()}"


def name_of_ingest() -> str:
    """What is ingested: all that is due, or what was selected."""
    return f"ingest {_selected('what is due')}"


def name_of_build() -> str:
    """What is built, and for which days."""
    return f"build {_selected('what is stale')}{_days()}"


def name_of_check() -> str:
    """Where it looks."""
    return f"check {_target()}"


def name_of_housekeeping() -> str:
    """Where it cleans."""
    return f"housekeeping {_target()}"


def name_of_backfill() -> str:
    """What is built again, and for which days."""
    return f"backfill {_selected('every table')}{_days()}"


def _target() -> str:
    with opened(_parameters().get("target")) as lake:
        return lake.target.name


def _selected(otherwise: str) -> str:
    selectors: list[str] = _parameters().get("selectors") or []
    shown = " ".join(selectors[:4])
    return f"{shown} .." if len(selectors) > 4 else shown or otherwise


def _days() -> str:
    start, end = _parameters().get("start"), _parameters().get("end")
    if start and end:
        return f" {start} to {end}"
    return f" from {start}" if start else f" until {end}" if end else ""


def _parameters() -> Mapping[str, Any]:
    given: Mapping[str, Any] = flow_run.parameters
    return given
