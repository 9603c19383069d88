"""What in an expression is computed from constants alone."""

from __future__ import annotations

from sqlglot import exp

from transforms.analyzer.tree import is_literal, is_try

_ROWS = (exp.Column, exp.Query, exp.Exists, exp.Window, exp.Star)
_WRITTEN = (exp.Literal, exp.Null, exp.Boolean, exp.HexString, exp.Interval, exp.DataType)
_CONSTRUCTORS = (exp.Array, exp.Tuple, exp.Paren, exp.Neg, exp.Lambda)
_COLUMN = "."
_DRAWN = frozenset(("rand", "random", "shuffle", "uuid"))


def is_constant(node: exp.Expr) -> bool:
    """Whether it reads no column, and no variable from around it."""
    return not _read(node)[0]


def is_written_null(node: exp.Expr) -> bool:
    """Whether NULL is written out here, perhaps cast; `is_always_null` knows what comes to it besides."""
    while isinstance(node, (exp.Cast, exp.Paren)):
        node = node.this
    return isinstance(node, exp.Null)


def computes_constant(node: exp.Expr) -> bool:
    """Whether a call, a cast or an operator in it reads no column, and no variable from around it."""
    return _read(node)[1]


def draws(node: exp.Expr) -> bool:
    """Whether it is another value for each row, though it reads none."""
    return any(isinstance(part, exp.Rand) or part.name.lower() in _DRAWN for part in node.find_all(exp.Func))


def is_same_for_all(node: exp.Expr) -> bool:
    """Whether it is one value for all rows."""
    return is_constant(node) and not draws(node)


def is_folded(node: exp.Expr) -> bool:
    """Whether Athena's plan has its value: one for all rows, without a TRY, which is computed with the rows."""
    return is_same_for_all(node) and not any(map(is_try, node.walk()))


def _read(node: exp.Expr) -> tuple[frozenset[str], bool]:
    """The variables that an expression reads, with a point for columns; whether something in it reads none."""
    if isinstance(node, _ROWS):
        return frozenset(_COLUMN), False
    if isinstance(node, exp.Identifier):
        return frozenset((node.name.lower(),)), False
    if isinstance(node, _WRITTEN) or is_literal(node):
        return frozenset(), False
    if isinstance(node, exp.Lambda):
        read, computes = _read(node.this)
        return read - {each.name.lower() for each in node.expressions}, computes
    parts = [_read(part) for part in node.iter_expressions()]
    read = frozenset().union(*(names for names, _ in parts))
    return read, any(computes for _, computes in parts) or not (read or isinstance(node, _CONSTRUCTORS))
