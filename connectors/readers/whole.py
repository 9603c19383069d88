"""Whether all of a piece of a source came out as rows and rejects: its size is counted apart from what parses it.

Never decides what is a row.
"""

from __future__ import annotations

from connectors.reader import Batch
from transforms.errors import DataError


def require_whole(place: str, count: int, unit: str, batch: Batch, blank: int = 0) -> None:
    """Raises DataError when a piece of so many units gave another number; `blank` ones are neither rows nor rejects."""
    require_count(place, count, unit, batch.rows.num_rows, len(batch.rejects), blank)


def require_count(place: str, count: int, unit: str, rows: int, rejects: int, blank: int = 0) -> None:
    """The same of what was counted batch by batch."""
    if rows + rejects + blank != count:
        raise DataError(
            f"{place} has {count:,} {unit}, of which {rows:,} came out as rows, {rejects:,} as rejects and {blank:,} "
            "as blank; nothing was published; to run again is safe; if it happens again, it is a fault of the reader"
        )
