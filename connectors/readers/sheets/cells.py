"""A spreadsheet as Google's API tells it, as grids of cells: each with the value it has, not as it is displayed.

All from one answer, so of one moment. Never asks for anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from connectors.readers.grid.sheet import Cell, Fault, Grid, Merge
from transforms.errors import OutsideError

TITLES = "sheets(properties(title,sheetType,hidden))"
CELLS = (
    "sheets(properties(title),merges,"
    "data(startRow,startColumn,rowData(values(effectiveValue,effectiveFormat(numberFormat(type))))))"
)
_EPOCH = datetime(1899, 12, 30)
_DAY_MS = 86_400_000
_ERRORS = {
    "NULL_VALUE": "#NULL!",
    "DIVIDE_BY_ZERO": "#DIV/0!",
    "VALUE": "#VALUE!",
    "REF": "#REF!",
    "NAME": "#NAME?",
    "NUM": "#NUM!",
    "N_A": "#N/A",
}
_LOADING = "LOADING"


def titles(answer: Mapping[str, Any], *, hidden: bool = True) -> list[str]:
    """The titles of the sheets with cells; hidden ones too, or not."""
    every = [sheet["properties"] for sheet in answer.get("sheets", ())]
    return [
        one["title"] for one in every if one.get("sheetType", "GRID") == "GRID" and (hidden or not one.get("hidden"))
    ]


def grids(answer: Mapping[str, Any]) -> Iterator[Grid]:
    """The sheets whose cells are in the answer. Raises OutsideError while a cell is still computed."""
    for sheet in answer.get("sheets", ()):
        if "data" in sheet:
            title = sheet["properties"]["title"]
            merges = [_merge(one) for one in sheet.get("merges", ())]
            yield Grid(title, _rows(title, sheet["data"][0]), merges)


def _rows(title: str, data: Mapping[str, Any]) -> Iterator[tuple[int, Sequence[Cell]]]:
    top, before = data.get("startRow", 0) + 1, [None] * data.get("startColumn", 0)
    for row, values in enumerate(data.get("rowData", ()), top):
        cells = [_cell(value, title, row) for value in values.get("values", ())]
        yield row, [*before, *cells]


def _cell(told: Mapping[str, Any], title: str, row: int) -> Cell:
    value = told.get("effectiveValue")
    if not value:
        return None
    if "errorValue" in value:
        kind = value["errorValue"].get("type", "")
        if kind == _LOADING:
            raise OutsideError(f"{title}, row {row}: Google is still computing a cell; nothing was published")
        return Fault(_ERRORS.get(kind, "#ERROR!"))
    if "numberValue" not in value:
        found: Cell = value.get("stringValue", value.get("boolValue"))
        return found
    number = float(value["numberValue"])
    form = told.get("effectiveFormat", {}).get("numberFormat", {}).get("type", "")
    return _moment(number, form) if form in ("DATE", "DATE_TIME", "TIME") else number


def _moment(serial: float, form: str) -> Cell:
    """Days since the end of 1899, to the millisecond: what a double of days holds."""
    try:
        since = timedelta(milliseconds=round(serial * _DAY_MS))
        moment = _EPOCH + since
    except OverflowError:
        return Fault("a day outside the years 1 to 9999")
    if form == "TIME":
        return moment.time() if timedelta(0) <= since < timedelta(days=1) else since
    return moment.date() if form == "DATE" and moment.time() == time() else moment


def _merge(told: Mapping[str, int]) -> Merge:
    """A range without an end goes as far as the sheet."""
    far = 10_000_000
    return Merge(
        told.get("startRowIndex", 0) + 1,
        told.get("startColumnIndex", 0) + 1,
        told.get("endRowIndex", far),
        told.get("endColumnIndex", far),
    )
