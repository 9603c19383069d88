"""Where the table of a sheet begins: its header, of one row or more, below titles and blanks; and each column's name.

A header that nobody declared is the row that names most of the table's columns. Never looks below the header.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from connectors.readers.grid.sheet import Cell, Grid, Merge, is_blank, letters, number
from connectors.readers.grid.values import text
from connectors.readers.header import Names
from transforms.errors import SchemaChanged

LOOKED_AT = 100
"""Rows among which a header is looked for."""
_WIDE = 0.6
"""Of the widest row's cells, so many has a row that is taken for a header when no column is declared."""
_LETTERS = re.compile(r"[A-Z]{1,3}\Z")
Row = tuple[int, Sequence[Cell]]


@dataclass(frozen=True)
class Header:
    """`names` are those of the columns by their numbers, as written; a column without one is not among them.

    `rows` are those from the last row of the header on, which is not among them. `row` is that last one.
    """

    row: int
    names: Mapping[int, str]
    rows: Iterator[Row]


def header_of(grid: Grid, names: Names, declared: str | int | None) -> Header | None:
    """The header of a grid; None when the grid has no cell. Raises SchemaChanged when there is none.

    `declared` is the number of its row, or `3-4` for the first and the last of several.
    """
    if declared is not None:
        first, _, last = str(declared).partition("-")
        return _at(grid, names, int(first), int(last or first))
    head = list(islice(grid.rows, LOOKED_AT))
    if not any(not is_blank(cell) for _, cells in head for cell in cells):
        return None
    best = _best(head, grid, names)
    if best is None:
        named = ", ".join(name for row, cells in head for name in _named([(row, cells)], grid).values())
        raise SchemaChanged(
            f"{names.place(grid.place)}: no row of the first {LOOKED_AT} names a column of the table, but "
            f"{named[:200]}; columns are {', '.join(names.types)}; "
            "write header: and the number of its row, or columns: {name in the sheet: column}"
        )
    top, bottom = best
    return Header(bottom, _named(_between(head, top, bottom), grid), _after(head, grid, bottom))


def _at(grid: Grid, names: Names, first: int, last: int) -> Header | None:
    head = []
    for row, cells in grid.rows:
        head.append((row, cells))
        if row >= last:
            break
    found = _named(_between(head, first, last), grid)
    if not found and head:
        raise SchemaChanged(
            f"{names.place(grid.place)}: row {first} is empty, and header: names it; "
            "write header: and the number of the row with the names, or leave it out"
        )
    return Header(last, found, _after(head, grid, last)) if found else None


def _best(head: Sequence[Row], grid: Grid, names: Names) -> tuple[int, int] | None:
    """The first and the last row of the header."""
    widest = max(sum(not is_blank(cell) for cell in cells) for _, cells in head)
    best, most = None, 0
    for row, cells in head:
        bottom = _bottom(row, cells, grid.merges)
        found = _named(_between(head, row, bottom), grid)
        if names.types:
            count = len({names.known(name) for name in found.values()} & names.types.keys())
        else:
            texts = all(isinstance(cell, str) for cell in cells if not is_blank(cell))
            count = int(texts and len(found) >= _WIDE * widest)
        if count > most:
            best, most = (row, bottom), count
    return best


def _bottom(row: int, cells: Sequence[Cell], merges: Sequence[Merge]) -> int:
    """The last row of a header that begins at this one: its cells may be merged with those below."""
    here = [one for one in merges if one.top == row and one.left <= len(cells) and not is_blank(cells[one.left - 1])]
    return max((one.bottom for one in here), default=row)


def _named(rows: Sequence[Row], grid: Grid) -> dict[int, str]:
    """The names of the columns; those of several rows one after the other, a merged one for all columns below it."""
    parts: dict[int, list[str]] = {}
    several = len(rows) > 1
    for row, cells in rows:
        of_row = {column: " ".join(text(cell).split()) for column, cell in enumerate(cells, 1) if not is_blank(cell)}
        for merge in grid.merges if several and row != rows[-1][0] else ():
            if merge.top == row and merge.left in of_row:
                of_row |= dict.fromkeys(range(merge.left, merge.right + 1), of_row[merge.left])
        for column, name in of_row.items():
            known = parts.setdefault(column, [])
            if name not in known:
                known.append(name)
    return {column: " ".join(names) for column, names in sorted(parts.items())}


def _between(head: Sequence[Row], first: int, last: int) -> list[Row]:
    return [one for one in head if first <= one[0] <= last]


def _after(head: Sequence[Row], grid: Grid, last: int) -> Iterator[Row]:
    return chain([one for one in head if one[0] > last], grid.rows)


def columns_of(header: Header, names: Names, place: str) -> dict[int, str]:
    """The column of each named one. Raises SchemaChanged when two of them are one, or none is declared.

    `columns:` may name a column of the sheet by its letters too.
    """
    where = f"{place}:{header.row}"
    lettered = {number(key): str(value) for key, value in names.mapping.items() if _LETTERS.match(key)}
    by_letters = {c: name for c, name in lettered.items() if letters(c) not in header.names.values()}
    found: dict[int, str] = {}
    for column, name in header.names.items():
        found[column] = by_letters.get(column) or names.column(name, where)
    found |= {column: name for column, name in by_letters.items() if column not in found}
    taken: dict[str, int] = {}
    for column, name in found.items():
        if name in taken:
            raise SchemaChanged(
                f"{names.place(where)}: the columns {letters(taken[name])} and {letters(column)} both become {name}; "
                f"write columns: {{{letters(column)}: another_name}}"
            )
        taken[name] = column
    names.require_known(
        list(taken), where, "header: and the number of its row, or columns: {name in the sheet: column}"
    )
    return found
