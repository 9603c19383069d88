"""`interval '3' day`, `interval '1 02:30' day to minute`: the type and the amount, read as Trino reads them."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from sqlglot import exp

from transforms.analyzer.faults import Fault
from transforms.lake_types import Type

YEAR_TO_MONTH, DAY_TO_SECOND = Type("interval year to month"), Type("interval day to second")
_MONTHS = {"YEAR": 12, "MONTH": 1}
_MILLISECONDS = {"DAY": 86_400_000, "HOUR": 3_600_000, "MINUTE": 60_000, "SECOND": 1000}
_BEFORE = {"MONTH": "-", "HOUR": " ", "MINUTE": ":", "SECOND": ":"}
"""What stands between a field and the one before it."""
_EXAMPLES = {"MONTH": "1-3", "HOUR": "3 12", "MINUTE": "12:30", "SECOND": "12:30:15.250"}
_LARGEST = 2**31 - 1


def interval_type(node: exp.Interval) -> Type:
    """Of an interval literal, whose unit decides. Raises Fault if Athena cannot read it."""
    interval_amount(node)
    return YEAR_TO_MONTH if _units(node)[0] in _MONTHS else DAY_TO_SECOND


def interval_amount(node: exp.Interval) -> int:
    """Months, or milliseconds."""
    value, sign = node.this, 1
    while isinstance(value, (exp.Neg, exp.Paren)):
        sign = -sign if isinstance(value, exp.Neg) else sign
        value = value.this
    if not isinstance(value, exp.Literal) or not value.is_string:
        raise Fault(
            node, "interval needs a quoted number", write="write n * interval '1' day, or date_add('day', n, x)"
        )
    first, last = _units(node)
    known = {**_MONTHS, **_MILLISECONDS}
    if first not in known or last not in known:
        wrong = first if first not in known else last
        write = "write interval '7' day" if first.startswith("WEEK") else ""
        raise Fault(node, f"interval has no unit {wrong.lower()}", f"units are {', '.join(known).lower()}", write)
    fields = _fields(first, last)
    if not fields:
        raise Fault(node, f"there is no interval {first.lower()} to {last.lower()}", "year to month, day to second")
    amount = _amount(str(value.this), fields)
    if amount is None:
        unit = first.lower() if first == last else f"{first.lower()} to {last.lower()}"
        example = _EXAMPLES[last] if first != last else "7"
        raise Fault(node, f"'{value.this}' is not an amount of {unit}", write=f"write interval '{example}' {unit}")
    return sign * amount


def _units(node: exp.Interval) -> tuple[str, str]:
    unit = node.args.get("unit")
    if isinstance(unit, exp.IntervalSpan):
        return unit.this.name.upper(), unit.expression.name.upper()
    name = unit.name.upper() if isinstance(unit, exp.Expr) else ""
    return name, name


@lru_cache(maxsize=64)
def _fields(first: str, last: str) -> tuple[str, ...]:
    """The fields from the first to the last; none if they are not of one kind, or a span of one."""
    for order in (tuple(_MONTHS), tuple(_MILLISECONDS)):
        if first in order and last in order:
            return order[order.index(first) : order.index(last) + 1]
    return ()


@lru_cache(maxsize=1024)
def _amount(text: str, fields: tuple[str, ...]) -> int | None:
    """Fields at the end may be missing; what is smaller than a millisecond is cut off."""
    pattern, ends = "", ""
    for index, field in enumerate(fields):
        digits = r"(\d*)(?:\.(\d*))?" if field == "SECOND" else r"(\d*)"
        pattern += f"(?:{_BEFORE[field]}{digits}" if index else digits
        ends += ")?" if index else ""
    found = re.fullmatch(f"([+-]?){pattern}{ends}", text, re.ASCII)
    if not found or text.endswith(("+.", "-.", " .", ":.")) or text == ".":
        return None
    written = found.groups()[1 : len(fields) + 1]
    if any(after and not before for before, after in pairwise(written)):
        return None
    units = {**_MONTHS, **_MILLISECONDS}
    numbers = [int(part or 0) for part in written]
    amount = sum(number * units[field] for number, field in zip(numbers, fields, strict=True))
    if fields[-1] == "SECOND":
        amount += int(((found.groups()[-1] or "") + "000")[:3])
    too_large = max(numbers) > _LARGEST or (fields[0] in _MONTHS and amount > _LARGEST)
    return None if too_large else -amount if found[1] == "-" else amount
