"""Turns the cells of a sheet into rows of a table, and into rejects those that cannot be held, with their row.

Blank rows are no rows. What is left out besides (totals, cells without a column) and what merged cells hold is told.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

import orjson

from connectors.reader import Batch, Reading, Reject
from connectors.readers.cells import Cells
from connectors.readers.grid.header import Header, columns_of, header_of
from connectors.readers.grid.sheet import Cell, Grid, Part, is_blank, letters
from connectors.readers.grid.values import shown, text, value
from connectors.readers.header import Names
from connectors.readers.json_lines import LineParser
from connectors.readers.json_shape import Misfit
from connectors.readers.whole import require_count
from connectors.readers.words import truncates
from transforms.lake_types import Type
from transforms.source import Source, SourceTable

_ROWS = 20_000
"""Rows of a sheet that become rows of the table together."""
_TOTALS = frozenset(
    ("合計", "総計", "小計", "計", "総合計", "累計", "total", "totals", "grand total", "subtotal", "sub total", "sum")
)
Misfits = Counter[tuple[str, Type]]


class GridTable:
    """`headers` are the names in all headers so far; `reading` hears what is missing, new, or left out."""

    def __init__(self, source: Source, table: SourceTable, reading: Reading) -> None:
        self.table, self.reading = table, reading
        options = {**source.options, **table.options}
        self.names = Names(source, table)
        self.part = Part.of(options.get("range"))
        self.header: str | int | None = options.get("header")
        self.totals, self.merged = options.get("totals"), options.get("merged")
        self.errors_as_null = options.get("errors") == "as_null"
        self.cells = Cells.of(options)
        self.parser = LineParser(table.columns, {}, truncate=truncates(source, table))
        self.personal = {column.name for column in table.columns if column.personal}
        self.headers: set[str] = set()
        self.misfits: Misfits = Counter()
        self.count = self.left_out = 0

    def batches(self, grid: Grid) -> Iterator[Batch]:
        """Rows and rejects of one sheet. Raises DataError when one of its rows is neither, and was not left out."""
        grid, header = self.begun(grid)
        if header is None:
            self._warn(grid.place, "there is nothing in it")
            return
        columns = columns_of(header, self.names, grid.place)
        self.headers |= {*header.names.values(), *map(letters, columns)}
        self.names.tell_missing(list(columns.values()), self.reading)
        below, self.left_out = _Counted(header.rows), 0
        rows = self.rows(grid, replace(header, rows=below), columns)
        landed = rejects = 0
        while held := list(islice(rows, _ROWS)):
            batch = self.batch(grid.place, [(row, {columns[c]: cells[c] for c in columns}) for row, cells in held])
            landed, rejects = landed + batch.rows.num_rows, rejects + len(batch.rejects)
            yield batch
        require_count(grid.place, below.count, "rows below its header", landed, rejects, self.left_out)

    def begun(self, grid: Grid) -> tuple[Grid, Header | None]:
        """The part of a sheet that is meant, and its header; None when there is nothing in it."""
        grid = self.part.of_grid(grid)
        return grid, header_of(grid, self.names, self.header)

    def batch(self, place: str, rows: Sequence[tuple[int, Mapping[str, Cell]]]) -> Batch:
        """Rows by their number, with their cells by the column."""
        values, rejects = [], []
        for row, cells in rows:
            try:
                values.append((row, self._values(cells), _raw(cells)))
            except Misfit as misfit:
                rejects.append(Reject(place, row, misfit.reason, _raw(cells)))
                if misfit.found is not None:
                    self.misfits[misfit.column, misfit.found] += 1
        parsed = self.parser.parse_values(place, values, len(rows))
        self.misfits += parsed.misfits
        self.count += len(rows)
        self.reading.new_columns[:] = self.parser.new_columns()
        return Batch(parsed.rows, tuple(sorted((*rejects, *parsed.rejects), key=lambda reject: reject.line)))

    def _values(self, cells: Mapping[str, Cell]) -> dict[str, Any]:
        """A column that nobody declared is of texts, and keeps an error as it is."""
        result = {}
        for name, cell in cells.items():
            type_ = self.names.types.get(name)
            try:
                if type_ is None:
                    result[name] = None if is_blank(cell) else text(cell)
                else:
                    result[name] = value(cell, type_, self.cells, errors_as_null=self.errors_as_null)
            except Misfit as misfit:
                misfit.column = name
                reason = "a value that does not fit" if name in self.personal else misfit.reason
                misfit.reason = f"{name}: {reason}"
                raise
        return result

    def rows(self, grid: Grid, header: Header, columns: Mapping[int, str]) -> Iterator[tuple[int, dict[int, Cell]]]:
        """The rows that are rows, each with the cells of its columns."""
        merges = _Merges(grid, header.row, fill=self.merged == "fill")
        nameless, totals = _Nameless(columns), list[int]()
        for row, cells in header.rows:
            found = merges.filled(row, {c: cells[c - 1] if c <= len(cells) else None for c in columns})
            nameless.meet(cells)
            if all(map(is_blank, found.values())):
                self.left_out += 1
                continue
            if self.totals != "keep" and _is_total(found.values()):
                totals.append(row)
                self.left_out += 1
                continue
            yield row, found
        if totals and self.totals is None:
            what = f"{_listed_rows(totals)} read as totals and were left out; write totals: drop, or totals: keep"
            self._warn(grid.place, what)
        if self.merged is None and merges.met:
            what = f"{_listed_rows(merges.met)} begin merged cells, whose values stand in their first row only"
            self._warn(grid.place, f"{what}; write merged: first, or merged: fill for all of their rows")
        for column, count in nameless.counts.items():
            cells_have = "1 cell has a value" if count == 1 else f"{count:,} cells have values"
            name = letters(column)
            self._warn(
                grid.place, f"{cells_have} in column {name}, which has no name; write columns: {{{name}: its_name}}"
            )

    def _warn(self, place: str, what: str) -> None:
        self.reading.warnings.append(f"{self.table.name}: {place}: {what}")


class _Counted:
    """Rows, and how many came by."""

    def __init__(self, rows: Iterator[tuple[int, Sequence[Cell]]]) -> None:
        self._rows, self.count = rows, 0

    def __iter__(self) -> _Counted:
        return self

    def __next__(self) -> tuple[int, Sequence[Cell]]:
        row = next(self._rows)
        self.count += 1
        return row


class _Merges:
    """Merged cells below the header. `met` are the rows in which those of several rows begin."""

    def __init__(self, grid: Grid, header: int, *, fill: bool) -> None:
        several = [one for one in grid.merges if one.bottom > one.top > header]
        self.fill, self.met = fill, list[int]()
        self._begin = {one.top for one in several}
        self._of_column: dict[int, dict[int, int]] = {}
        for one in several if fill else ():
            of_column = self._of_column.setdefault(one.left, {})
            of_column |= dict.fromkeys(range(one.top, one.bottom + 1), one.top)
        self._values: dict[tuple[int, int], Cell] = {}

    def filled(self, row: int, cells: dict[int, Cell]) -> dict[int, Cell]:
        """The cells of a row, with the values of merged ones that began above it."""
        if row in self._begin and not self.fill:
            self.met.append(row)
        for column, tops in self._of_column.items():
            top = tops.get(row)
            if top == row:
                self._values[column, top] = cells.get(column)
            elif top is not None and column in cells:
                cells[column] = self._values.get((column, top))
        return cells


class _Nameless:
    """Cells with values in columns without a name."""

    def __init__(self, columns: Mapping[int, str]) -> None:
        self._columns = columns
        self.counts: Counter[int] = Counter()

    def meet(self, cells: Sequence[Cell]) -> None:
        for column, cell in enumerate(cells, 1):
            if column not in self._columns and not is_blank(cell):
                self.counts[column] += 1


def _is_total(cells: Any) -> bool:
    """A row whose first cell says so, with nothing but numbers behind it."""
    first, *others = [cell for cell in cells if not is_blank(cell)]
    if not isinstance(first, str) or not others:
        return False
    word = " ".join(unicodedata.normalize("NFKC", first).casefold().strip(" :").split())
    return word in _TOTALS and not any(isinstance(cell, str) for cell in others)


def _listed_rows(rows: Sequence[int]) -> str:
    first = ", ".join(map(str, rows[:3]))
    more = f" and {len(rows) - 3:,} more" if len(rows) > 3 else ""
    return f"{'row' if len(rows) == 1 else 'rows'} {first}{more}"


def _raw(cells: Mapping[str, Cell]) -> bytes:
    return orjson.dumps({name: shown(cell) for name, cell in cells.items()})
