"""WHERE and HAVING: Athena computes part after part, and what bounds a column of a table before the others.

DuckDB computes first what it can skip files by. Where a part may fail, the order decides whether it does: then the
parts stand in CASEs, and beside them what bounds a column, for DuckDB to skip by. A NULL does not end Athena's search,
so that the rows where a bound is NULL are not skipped.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from transforms.analyzer.tree import field_of
from transforms.dialect import connectors
from transforms.dialect.constants import is_constant
from transforms.dialect.strictness import gathers, is_always_null, may_fail

_COMPARISONS = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE)

Written = tuple[exp.Expr, str]
"""A part of a filter, and what has been written for it."""


def in_turn(parts: Sequence[Written]) -> str | None:
    """A filter of which a part may fail.

    None if none may, or if Athena's plan decides on the order: of joins, of subqueries, of what is computed below.
    """
    nodes = [node for node, _ in parts]
    if not any(may_fail(node) for node in nodes if not is_constant(node)):
        return None
    if any(map(is_always_null, nodes)):
        return "false"
    if not _of_one_table(nodes):
        return None
    bounded = [(node, text, column) for node, text in parts if (column := _bounded(node))]
    others = [(node, text) for node, text in parts if not _bounded(node)]
    beside = [text if field_of(column).days else f"({text} or ({text}) is null)" for _, text, column in bounded]
    return f"({' and '.join([*beside, _sequence([*((node, text) for node, text, _ in bounded), *others])])})"


def _of_one_table(nodes: Sequence[exp.Expr]) -> bool:
    columns = [column for node in nodes for column in node.find_all(exp.Column)]
    one = len({column.table for column in columns}) <= 1 and all(map(_is_scanned, columns))
    return one and not any(node.find(exp.Query) for node in nodes)


def _bounded(node: exp.Expr) -> exp.Column | None:
    """The column of a table that a part compares with constants alone."""
    while isinstance(node, (exp.Paren, exp.Not)):
        node = node.this
    sides = [node]
    if isinstance(node, _COMPARISONS):
        sides = [node.this, node.expression]
    elif isinstance(node, exp.Between):
        sides = [node.this, node.args["low"], node.args["high"]]
    elif isinstance(node, (exp.In, exp.Is)):
        sides = [node.this, *node.expressions]
    elif isinstance(node, exp.Like) and not node.expression.name.startswith(("%", "_")):
        sides = [node.this, node.expression]
    others = [side for side in sides if not is_constant(side)]
    if len(others) != 1 or not isinstance(others[0], exp.Column) or any(map(may_fail, sides)):
        return None
    return others[0] if _is_stored(others[0]) else None


def _is_stored(column: exp.Expr) -> bool:
    """Whether it is a column of a table or a view, under whatever name."""
    while isinstance(column, exp.Column):
        below = field_of(column).made_of
        if below is None:
            return True
        column = below
    return False


def _is_scanned(column: exp.Expr) -> bool:
    """Whether it is computed row by row from one table's columns: then Athena filters where it reads the table."""
    below = field_of(column).made_of
    return below is None or not (
        isinstance(below, (exp.Unnest, exp.Values))
        or any(map(gathers, below.walk()))
        or not all(map(_is_scanned, below.find_all(exp.Column)))
    )


def _sequence(parts: Sequence[Written]) -> str:
    """True where all parts are; each is computed where none before it is false."""
    failing = [index for index, (node, text) in enumerate(parts) if may_fail(node) or connectors.may_fail(text)]
    first = max(failing[0], 1) if failing else len(parts)
    before = " and ".join(text for _, text in parts[:first])
    if first == len(parts):
        return f"({before})"
    rest = _sequence(parts[first:])
    if failing == [0]:
        return f"case when {before} then {rest} else false end"
    return f"case when not ({before}) then false when {rest} then ({before}) else false end"
