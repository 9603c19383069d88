"""Reads xlsx files that people save: one sheet of each, or several of the same form.

Decides which sheets; what their cells mean, `grid/table.py` does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import orjson

from connectors.durable import outside
from connectors.reader import Asked, Batch, Reading, Reject, no_rows
from connectors.readers.files.contents import Found, opened
from connectors.readers.files.reading import FileReading, file_reading
from connectors.readers.grid.sheet import chosen
from connectors.readers.grid.table import GridTable
from connectors.readers.misfits import require_same_types
from connectors.readers.xlsx.file import XlsxFile
from transforms.errors import DataError, did_you_mean
from transforms.fields import listed

_LOCK = "~$"
"""Begins the name of what Excel leaves beside a file that is open."""


class XlsxReader:
    """Files under a folder, as for JSON lines."""

    def read(self, asked: Asked) -> Reading:
        """Of a snapshot every file is read when any of them changed; else the files that are not known."""
        work = file_reading(asked)
        work.reading.batches = _batches(asked, work)
        return work.reading

    def parse_again(self, asked: Asked, file: str, rejects: Sequence[Reject], reading: Reading) -> Iterator[Batch]:
        """Rows of a sheet that were rejects, from the cells that each kept."""
        rows, wrong = [], []
        for one in rejects:
            try:
                cells = orjson.loads(one.raw)
            except ValueError:
                cells = None
            if isinstance(cells, dict):
                rows.append((one.line, cells))
            else:
                wrong.append(replace(one, reason="not a JSON object"))
        yield GridTable(asked.source, asked.table, reading).batch(file, rows)
        yield Batch(no_rows(), tuple(wrong))


def _batches(asked: Asked, work: FileReading) -> Iterator[Batch]:
    source, table = asked.source, asked.table
    grids = GridTable(source, table, work.reading)
    for file, raw in opened(work.store, work.files):
        places = []
        if not file.name.rpartition("/")[2].startswith(_LOCK):
            with outside(f"read {file.name}"):
                data = raw.read()
            book, size = XlsxFile(file.name, data), len(data)
            for sheet in _sheets(asked, book, file):
                places.append(f"{file.name}/{sheet}")
                for batch in grids.batches(book.grid(sheet)):
                    yield replace(batch, day=file.day, bytes=size)
                    size = 0
        work.know(file, None, places)
    require_same_types(source, table, grids.misfits, grids.count)
    work.manner.meet(grids.headers)
    work.manner.end(work.reading, len(work.files), grids.headers)


def _sheets(asked: Asked, book: XlsxFile, file: Found) -> Sequence[str]:
    """Those that `sheet:` names, or else the only one that has cells. Raises DataError when there is none."""
    table, place = asked.table, f"{asked.source.path}:{asked.table.line}: {asked.table.name}: {file.name}"
    wanted = table.options.get("sheet")
    if wanted is not None:
        found = chosen(book.every_sheet if wanted in book.every_sheet else book.sheets, str(wanted))
        if not found:
            hint = did_you_mean(str(wanted), book.sheets) or f"its sheets are {listed(book.sheets)}"
            raise DataError(f"{place} has no sheet {wanted}; {hint}; nothing was published")
        return found
    found = book.filled_sheets
    if len(found) > 1:
        raise DataError(
            f"{place} has the sheets {listed(found)}; nothing was published; write sheet: and the name of one, "
            'or a pattern that means several, such as "2024-*"'
        )
    return found
