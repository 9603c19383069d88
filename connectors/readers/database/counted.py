"""Rows on their way from a database, counted beside what the database itself says that it gave.

Decides that a table which lost rows on the way is not published. Never how a database is asked.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sized
from typing import TypeVar

from connectors.reader import Asked
from transforms.errors import DataError

SHARE = 0.05
"""Of the time that the rows took, what counting them again may take."""
LEAST_S = 0.1
Rows = TypeVar("Rows", bound=Sized)


def counted(asked: Asked, stream: Iterator[Rows], count: Callable[[int, float], int | None]) -> Iterator[Rows]:
    """The stream; after its end `count` is told how many rows came, and the seconds that it may take.

    It answers how many the database has of them in the same snapshot; None where that is not to be had so quickly.
    Raises DataError when the two differ.
    """
    came, began = 0, time.monotonic()
    for rows in stream:
        came += len(rows)
        yield rows
    found = count(came, max(SHARE * (time.monotonic() - began), LEAST_S))
    if found is not None and found != came:
        source, table = asked.source, asked.table
        raise DataError(
            f"{source.path}:{table.line}: {table.name}: {came:,} rows came, and the database has {found:,} of them in "
            "the same snapshot; nothing was published; to run again is safe"
        )
