"""How far a long flow run is: an artifact that the server's UI draws as a bar."""

from __future__ import annotations

from uuid import UUID

from prefect.artifacts import create_progress_artifact, update_progress_artifact


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
