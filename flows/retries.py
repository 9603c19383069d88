"""Which failures are tried again: what an outside system or another run caused, never content or data at fault.

What a limit or a person stopped is not either: it would end, and cost, the same.
"""

from __future__ import annotations

from typing import Any, TypedDict

from prefect import Task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun

from transforms.errors import Conflict, OutsideError, Stopped

_WORTH_A_RETRY = (Conflict, OutsideError)


def can_succeed(task: Task[..., Any], run: TaskRun, state: State[Any]) -> bool:
    """Prefect's `retry_condition_fn`: whether the same work may succeed a moment later."""
    return isinstance(state.data, _WORTH_A_RETRY) and not isinstance(state.data, Stopped)


class TaskOptions(TypedDict):
    """What every task of a table has in common."""

    retries: int
    retry_delay_seconds: list[float]
    retry_jitter_factor: float
    retry_condition_fn: Any
    cache_policy: Any
    persist_result: bool


PATIENT: TaskOptions = {
    "retries": 3,
    "retry_delay_seconds": [2, 10, 60],
    "retry_jitter_factor": 0.5,
    "retry_condition_fn": can_succeed,
    # The lake knows what is fresh; a second memory could only disagree with it.
    "cache_policy": NO_CACHE,
    "persist_result": False,
}
"""Several runs that met the same trouble come back at different moments."""
