"""The protocol of an engine: what the platform asks of DuckDB, Athena or Trino."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import pyarrow as pa

from transforms.analysis import Compiled
from transforms.snapshot import Part, Snapshot


class Engine(Protocol):
    """Safe to use from several threads at once."""

    def attach(self, snapshots: Iterable[Snapshot]) -> None:
        """Make published tables readable under their names, each at exactly this version."""

    def query(self, compiled: Compiled) -> pa.RecordBatchReader:
        """Run a query; rows stream. Raises Rejected when the statement fails at run time as Athena's would."""

    def stage(self, compiled: Compiled, location: str, partition: str | None) -> dict[str, Part]:
        """Write the rows as zstd Parquet under a fresh location; parts have an empty fingerprint.

        With a partition column (always a date, always last), one part per value that occurs.
        """
