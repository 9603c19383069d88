"""Which columns of a query may rightly have other values at every run, and on every engine."""

from __future__ import annotations

from collections.abc import Callable, Collection

from sqlglot import exp

from transforms.analyzer.syntax import parse

ANY = frozenset(("arbitrary", "any_value", "approx_percentile", "approx_distinct", "approx_most_frequent"))
"""Any of several values is right."""
NOW = frozenset(("now", "current_timestamp", "localtimestamp", "current_time", "localtime", "rand", "random", "uuid"))
LISTS = frozenset(("array_agg", "map_agg", "multimap_agg", "histogram"))
"""Their elements have no order unless they say one."""
TIES = frozenset(("row_number", "ntile", "first_value", "last_value", "nth_value", "lag", "lead", "max_by", "min_by"))
"""Fixed only when the order that they go by has no ties, which only the rows know."""


def unfixed_columns(text: str, given: Collection[str] = ()) -> dict[str, str]:
    """Output columns by their names, with the function that leaves them open.

    `given` are the names of columns of the inputs that are open themselves. A name that is open anywhere in the query
    is open everywhere in it, so columns may be named here that are fixed, but none is left out.

    >>> unfixed_columns("with a as (select arbitrary(x) as y, z from t group by z) select y || 'a' as b, z from a")
    {'b': 'arbitrary'}
    """
    return spread(parse(text), _function, given)


def spread(tree: exp.Expr, cause: Callable[[exp.Expr], str], given: Collection[str]) -> dict[str, str]:
    """The output columns in which there is a node with a cause, or a column that has one itself, with the cause."""
    open_ = {name.lower(): "an input" for name in given}
    items = [alias for alias in tree.find_all(exp.Alias) if isinstance(alias.parent, exp.Select)]
    before = -1
    while before != len(open_):
        before = len(open_)
        for item in items:
            if found := _cause(item.this, cause, open_):
                open_.setdefault(item.alias.lower(), found)
    names = tree.named_selects if isinstance(tree, exp.Query) else []
    return {name.lower(): open_[name.lower()] for name in names if name.lower() in open_}


def _cause(expression: exp.Expr, cause: Callable[[exp.Expr], str], open_: dict[str, str]) -> str:
    for node in expression.walk():
        if isinstance(node, exp.Column) and node.name.lower() in open_:
            return open_[node.name.lower()]
        if found := cause(node):
            return found
    return ""


def _function(node: exp.Expr) -> str:
    name = _name(node)
    if name in ANY or name in NOW or name in TIES:
        return name
    listed = name in LISTS and not isinstance(node.parent, exp.Order) and node.find(exp.Order) is None
    return name if listed else ""


def _name(node: exp.Expr) -> str:
    if isinstance(node, exp.Anonymous):
        return (node.this if isinstance(node.this, str) else str(node.this.name)).lower()
    return node.sql_name().lower() if isinstance(node, exp.Func) else ""
