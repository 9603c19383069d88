"""Looks at what is there without changing it: declarations that cannot be read, tables that are behind."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.artifacts import create_table_artifact
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from connectors.lake import Lake
from flows.hooks import HOOKS
from flows.opened import opened
from flows.run_names import name_of_check
from transforms.plan import plan

_SHOWN = 5


@flow(flow_run_name=name_of_check, **HOOKS)
def check(target: str | None = None) -> State[Any]:
    """Read every declaration, and tell which tables a build would build."""
    with opened(target) as lake:
        stale = _stale(lake)
        problems = [str(problem) for problem in lake.content.errors]
    if stale:
        create_table_artifact(stale, "stale-tables", "What the next build has to do, and why")
    told = f"{len(lake.content.names)} declarations, {len(stale)} tables are stale"
    if not problems:
        return Completed(message=told)
    more = [f"and {len(problems) - _SHOWN} more"] if len(problems) > _SHOWN else []
    return Failed(message="; ".join([f"{len(problems)} problems in declarations", *problems[:_SHOWN], *more]))


def _stale(lake: Lake) -> list[dict[str, Any]]:
    sound = [name for name in lake.content.relations if name in lake.content.analyses]
    steps = plan(lake.content, sound, lake.catalog.get, today=lake.today())
    return [
        {"table": str(step.table), "days": len(step.days) if step.days is not None else "", "why": step.reason}
        for step in steps
    ]
