"""WHERE: Athena computes part after part, and what bounds a column of a table before the others.

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
from transforms.dialect.strictness import gathers, is_always_null, may_fail, only_chooses

_COMPARISONS = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Between, exp.In, exp.Is)
_BOUNDING = (*_COMPARISONS, exp.And, exp.Or, exp.Not, exp.Paren, exp.Cast)
_UNWRAPPED = ("date", "date_trunc", "year")
"""Functions that Athena takes off a column that is compared with a constant."""
_JOINED = ("joins", "laterals")
_GATHERED = (*_JOINED, "group", "distinct", "having", "limit", "offset")

Written = tuple[exp.Expr, str]
"""A part of a filter, and what has been written for it."""


def in_turn(node: exp.Expr, parts: Sequence[Written]) -> str | None:
    """An AND of which a part may fail, where false and NULL are the same.

    None if no part may, or if Athena's plan decides on the order: outside of the WHERE of one table.
    """
    nodes = [node for node, _ in parts]
    if not only_chooses(node) or not any(may_fail(part) for part in nodes if not is_constant(part)):
        return None
    if any(map(is_always_null, nodes)):
        return "false"
    if not _is_filter(node) or not _of_one_table(nodes):
        return None
    bounds, others, beside = list[Written](), list[Written](), list[str]()
    for part, text in parts:
        column = _bounded(part)
        (others if column is None else bounds).append((part, text))
        if column is not None:
            beside.append(text if field_of(column).days else f"({text} or ({text}) is null)")
    return f"({' and '.join([*beside, _sequence([*bounds, *others])])})"


def _is_filter(node: exp.Expr) -> bool:
    """Whether it is the whole WHERE of a query without a join; within an OR no part comes before the others."""
    above = node.parent
    while isinstance(above, (exp.And, exp.Paren)):
        above = above.parent
    query = above.parent if isinstance(above, exp.Where) else None
    return query is not None and not any(map(query.args.get, _JOINED))


def _of_one_table(nodes: Sequence[exp.Expr]) -> bool:
    columns = [column for node in nodes for column in node.find_all(exp.Column)]
    one = len({column.table for column in columns}) <= 1 and all(map(_is_scanned, columns))
    return one and not any(node.find(exp.Query) for node in nodes)


def _bounded(node: exp.Expr) -> exp.Column | None:
    """The column of a table that a part may bound: the only one in it, compared as it is or cast."""
    columns = {column.sql(): column for column in node.find_all(exp.Column)}
    parts = [part for part in node.walk(prune=_is_settled) if not _is_settled(part)]
    if len(columns) != 1 or may_fail(node) or not all(map(_bounds, parts)):
        return None
    (column,) = columns.values()
    return column if _is_stored(column) else None


def _is_settled(part: exp.Expr) -> bool:
    return isinstance(part, exp.Column) or is_constant(part)


def _bounds(part: exp.Expr) -> bool:
    if isinstance(part, exp.Like):
        return not part.expression.name.startswith(("%", "_"))
    return isinstance(part, _BOUNDING) or (isinstance(part, exp.Anonymous) and part.name.lower() in _UNWRAPPED)


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
    if below is None:
        return True
    select = below.find_ancestor(exp.Select)
    if isinstance(below, (exp.Unnest, exp.Values)) or select is None or any(map(gathers, below.walk())):
        return False
    return not any(map(select.args.get, _GATHERED)) and all(map(_is_scanned, below.find_all(exp.Column)))


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
