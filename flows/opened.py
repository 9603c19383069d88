"""The lake of a flow run: found by the environment, interrupted when the run is stopped."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from prefect.exceptions import TerminationSignal

from connectors.lake import Lake, open_lake


@contextmanager
def opened(target: str | None) -> Iterator[Lake]:
    """The lake of the target; None is the environment's.

    Ctrl-C and a cancellation reach only the flow's own thread; running statements are interrupted here, so that the
    tasks end before Prefect loses patience. What they staged is never published.
    """
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
