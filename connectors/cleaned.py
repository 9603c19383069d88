"""What gc took of one table."""

from __future__ import annotations

from dataclasses import dataclass

from transforms.names import TableName


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Old versions, folders of runs, single files, and the bytes of all their files."""

    table: TableName
    versions: tuple[int, ...] = ()
    locations: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    bytes: int = 0
