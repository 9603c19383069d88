"""CSV files as a source of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.reader import Reader


def reader() -> Reader:
    """The reader of this kind, whose libraries only a reading needs."""
    from connectors.readers.csv.reading import CsvReader

    return CsvReader()
