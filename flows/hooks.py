"""What happens after a flow run: every team is told what is wrong in its tables since then, and what is over.

What there is to tell (what failed, since when, what is below it, the command to look at it) is `connectors.alerts`'s.
"""

from __future__ import annotations

from typing import Any, TypedDict

from prefect import Flow
from prefect.client.schemas.objects import FlowRun, State
from prefect.logging.loggers import flow_run_logger

from connectors.alerts import announce
from flows.opened import opened


def tell_owners(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """Prefect's hook: it calls it with these names. A message that cannot be sent is told after the next run."""
    logger = flow_run_logger(flow_run, flow)
    with opened(flow_run.parameters.get("target")) as lake:
        for one in announce(lake):
            (logger.warning if one.failure else logger.info)("told %s", one)


class Hooks(TypedDict):
    """After every end but a cancellation, which somebody asked for."""

    on_completion: list[Any]
    on_failure: list[Any]
    on_crashed: list[Any]


HOOKS: Hooks = {"on_completion": [tell_owners], "on_failure": [tell_owners], "on_crashed": [tell_owners]}
