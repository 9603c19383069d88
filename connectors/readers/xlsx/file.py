"""One xlsx file: its sheets, and their cells as calamine reads them.

Calamine leaves errors, and formulas that were never computed, empty: the sheet's own XML is looked at for these.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from functools import cached_property
from io import BytesIO
from typing import Any
from xml.etree import ElementTree

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from connectors.readers.grid.sheet import Cell, Fault, Grid, Merge, number
from connectors.readers.whole import require_count
from transforms.errors import DataError

_FIRST_DAY = date(1900, 3, 1)
_UNCERTAIN = "a day before 1900-03-01, which Excel counts otherwise than calendars do"
_UNCOMPUTED = "a formula that was never computed; open the file in a spreadsheet program and save it"
_NEGATIVE = "a negative time"
_ODD = (b't="e"', b"<f", b":f", b"<v>-")
"""What the XML of a sheet holds when some cell of it has to be looked at."""
_TOKEN = re.compile(rb"<(?:\w+:)?(?:(row)\b([^>]*)|c\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c))>?", re.S)
_ATTRIBUTE = re.compile(rb'\b(r|t)="([^"]*)"')
_FORMULA, _VALUE = re.compile(rb"<(?:\w+:)?f\b"), re.compile(rb"<(?:\w+:)?v>([^<]+)<")
_PLACE = re.compile(r"([A-Z]+)(\d+)\Z")


class XlsxFile:
    """Raises DataError for what is no xlsx file, with `write`: what to write for one that is not whole yet."""

    def __init__(self, name: str, data: bytes) -> None:
        self.name, self._data = name, data
        try:
            self._zip = zipfile.ZipFile(BytesIO(data))
            self._book = CalamineWorkbook.from_filelike(BytesIO(data))
        except (CalamineError, zipfile.BadZipFile, OSError, ValueError) as error:
            protected = " (an old .xls, or protected by a password)" if data.startswith(b"\xd0\xcf\x11\xe0") else ""
            raise DataError(
                f"{name} is no whole xlsx file{protected}: {error}; nothing was published; when it is still being "
                "written, write settle: 1m"
            ) from error

    @cached_property
    def sheets(self) -> Sequence[str]:
        """The names of the sheets that people see."""
        kinds = (SheetTypeEnum.WorkSheet, SheetVisibleEnum.Visible)
        return [one.name for one in self._book.sheets_metadata if (one.typ, one.visible) == kinds]

    @cached_property
    def every_sheet(self) -> Sequence[str]:
        """Hidden ones too."""
        return [one.name for one in self._book.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet]

    @property
    def filled_sheets(self) -> list[str]:
        """The sheets that people see, and that have cells."""
        return [sheet for sheet in self.sheets if self._sheet(sheet).start is not None]

    def grid(self, sheet: str) -> Grid:
        """The cells of a sheet."""
        found = self._sheet(sheet)
        merges = [
            Merge(top + 1, left + 1, bottom + 1, right + 1)
            for (top, left), (bottom, right) in found.merged_cell_ranges or ()
        ]
        place = f"{self.name}/{sheet}"
        return Grid(place, _whole(place, found.end[0] + 1 if found.end else 0, self._rows(found)), merges)

    def _sheet(self, name: str) -> CalamineSheet:
        try:
            return self._book.get_sheet_by_name(name)
        except CalamineError as error:
            raise DataError(f"{self.name}/{name} cannot be read: {error}; nothing was published") from error

    def _rows(self, sheet: CalamineSheet) -> Iterator[tuple[int, Sequence[Cell]]]:
        if sheet.start is None:
            return
        odd = self._odd(sheet.name)
        before: list[Cell] = [None] * sheet.start[1]
        for row, values in enumerate(sheet.iter_rows(), 1):
            cells = [*before, *map(_cell, values)]
            for column, fault in odd.pop(row, {}).items():
                cells += [None] * (column - len(cells))
                if fault.reason != _NEGATIVE or isinstance(cells[column - 1], time):
                    cells[column - 1] = fault
            yield row, cells
        for row in sorted(odd):  # rows of nothing else are none of calamine's
            faults = odd[row]
            yield row, [faults.get(column) for column in range(1, max(faults) + 1)]

    def _odd(self, sheet: str) -> dict[int, dict[int, Fault]]:
        """The cells that calamine does not tell, by row and column."""
        xml = self._zip.read(self._parts[sheet])
        result: dict[int, dict[int, Fault]] = {}
        row = column = 0
        for found in _TOKEN.finditer(xml) if any(sign in xml for sign in _ODD) else ():
            is_row, of_row, of_cell, inner = found.groups()
            attributes = dict(_ATTRIBUTE.findall(of_row if is_row else of_cell))
            if is_row:
                row, column = int(attributes.get(b"r", row + 1)), 0
                continue
            place = _PLACE.match(attributes.get(b"r", b"").decode())
            column, row = (number(place[1]), int(place[2])) if place else (column + 1, row)
            fault = _fault(attributes.get(b"t", b"n"), inner or b"")
            if fault:
                result.setdefault(row, {})[column] = Fault(fault)
        return result

    @cached_property
    def _parts(self) -> Mapping[str, str]:
        """The part of the file of each sheet."""
        book = next(iter(self._related("", "/officeDocument").values()))
        targets = self._related(book, "/worksheet")
        return {
            one.attrib["name"]: targets[relation]
            for one in self._xml(book).iter()
            if one.tag.endswith("}sheet") and (relation := _relation(one)) in targets
        }

    def _related(self, part: str, kind: str) -> dict[str, str]:
        """The parts of a kind that a part names, by the names it has for them."""
        folder, _, name = part.rpartition("/")
        found = {}
        for one in self._xml(f"{folder}/_rels/{name}.rels".removeprefix("/")).iter():
            if one.attrib.get("Type", "").endswith(kind):
                target = one.attrib["Target"]
                found[one.attrib["Id"]] = target[1:] if target.startswith("/") else f"{folder}/{target}".lstrip("/")
        return found

    def _xml(self, part: str) -> ElementTree.Element:
        return ElementTree.fromstring(self._zip.read(part))


def _whole(place: str, height: int, rows: Iterator[tuple[int, Sequence[Cell]]]) -> Iterator[tuple[int, Sequence[Cell]]]:
    """The rows. Raises DataError when they are not as many as calamine says; those below are of nothing but errors."""
    count = 0
    for row, cells in rows:
        count += row <= height
        yield row, cells
    require_count(place, height, "rows", count, 0)


def _relation(sheet: ElementTree.Element) -> str:
    return next((value for key, value in sheet.attrib.items() if key.endswith("}id")), "")


def _fault(kind: bytes, inner: bytes) -> str | None:
    value = _VALUE.search(inner)
    if kind == b"e":
        return value[1].decode() if value else "an error"
    if value is None:
        return _UNCOMPUTED if kind != b"str" and _FORMULA.search(inner) else None
    return _NEGATIVE if kind == b"n" and value[1].startswith(b"-") else None


def _cell(value: Any) -> Cell:
    if value == "":
        return None
    if isinstance(value, date) and (value.date() if isinstance(value, datetime) else value) < _FIRST_DAY:
        return Fault(_UNCERTAIN)
    found: Cell = value
    return found
