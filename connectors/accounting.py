"""Where the rows of one reading went: each is landed, a reject, known already, or replaced by a later one.

Counted from the files themselves, not by what wrote them. Never decides where a row goes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pyarrow.parquet as pq

from connectors.durable import outside
from connectors.location import Location
from transforms.errors import DataError
from transforms.names import TableName
from transforms.snapshot import Part


@dataclass
class Account:
    """`read` as the reader gave them, rejects among them; `known` are left out because the table has them already,
    `replaced` because a later row of the same reading has their key, `deleted` because the source deleted them.
    """

    read: int = 0
    known: int = 0
    replaced: int = 0
    deleted: int = 0

    def require_balance(
        self, location: Location, table: TableName, staged: Mapping[str, Part], rejects: Iterable[str]
    ) -> None:
        """Raises DataError when the files of a landing do not hold the rows that they must."""
        landed = sum(_rows_in(location, part.files) for part in staged.values())
        rejected = _rows_in(location, rejects)
        kept = self.known + self.replaced + self.deleted
        if self.read != landed + rejected + kept:
            raise DataError(
                f"{table}: {self.read:,} rows were read, and the files hold {landed:,} and {rejected:,} rejects, "
                f"beside {kept:,} that need no place; nothing was published; to run again is safe"
            )


def _rows_in(location: Location, files: Iterable[str]) -> int:
    """As the footers of Parquet files say."""
    count = 0
    for file in files:
        with outside(f"read {file}"):
            count += pq.read_metadata(location.local(file)).num_rows
    return count
