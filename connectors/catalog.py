"""The protocol of a catalog: where tables are found. A manifest per table on a laptop, Glue in production."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from transforms.column import Column
from transforms.names import TableName
from transforms.snapshot import Snapshot

STAGING = "baikal_staging"
"""The database for tables that are there only while a build is at work, where a catalog has such a thing."""


class Catalog(Protocol):
    """Readers see a table, or each of its days, either before or after a commit, never between."""

    def get(self, name: TableName, version: int | None = None) -> Snapshot | None:
        """The current snapshot, or a kept older one; None where there is none."""

    def own(self, name: TableName) -> Snapshot | None:
        """The current snapshot, unless it is borrowed: beside one person's tables `get` gives the shared ones."""

    def names(self) -> Iterator[TableName]:
        """Every published table of its own."""

    def versions(self, name: TableName) -> list[int]:
        """The kept versions, newest first; cheaper than `history`."""

    def history(self, name: TableName) -> list[Snapshot]:
        """The kept snapshots, newest first."""

    def commit(
        self, name: TableName, expected: int | None, new: Snapshot, *, standing_on: int | None = None
    ) -> Snapshot:
        """Make `new` the table, if it is still at version `expected` (None: not there yet), and `standing_on` is kept.

        Returns it with its version number. Raises Conflict otherwise, having changed nothing.
        """

    def locked(self, name: TableName) -> AbstractContextManager[None]:
        """Nobody else publishes or cleans this table while the block runs, where that can be had: not in Glue."""

    def describe(self, name: TableName, columns: Sequence[Column]) -> None:
        """Tells what people read of a table, where others than the platform see it and it has changed."""

    def forget(self, name: TableName, versions: Collection[int], seen: int) -> None:
        """Keep these versions no longer, and nothing that killed publishers left; to be called under `locked`.

        Raises Conflict when version `seen` is not the current one any more: a new one may stand on what would go.
        """
