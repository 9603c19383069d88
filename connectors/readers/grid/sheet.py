"""The cells of a sheet as a spreadsheet program holds them, whatever program it is; and which part of a sheet is meant.

Never decides what a cell means for a column: `values.py` does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fnmatch import fnmatchcase

from transforms.reader_words import SHEET_RANGE


@dataclass(frozen=True, slots=True)
class Fault:
    """A cell that has no value, though it is not empty: an error such as #N/A, and what else cannot be believed."""

    reason: str


Cell = str | float | bool | date | datetime | time | timedelta | Fault | None
"""An empty cell is None; numbers are floats, as in every spreadsheet program."""


@dataclass(frozen=True, slots=True)
class Merge:
    """Cells that are one; rows and columns are counted from 1, the last ones included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True)
class Grid:
    """`place` is what messages and rejects call it. `rows` come with their numbers, from column 1 on, in order.

    Rows without any cell may be left out.
    """

    place: str
    rows: Iterator[tuple[int, Sequence[Cell]]]
    merges: Sequence[Merge] = ()


@dataclass(frozen=True)
class Part:
    """The part of a sheet that is meant; None is as far as the sheet goes."""

    top: int = 1
    left: int = 1
    bottom: int | None = None
    right: int | None = None

    @classmethod
    def of(cls, text: str | None) -> Part:
        """What a range such as `B3:H` means.

        >>> Part.of("B3:H"), Part.of("5:9")
        (Part(top=3, left=2, bottom=None, right=8), Part(top=5, left=1, bottom=9, right=None))
        """
        found = SHEET_RANGE.match(text or "")
        left, top, right, bottom = found.groups() if found else (None,) * 4
        return cls(
            int(top or 1),
            number(left) if left else 1,
            int(bottom) if bottom else None,
            number(right) if right else None,
        )

    def of_grid(self, grid: Grid) -> Grid:
        """The same grid without the cells outside."""
        return Grid(grid.place, self._rows(grid), [merge for merge in grid.merges if self._holds(merge)])

    def _rows(self, grid: Grid) -> Iterator[tuple[int, Sequence[Cell]]]:
        for row, cells in grid.rows:
            if self.bottom is not None and row > self.bottom:
                return
            if row >= self.top:
                inside = cells[: self.right] if self.right else cells
                yield row, [None] * min(self.left - 1, len(inside)) + list(inside[self.left - 1 :])

    def _holds(self, merge: Merge) -> bool:
        below = self.bottom is None or merge.top <= self.bottom
        return below and merge.top >= self.top and merge.left >= self.left and merge.left <= (self.right or merge.left)


def letters(column: int) -> str:
    """The name of a column by its number.

    >>> letters(1), letters(27), number("AA")
    ('A', 'AA', 27)
    """
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def number(name: str) -> int:
    """The number of a column by its name."""
    result = 0
    for letter in name:
        result = result * 26 + ord(letter) - 64
    return result


def is_blank(cell: Cell) -> bool:
    """Whether nothing stands in it; blanks are nothing."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def chosen(sheets: Sequence[str], wanted: str) -> list[str]:
    """The sheets of a name, or of a pattern such as `2024-*`."""
    return [wanted] if wanted in sheets else [name for name in sheets if fnmatchcase(name, wanted)]
