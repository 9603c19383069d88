"""What one cell of a sheet is for one type of the lake: a value as JSON would hold it, or why it is none.

Never guesses: what could mean two things, and what a spreadsheet cannot hold exactly, is a misfit.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Context, Decimal
from typing import Any

from connectors.readers.cells import Cells
from connectors.readers.grid.sheet import Cell, Fault, is_blank
from connectors.readers.json_shape import Misfit
from transforms.lake_types import BIGINT, BOOLEAN, DATE, DOUBLE, NUMBERS, TIMESTAMP, VARCHAR, Type

_DIGITS = Context(prec=15)
"""Of a fraction: what spreadsheet programs show and compare, so that 0.1 + 0.2 is 0.3. The rest is noise."""
_EXACT = float(1 << 53)
"""From here on a double does not hold every whole number."""
ERRORS = frozenset(
    ("#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#ERROR!", "#FIELD!")
)


def value(cell: Cell, type_: Type, cells: Cells, *, errors_as_null: bool) -> Any:
    """As JSON would hold it, numbers as Decimal. Raises Misfit."""
    if cell is None or is_blank(cell):
        return None
    if isinstance(cell, Fault) or (isinstance(cell, str) and cell.strip() in ERRORS):
        reason = cell.reason if isinstance(cell, Fault) else cell.strip()
        if errors_as_null or reason in cells.nulls:
            return None
        raise Misfit(reason)
    if isinstance(cell, str):
        return cells.value(cell, type_)
    if isinstance(cell, bool):
        return ("true" if cell else "false") if type_ == VARCHAR else cell
    if isinstance(cell, int | float):
        return _number(cell, type_, cells)
    if isinstance(cell, time | timedelta):
        return _clock(cell, type_)
    return _moment(cell, type_, cells)


def text(cell: Cell) -> str:
    """As a person would write it: a name in a header, and what a column of texts holds."""
    if isinstance(cell, Fault):
        return cell.reason
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | float):
        return f"{_decimal(cell):f}"
    if isinstance(cell, timedelta):
        return _hours(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "milliseconds" if cell.microsecond else "seconds")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return cell or ""


def shown(cell: Cell) -> Any:
    """As a reject keeps it, in JSON: numbers with all their digits."""
    return cell if cell is None or isinstance(cell, str | bool | int | float) else text(cell)


def natural(cell: Cell) -> Type | None:
    """The type of a cell by itself; None of an empty one and of an error."""
    if is_blank(cell) or isinstance(cell, Fault) or (isinstance(cell, str) and cell.strip() in ERRORS):
        return None
    if isinstance(cell, bool):
        return BOOLEAN
    if isinstance(cell, int | float):
        return BIGINT if _is_whole(cell) and abs(cell) < _EXACT else DOUBLE
    if isinstance(cell, datetime):
        return TIMESTAMP
    return DATE if isinstance(cell, date) else VARCHAR


def _number(cell: float, type_: Type, cells: Cells) -> Any:
    if type_.name in ("double", "real"):
        return Decimal(repr(cell))
    if _is_whole(cell) and abs(cell) >= _EXACT:
        reason = f"{cell:.15g} has more digits than a cell holds; write such numbers as text"
        raise Misfit(reason, DOUBLE if type_ != VARCHAR else None)
    if type_.name in NUMBERS:
        return _decimal(cell)
    return cells.value(text(cell), type_)


def _decimal(cell: float) -> Decimal:
    """A whole number as it is, a fraction with the digits that a spreadsheet has."""
    return Decimal(int(cell)) if _is_whole(cell) else _DIGITS.create_decimal(repr(cell)).normalize(_DIGITS)


def _is_whole(cell: float) -> bool:
    return float(cell).is_integer()


def _moment(cell: date | datetime, type_: Type, cells: Cells) -> str:
    if type_ == VARCHAR:
        return text(cell)
    if type_.name == "date" and not (isinstance(cell, datetime) and cell.time() != time()):
        return cell.isoformat()[:10]
    if type_.name == "timestamp":
        moment = cell if isinstance(cell, datetime) else datetime(cell.year, cell.month, cell.day)
        return (moment.replace(tzinfo=cells.timezone).astimezone(UTC) if cells.timezone else moment).isoformat()
    of_day = isinstance(cell, datetime)
    kind = "a day with a time" if type_.name == "date" else "a time" if of_day else "a date"
    raise Misfit(f"{kind} ({text(cell)}) is not {type_.hive}", TIMESTAMP if of_day else DATE)


def _clock(cell: time | timedelta, type_: Type) -> str:
    if type_ == VARCHAR:
        return text(cell)
    raise Misfit(f"a time without a day ({text(cell)}) is not {type_.hive}", VARCHAR)


def _hours(length: timedelta) -> str:
    """Of any length in hours.

    >>> _hours(timedelta(days=1, hours=6, minutes=5))
    '30:05:00'
    """
    sign, length = ("-", -length) if length < timedelta(0) else ("", length)
    seconds, rest = length // timedelta(seconds=1), length.microseconds // 1000
    return f"{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}" + (f".{rest:03}" if rest else "")
