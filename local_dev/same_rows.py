"""Whether two engines gave the same values, both encoded as in Trino's client protocol."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from itertools import takewhile
from operator import itemgetter
from typing import Any

LAST_BITS = 1e-14
"""How far two doubles may lie apart, relative to their size: Java's and C's mathematics differ in the last bits."""
LAST_DIGITS = 1e-9
"""How far two may lie apart that were added up from the same doubles in another order, or computed from such sums."""
_Held = tuple[list[float], Any]
"""A row, after the doubles that are in it."""


class Rounded(float):
    """A double whose last digits are of no account."""


def rounded(value: Any) -> Any:
    """The value, and all that is in it, with its doubles so.

    >>> same(rounded([1.0, "a"]), rounded([1.0000000000001, "a"])), same([1.0, "a"], [1.0000000000001, "a"])
    (True, False)
    """
    if isinstance(value, float):
        return Rounded(value)
    if isinstance(value, dict):
        return {key: rounded(one) for key, one in value.items()}
    return [rounded(one) for one in value] if isinstance(value, (list, tuple)) else value


def same(left: Any, right: Any) -> bool:
    """Equal values: 0.0 is not -0.0, 1 is not true, and NaN is NaN.

    >>> same([1.0, "a", None], [1.0000000000000002, "a", None]), same(0.0, -0.0), same({"a": 1}, {"a": True})
    (True, False, False)
    """
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, float) and isinstance(right, float):
        if left == 0 or right == 0:
            return left == right and math.copysign(1, left) == math.copysign(1, right)
        return math.isclose(left, right, rel_tol=_reach(left))
    return type(left) is type(right) and bool(left == right)


def unmatched(left: Iterable[Any], right: Iterable[Any]) -> tuple[list[Any], list[Any]]:
    """The rows that are on one side only, of two bags of rows: each row stands for one of the other side.

    >>> unmatched([[1, {"a": 1, "b": 2}], [1, {}]], [[1, {}], [1, {"b": 2, "a": 1}], [1, {}]])
    ([], [[1, {}]])
    """
    ours, theirs = _alike(left), _alike(right)
    alone: tuple[list[Any], list[Any]] = ([], [])
    for key in sorted(ours.keys() | theirs.keys()):
        for side, rows in zip(alone, _left_over(ours.get(key, []), theirs.get(key, [])), strict=True):
            side.extend(rows)
    return alone


def _alike(rows: Iterable[Any]) -> dict[str, list[_Held]]:
    """Rows that differ at most in their doubles, by what they have in common; in the order of their doubles."""
    found: defaultdict[str, list[_Held]] = defaultdict(list)
    for row in rows:
        doubles: list[float] = []
        found[repr(_exact(row, doubles))].append((doubles, row))
    return {key: sorted(held, key=itemgetter(0)) for key, held in found.items()}


def _exact(value: Any, doubles: list[float]) -> Any:
    """The value with a mark for each double, which goes into the list; the entries of a map in one order."""
    if isinstance(value, float):
        doubles.append(value)
        return float
    if isinstance(value, dict):
        return {key: _exact(value[key], doubles) for key in sorted(value)}
    return [_exact(part, doubles) for part in value] if isinstance(value, (list, tuple)) else value


def _left_over(left: Sequence[_Held], right: Sequence[_Held]) -> tuple[list[Any], list[Any]]:
    """What is left of both when equal rows are taken away in pairs. Looks only where the first double may be equal."""
    lonely, skipped, waiting = [], [], deque(right)
    for doubles, row in left:
        low, high = _near(doubles[0]) if doubles else (0.0, 0.0)
        while waiting and doubles and waiting[0][0][0] < low:
            skipped.append(waiting.popleft()[1])
        place = _place(row, high, waiting)
        if place is None:
            lonely.append(row)
        else:
            del waiting[place]
    return lonely, skipped + [row for _, row in waiting]


def _place(row: Any, high: float, waiting: Iterable[_Held]) -> int | None:
    near = takewhile(lambda held: not held[0] or held[0][0] <= high, waiting)
    return next((index for index, (_, other) in enumerate(near) if same(row, other)), None)


def _reach(value: float) -> float:
    return LAST_DIGITS if isinstance(value, Rounded) else LAST_BITS


def _near(value: float) -> tuple[float, float]:
    reach = abs(value) * _reach(value) * 2
    return value - reach, value + reach
