"""Which row groups a condition leaves, judged by the least and the greatest value of each column."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlglot import exp

Bounds = Mapping[str, tuple[str, str]]
"""The least and the greatest value of a column, as DuckDB writes them; what is not known is left out."""

_COMPARISONS: dict[type[exp.Expr], Callable[[Any, Any, Any], bool]] = {
    exp.EQ: lambda low, high, value: low <= value <= high,
    exp.LT: lambda low, high, value: low < value,
    exp.LTE: lambda low, high, value: low <= value,
    exp.GT: lambda low, high, value: high > value,
    exp.GTE: lambda low, high, value: high >= value,
}


def may_match(condition: exp.Expr, bounds: Bounds) -> bool:
    """Whether a row with values in the bounds can fulfil it; what is not understood can.

    >>> import sqlglot
    >>> condition = sqlglot.parse_one("(a > 5) and (s in ('x', 'y'))", dialect="duckdb")
    >>> may_match(condition, {"a": ("1", "9"), "s": ("b", "xa")}), may_match(condition, {"a": ("1", "5")})
    (True, False)
    """
    if isinstance(condition, exp.Paren):
        return may_match(condition.this, bounds)
    if isinstance(condition, exp.And):
        return may_match(condition.this, bounds) and may_match(condition.expression, bounds)
    if isinstance(condition, exp.Or):
        return may_match(condition.this, bounds) or may_match(condition.expression, bounds)
    if isinstance(condition, exp.Between):
        held = _held(condition.this, bounds)
        low, high = condition.args["low"], condition.args["high"]
        return held is None or (_compared(exp.GTE, held, low) and _compared(exp.LTE, held, high))
    if isinstance(condition, exp.In):
        held = _held(condition.this, bounds)
        return held is None or any(_compared(exp.EQ, held, value) for value in condition.expressions)
    if type(condition) in _COMPARISONS:
        held = _held(condition.this, bounds)
        return held is None or _compared(type(condition), held, condition.expression)
    return True


def _held(node: exp.Expr, bounds: Bounds) -> tuple[str, str] | None:
    return bounds.get(node.name.lower()) if isinstance(node, exp.Column) and not node.table else None


def _compared(kind: type[exp.Expr], held: tuple[str, str], constant: exp.Expr) -> bool:
    if isinstance(constant, exp.Cast):
        constant = constant.this
    sign = "-" if isinstance(constant, exp.Neg) else ""
    literal = constant.this if sign else constant
    if not isinstance(literal, exp.Literal):
        return True
    if literal.is_string:
        return _COMPARISONS[kind](*held, literal.name)
    try:
        return _COMPARISONS[kind](Decimal(held[0]), Decimal(held[1]), Decimal(sign + literal.name))
    except InvalidOperation:
        return True
