"""The lake of a flow run: found by the environment, interrupted when the run is stopped; and the run's ledger."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from prefect.exceptions import TerminationSignal
from prefect.runtime import flow_run

from connectors.lake import Lake, open_lake
from connectors.ledger import Ledger, open_ledger
from flows.credentials import use_credentials
from transforms.errors import OutsideError

ATTEMPTS = 4
"""Of one flow run; what a person repeats counts too."""


@contextmanager
def opened(target: str | None) -> Iterator[Lake]:
    """The lake of the target; None is the environment's.

    Ctrl-C and a cancellation reach only the flow's own thread; running statements are interrupted here, so that the
    tasks end before Prefect loses patience. What they staged is never published.
    """
    use_credentials()
    lake = open_lake(target)
    try:
        yield lake
    except (KeyboardInterrupt, TerminationSignal):
        lake.interrupt()
        raise
    except Exception:
        lake.close()
        raise
    lake.close()


@contextmanager
def running(target: str | None) -> Iterator[Ledger]:
    """The ledger of this flow run, over the lake of the target.

    Raises OutsideError for one that has died too often: `flows.automations` would run it for ever.
    """
    if (flow_run.run_count or 0) > ATTEMPTS:
        raise OutsideError(f"this flow run has died {ATTEMPTS} times; see its logs, and start another one")
    with opened(target) as lake, open_ledger(lake, flow_run.name, who=f"prefect flow run {flow_run.id}") as ledger:
        yield ledger
