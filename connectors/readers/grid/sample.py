"""A sample of sheets of one form: their columns with types, and what such sheets need to be declared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import islice

from connectors.reader import Reading
from connectors.readers.cells import Cells
from connectors.readers.grid.header import Header
from connectors.readers.grid.sheet import Cell, Fault, Grid, letters
from connectors.readers.grid.table import GridTable
from connectors.readers.grid.values import ERRORS
from connectors.readers.sampled import Sample, add_cells, told_name
from transforms.errors import SchemaChanged
from transforms.names import TableName
from transforms.source import Source, SourceTable

_ROWS = 1000
"""Of each sheet, so many rows are looked at."""


def grid_sample(source: Source, table: SourceTable | None, grids: Iterable[Grid]) -> Sample:
    """`table` as it is declared, if it is. Of a sheet without a header nothing is said, unless it is declared."""
    stand_in = table or SourceTable(TableName(f"raw_{source.name}", "sheet"), "snapshot", ())
    reader = GridTable(source, stand_in, Reading(iter(())))
    found: dict[str, list[Cell]] = {}
    for grid in grids:
        try:
            grid, header = reader.begun(grid)
        except SchemaChanged:
            if table is not None:
                raise
            continue
        if header is not None:
            names = _names(header, table)
            for _, cells in islice(reader.rows(grid, header, names), _ROWS):
                for column, name in names.items():
                    found.setdefault(name, []).append(cells[column])
            for name in names.values():
                found.setdefault(name, [])
    options = Cells.of({**source.options, **stand_in.options})
    sample = Sample(rows=max(map(len, found.values()), default=0))
    for name, of_column in found.items():
        add_cells(sample, name, of_column, options)
    errors = sum(isinstance(cell, Fault) or cell in ERRORS for cells in found.values() for cell in cells)
    if errors:
        told = "1 cell has an error" if errors == 1 else f"{errors:,} cells have errors"
        sample.words["errors"] = "as_null"
        sample.notes.append(f"{told}, such as #N/A; without errors: as_null their rows are rejects")
    return sample.end()


def _names(header: Header, table: SourceTable | None) -> dict[int, str]:
    """The name of each column; the letters of one that shares its name with another, and of a nameless declared one."""
    counts = Counter(told_name(name, table) for name in header.names.values())
    mapping = table.options.get("columns", {}) if table else {}
    names: dict[int, str] = {}
    for column, name in header.names.items():
        told = told_name(name, table)
        lettered = letters(column) in mapping or (counts[told] > 1 and told in names.values())
        names[column] = letters(column) if lettered else told
    known = {letters(column): column for column in range(1, 703)}
    return names | {known[key]: key for key in mapping if key in known and known[key] not in names}
