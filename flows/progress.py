"""How far a long flow run or ingest is: an artifact that the server's UI draws as a bar."""

from __future__ import annotations

import re
import time
from uuid import UUID

from prefect.artifacts import create_progress_artifact, update_progress_artifact

from connectors.pace import Advance, Pace

EVERY_S = 10.0
"""How often an ingest is told, and how long one must take to be told at all."""


class IngestProgress:
    """Of one table; to be made and told on the task's own thread."""

    def __init__(self, table: str) -> None:
        self._key = f"ingest-{re.sub('[^a-z0-9]+', '-', table)}"
        self._pace, self._told = Pace(), time.monotonic()
        self._id: UUID | None = None

    def advanced(self, advance: Advance) -> None:
        """More was read."""
        self._pace.add(advance)
        if time.monotonic() - self._told < EVERY_S:
            return
        self._told, done = time.monotonic(), 100 * (self._pace.done or 0.0)
        if self._id is None:
            made = create_progress_artifact(done, self._key, self._pace.told)
            assert isinstance(made, UUID)
            self._id = made
        else:
            update_progress_artifact(self._id, done, self._pace.told)


class Progress:
    """`key` names the artifact."""

    def __init__(self, key: str, steps: int) -> None:
        self._steps, self._done = steps, 0
        made = create_progress_artifact(0.0, key, "begun")
        assert isinstance(made, UUID)
        self._id = made

    def step(self, told: str) -> None:
        """One more step is done; `told` says which."""
        self._done += 1
        update_progress_artifact(self._id, 100 * self._done / self._steps, f"{self._done} of {self._steps}: {told}")
