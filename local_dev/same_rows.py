"""Whether two engines gave the same values, both encoded as in Trino's client protocol."""

from __future__ import annotations

import math
from typing import Any

LAST_BITS = 1e-14
"""How far two doubles may lie apart, relative to their size: Java's and C's mathematics differ in the last bits."""


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
        return math.isclose(left, right, rel_tol=LAST_BITS)
    return type(left) is type(right) and bool(left == right)
