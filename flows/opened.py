"""The lake of a flow run: found by the environment or the package's own place, interrupted when the run is stopped."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prefect.exceptions import TerminationSignal

from connectors.lake import Lake, open_lake

REPOSITORY = Path(__file__).resolve().parent.parent


@contextmanager
def opened(target: str | None) -> Iterator[Lake]:
    """The lake of BAIKAL_HOME, or of the repository: a run starts in a folder of Prefect's, which says nothing.

    Ctrl-C and a cancellation reach only the flow's own thread; running statements are interrupted here, so that the
    tasks end before Prefect loses patience. What they staged is never published.
    """
    lake = open_lake(target, home=home())
    try:
        yield lake
    except (KeyboardInterrupt, TerminationSignal):
        lake.interrupt()
        raise


def home() -> Path:
    """The folder that holds the content."""
    return Path(os.environ.get("BAIKAL_HOME") or REPOSITORY).resolve()
