"""GetPartitions' expressions: conditions on partition keys, judged without any data.

Values are text in Glue; a key's type says how they compare: numbers as numbers, dates and texts as texts.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from local_dev.aws.json_service import AwsError

Judge = Callable[[Mapping[str, str]], bool]
"""Partition values by key -> whether the partition is wanted."""

_NUMBERS = re.compile(r"(tiny|small|big)?int(eger)?|long|double|float|decimal.*")
_COMPARISONS: dict[type[exp.Expr], Callable[[Any, Any], bool]] = {
    exp.EQ: operator.eq,
    exp.NEQ: operator.ne,
    exp.LT: operator.lt,
    exp.LTE: operator.le,
    exp.GT: operator.gt,
    exp.GTE: operator.ge,
}
_TURNED: dict[type[exp.Expr], type[exp.Expr]] = {exp.LT: exp.GT, exp.LTE: exp.GTE, exp.GT: exp.LT, exp.GTE: exp.LTE}


def partition_filter(text: str, types: Mapping[str, str]) -> Judge:
    """`types` maps each partition key to its type. Raises AwsError for what Glue does not take.

    >>> judge = partition_filter("day >= '2024-05-01' and hour in (1, 2)", {"day": "string", "hour": "int"})
    >>> judge({"day": "2024-05-02", "hour": "02"}), judge({"day": "2024-04-30", "hour": "1"})
    (True, False)
    """
    if not text.strip():
        return lambda values: True
    try:
        tree = sqlglot.parse_one(text, dialect="hive")
    except SqlglotError as error:
        raise _unsupported(text, str(error).partition("\n")[0]) from None
    return _judge(tree, types, text)


def _judge(node: exp.Expr, types: Mapping[str, str], text: str) -> Judge:
    if isinstance(node, exp.Paren):
        return _judge(node.this, types, text)
    if isinstance(node, exp.And | exp.Or):
        left, right = _judge(node.this, types, text), _judge(node.expression, types, text)
        if isinstance(node, exp.And):
            return lambda values: left(values) and right(values)
        return lambda values: left(values) or right(values)
    if isinstance(node, exp.Not):
        inner = _judge(node.this, types, text)
        return lambda values: not inner(values)
    return _condition(node, types, text)


def _condition(node: exp.Expr, types: Mapping[str, str], text: str) -> Judge:
    key, read = _key(node.this, types)
    if key is None and type(node) in _COMPARISONS:  # the constant stands first
        key, read = _key(node.expression, types)
        if key is not None:
            turned = _COMPARISONS[_TURNED.get(type(node), type(node))]
            return _compared(key, read, turned, read(_constant(node.this, text)))
    if key is None:
        raise _unsupported(text, f"{node.sql()} does not compare a partition key; keys are {', '.join(types)}")
    if type(node) in _COMPARISONS:
        return _compared(key, read, _COMPARISONS[type(node)], read(_constant(node.expression, text)))
    if isinstance(node, exp.In):
        wanted = [read(_constant(value, text)) for value in node.expressions]
        return lambda values: read(values[key]) in wanted
    if isinstance(node, exp.Between):
        low, high = read(_constant(node.args["low"], text)), read(_constant(node.args["high"], text))
        return lambda values: low <= read(values[key]) <= high
    if isinstance(node, exp.Like):
        pattern = re.compile(
            re.escape(_constant(node.expression, text)).replace("%", ".*").replace("_", "."), re.DOTALL
        )
        return lambda values: pattern.fullmatch(values[key]) is not None
    raise _unsupported(text, f"{node.sql()} is no comparison that Glue knows")


def _compared(key: str, read: Callable[[str], Any], compare: Callable[[Any, Any], bool], value: Any) -> Judge:
    return lambda values: compare(read(values[key]), value)


def _key(node: exp.Expr | None, types: Mapping[str, str]) -> tuple[str | None, Callable[[str], Any]]:
    name = node.name.lower() if isinstance(node, exp.Column) else ""
    if name not in types:
        return None, str
    return name, _number if _NUMBERS.fullmatch(types[name].lower()) else str


def _number(value: str) -> Decimal:
    try:
        return Decimal(value)
    except InvalidOperation:
        raise AwsError("InvalidInputException", f"{value!r} is not a number") from None


def _constant(node: exp.Expr, text: str) -> str:
    if isinstance(node, exp.Literal):
        return str(node.this)
    if isinstance(node, exp.Neg) and isinstance(node.this, exp.Literal):
        return f"-{node.this.this}"
    if isinstance(node, exp.Cast) and isinstance(node.this, exp.Literal):  # date '2024-05-01'
        return str(node.this.this)
    raise _unsupported(text, f"{node.sql()} is not a constant")


def _unsupported(text: str, why: str) -> AwsError:
    return AwsError("InvalidInputException", f"Unsupported expression '{text}': {why}")
