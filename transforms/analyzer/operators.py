"""The result types of Trino's operators, exactly: precision and scale of decimals, digits of timestamps."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from sqlglot import exp

from transforms.analyzer.coercion import CLOCKS, INTERVALS, NUMBERS, as_decimal, common_type, comparable, orderable
from transforms.lake_types import DATE, UNKNOWN, Type, decimal

COMPARISONS: Final[dict[type[exp.Expr], str]] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}
_DAY_TO_SECOND = Type("interval day to second")
_MOMENTS = CLOCKS | {"date"}


@lru_cache(maxsize=8192)
def arithmetic(operator: str, a: Type, b: Type) -> tuple[Type, Type, Type] | None:
    """Type of `a operator b`, and the types into which the sides are coerced; None if Trino has no such operator."""
    x, y = a.name, b.name
    if a == b == UNKNOWN:
        return None
    if (x in NUMBERS or a == UNKNOWN) and (y in NUMBERS or b == UNKNOWN):
        return _number(operator, a, b)
    if x in INTERVALS or y in INTERVALS:
        return _interval(operator, a, b)
    if UNKNOWN in (a, b) and {x, y} & _MOMENTS:
        return _beside_null(operator, a, b)
    if operator == "-" and x in _MOMENTS and y in _MOMENTS:
        common = common_type(a, b)
        return None if common is None else (_DAY_TO_SECOND, common, common)
    return None


def _beside_null(operator: str, a: Type, b: Type) -> tuple[Type, Type, Type] | None:
    """NULL is an interval, or the moment from which one is taken; none where its kind would change the result."""
    moment = b if a == UNKNOWN else a
    result = _in_milliseconds(moment)
    if operator == "-" and a == UNKNOWN:
        return _DAY_TO_SECOND, b, b
    if operator == "-" and a == DATE:
        return DATE, DATE, _DAY_TO_SECOND
    if operator != "+" or (result != moment and moment.name.startswith("timestamp")):
        return None
    return (result, _DAY_TO_SECOND, b) if a == UNKNOWN else (result, a, _DAY_TO_SECOND)


def _number(operator: str, a: Type, b: Type) -> tuple[Type, Type, Type] | None:
    """NULL times a bigint or a double is none: it could be an interval as well."""
    if operator == "*" and UNKNOWN in (a, b) and {a.name, b.name} & {"bigint", "double"}:
        return None
    common = common_type(a, b)
    if common is None:
        return None
    if common.name != "decimal":
        return common, common, common
    left, right = (decimal(1, 0) if type_ == UNKNOWN else as_decimal(type_) for type_ in (a, b))
    (p1, s1), (p2, s2) = left.numbers, right.numbers
    scale = max(s1, s2)
    if operator in "+-":
        result = (max(p1 - s1, p2 - s2) + scale + 1, scale)
    elif operator == "*":
        result = (p1 + p2, s1 + s2)
    elif operator == "/":
        result = (p1 + s2 + max(s2 - s1, 0), scale)
    else:
        result = (min(p2 - s2, p1 - s1) + scale, scale)
    if result[1] > 38:
        return None
    return decimal(min(38, max(result)), result[1]), left, right


def _interval(operator: str, a: Type, b: Type) -> tuple[Type, Type, Type] | None:
    x, y = a.name, b.name
    if operator in "+-":
        if x in INTERVALS and (y == x or (b == UNKNOWN and operator == "-")):
            return a, a, a
        if a == UNKNOWN:
            return None if operator == "+" else (b, b, b)
        if "interval year to month" in (x, y) and {x, y} & {"time", "time with time zone"}:
            return None
        if y in INTERVALS and (x in CLOCKS or a == DATE):
            return (_in_milliseconds(a) if y != "interval year to month" else a), a, b
        if operator == "+" and x in INTERVALS and (y in CLOCKS or b == DATE):
            return (_in_milliseconds(b) if x != "interval year to month" else b), a, b
    if operator in "*/" and x in INTERVALS and (y in NUMBERS or b == UNKNOWN):
        return a, a, _factor(b) if operator == "*" else Type("double")
    if operator == "*" and y in INTERVALS and (x in NUMBERS or a == UNKNOWN):
        return b, _factor(a), b
    return None


def _factor(type_: Type) -> Type:
    return Type("double") if type_.name in ("double", "real", "decimal") else Type("bigint")


def _in_milliseconds(type_: Type) -> Type:
    """An interval of days to seconds has milliseconds, so the sum has at least those."""
    if type_.name not in CLOCKS:
        return type_
    return Type(type_.name, (max(3, type_.numbers[0]),))


@lru_cache(maxsize=8192)
def comparison(operator: str, a: Type, b: Type) -> Type | None:
    """The type in which both sides are compared; None if Trino cannot compare them so."""
    common = common_type(a, b)
    if common is None:
        return None
    fits = orderable if operator in ("<", ">", "<=", ">=") else comparable
    return common if fits(common) else None
