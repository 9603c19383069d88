"""What Prefect's server itself does about flow runs that die: it notices, and lets them run again.

A run says every 30 seconds that it lives (PREFECT_FLOWS_HEARTBEAT_FREQUENCY). Repeating one is safe: what it had
published is fresh. How often, `flows.opened` bounds.
"""

from __future__ import annotations

from datetime import timedelta

from prefect.automations import AutomationCore, ChangeFlowRunState, EventTrigger, Posture
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import StateType

SILENCE = timedelta(seconds=90)
"""Three heartbeats that did not come."""
_HEARTBEAT, _CRASHED = "prefect.flow-run.heartbeat", "prefect.flow-run.Crashed"
_ENDED = {f"prefect.flow-run.{state}" for state in ("Completed", "Failed", "Cancelled")}
"""Not Crashed: of two automations that hear the same event, a server on SQLite may lose one to a lock."""
_RUNS = {"prefect.resource.id": "prefect.flow-run.*"}
_OURS = {"prefect.resource.id": "prefect.tag.baikal", "prefect.resource.role": "tag"}


def automations(silence: timedelta = SILENCE) -> list[AutomationCore]:
    """One notices, the other one repeats; for all deployments with the tag `baikal`."""
    notice = AutomationCore(
        name="baikal: a run that has gone silent has crashed",
        description="Its process was killed, or its machine is gone.",
        trigger=EventTrigger(
            after={_HEARTBEAT},
            expect={_HEARTBEAT, *_ENDED},
            match=_RUNS,  # type: ignore[arg-type]  # a plain mapping becomes a specification
            match_related=_OURS,  # type: ignore[arg-type]
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=silence,
        ),
        actions=[_to(StateType.CRASHED, f"no sign of life for {silence.seconds} seconds")],
    )
    repeat = AutomationCore(
        name="baikal: a run that has crashed runs again",
        description="What it had published is not repeated.",
        trigger=EventTrigger(
            expect={_CRASHED},
            match=_RUNS,  # type: ignore[arg-type]
            match_related=_OURS,  # type: ignore[arg-type]
            for_each={"prefect.resource.id"},
            posture=Posture.Reactive,
            threshold=1,
            within=timedelta(0),
        ),
        actions=[_to(StateType.SCHEDULED, "it crashed", "AwaitingRetry")],
    )
    return [notice, repeat]


def establish(wanted: list[AutomationCore]) -> None:
    """Makes them on the server that Prefect's settings name, or makes those there like these."""
    with get_client(sync_client=True) as client:
        for one in wanted:
            known = client.read_automations_by_name(one.name)
            if known:
                client.update_automation(known[0].id, one)
            else:
                client.create_automation(one)


def _to(state: StateType, message: str, name: str | None = None) -> ChangeFlowRunState:
    return ChangeFlowRunState(state=state, name=name, message=message, force=False)
