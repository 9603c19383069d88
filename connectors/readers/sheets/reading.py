"""Reads Google Sheets: one sheet of a spreadsheet, or several of the same form, whole each time.

Decides which sheets; what their cells mean, `grid/table.py` does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from connectors.reader import Asked, Batch, Reading
from connectors.readers.grid.sheet import chosen
from connectors.readers.grid.table import GridTable
from connectors.readers.misfits import require_same_types
from connectors.readers.objects_again import objects_again
from connectors.readers.sheets.cells import CELLS, TITLES, grids, titles
from connectors.readers.sheets.client import SheetsClient, quoted
from transforms.errors import SchemaChanged, did_you_mean
from transforms.fields import listed


class SheetsReader:
    """`sleep` waits so many seconds; left out, the wait ends when the reading is closed."""

    def __init__(self, sleep: Callable[[float], object] | None = None) -> None:
        self._sleep = sleep

    def read(self, asked: Asked) -> Reading:
        """All cells, by one request: they are of one moment."""
        client = SheetsClient(asked.source, asked.address, asked.secret, asked.storage, self._sleep)
        reading = Reading(iter(()), dict(asked.state), close=client.close, cancel=client.close)
        reading.batches = _batches(asked, client, reading)
        return reading

    parse_again = staticmethod(objects_again)


def _batches(asked: Asked, client: SheetsClient, reading: Reading) -> Iterator[Batch]:
    source, table = asked.source, asked.table
    answer = client.get(CELLS, [quoted(sheet) for sheet in _sheets(asked, client)])
    grid_table = GridTable(source, table, reading)
    for grid in grids(answer):
        yield from grid_table.batches(grid)
    require_same_types(source, table, grid_table.misfits, grid_table.count)
    for name in grid_table.names.mapping:
        if name not in grid_table.headers:
            told = f'{table.name}: columns: names "{name}", which the sheet does not have'
            reading.warnings.append("; ".join(filter(None, (told, did_you_mean(name, grid_table.headers)))))


def _sheets(asked: Asked, client: SheetsClient) -> list[str]:
    """Those that `sheet:` names, or else the one with the table's name. Raises SchemaChanged when there is none."""
    table, answer = asked.table, client.get(TITLES)
    wanted, seen = str(table.options.get("sheet", table.name.table)), titles(answer, hidden=False)
    every = titles(answer)
    found = chosen(every if wanted in every else seen, wanted)
    if not found and "sheet" not in table.options and len(seen) == 1:
        return seen
    if not found:
        hint = did_you_mean(wanted, seen) or f"its sheets are {listed(seen)}"
        write = "" if "sheet" in table.options else "; write sheet: and the title of one"
        raise SchemaChanged(
            f"{asked.source.path}:{table.line}: {table.name}: the spreadsheet has no sheet {wanted}; {hint}{write}"
        )
    return found
