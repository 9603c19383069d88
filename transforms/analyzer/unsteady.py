"""Warnings of values in a table that another run, or the other engine, may rightly compute otherwise.

Works on the typed tree. Rows that tie are told apart only where the select list shows more of them than they tie on.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from transforms.analyzer.tree import WRAPPERS, Call, call_of, is_call, place_of
from transforms.analyzer.unfixed import NOW
from transforms.errors import Problem

_ANY = {"arbitrary": "min(x), or max_by(x, y)", "any_value": "min(x), or max_by(x, y)"}
_ESTIMATES = {"approx_distinct": "count(distinct x)"}
_BY_ROW = frozenset(("row_number", "ntile", "first_value", "last_value", "nth_value", "lag", "lead"))
_ORDERLESS = frozenset(("array_sort", "cardinality", "contains", "array_max", "array_min", "arrays_overlap"))
"""Functions for which the order of an array's elements is no matter."""
_CLOCKS: dict[type[exp.Expr], str] = {
    exp.CurrentDate: "current_date",
    exp.CurrentTimestamp: "current_timestamp",
    exp.Localtimestamp: "localtimestamp",
}
_KEYS = ("id", "_line")
"""How the name of a column ends that tells rows apart."""


def unsteady(tree: exp.Expr) -> Iterator[Problem]:
    """A warning for each.

    >>> from transforms.analyzer.analyze import analyze_tree
    >>> from transforms.analyzer.syntax import parse
    >>> tree = parse("select array_agg(n) as ns, array_agg(n order by n) as sorted from (values 1) as v(n)")
    >>> _ = analyze_tree(tree, {})
    >>> for problem in unsteady(tree): print(problem)
    1:8: warning: array_agg without ORDER BY has its elements in any order; write array_agg(x order by x)
    """
    for node in tree.walk():
        if type(node) in _CLOCKS:
            yield _clock(node, _CLOCKS[type(node)])
        elif isinstance(node, exp.Anonymous):
            call = call_of(_outermost(node))
            if call is not None:
                yield from _of_call(call)


def _outermost(node: exp.Expr) -> exp.Expr:
    while isinstance(node.parent, WRAPPERS) and node.parent.this is node:
        node = node.parent
    return node


def _of_call(call: Call) -> Iterator[Problem]:
    if call.name in NOW:
        yield _clock(call.node, f"{call.name}()")
    elif call.name in _ANY:
        yield _warning(call.node, f"{call.name} may give any of the values", _ANY[call.name])
    elif call.name in _ESTIMATES:
        yield _warning(call.node, f"{call.name} is an estimate on Athena and exact on DuckDB", _ESTIMATES[call.name])
    elif call.name == "array_agg" and call.order is None and not _in_orderless(call.node):
        yield _warning(call.node, "array_agg without ORDER BY has its elements in any order", "array_agg(x order by x)")
    elif call.name in _BY_ROW and call.window is not None and _ties(call, call.window):
        yield _warning(
            call.node,
            f"{call.name} over rows that tie in its ORDER BY may take any of them first",
            "order by x, and behind it a column that differs in each of those rows, such as an id",
        )


def _clock(node: exp.Expr, spelled: str) -> Problem:
    return _warning(node, f"{spelled} makes every build of the table another one", ":start or :end")


def _warning(node: exp.Expr, what: str, write: str) -> Problem:
    around: exp.Expr | None = node
    while around is not None and place_of(around) == (0, 0):
        around = around.parent  # a word such as current_date does not know its place
    line, column = place_of(around)
    return Problem(None, line, column, what, "", f"write {write}", "warning")


def _in_orderless(node: exp.Expr) -> bool:
    around = _outermost(node).parent
    return is_call(around, *_ORDERLESS)


def _ties(call: Call, window: exp.Window) -> bool:
    order = window.args.get("order")
    by = [item.this for item in order.expressions] if order is not None else []
    if any(isinstance(key, exp.Column) and key.name.lower().endswith(_KEYS) for key in by):
        return False
    if len(by) > 1 and isinstance(by[-1], exp.Column):
        return False  # the author has thought of ties
    same = [*(window.args.get("partition_by") or ()), *by]
    select = window.find_ancestor(exp.Select)
    shown = [item.unalias() for item in select.expressions] if select is not None else []
    return any(value not in same for item in shown for value in _values(item, same)) or any(
        value not in same for argument in call.args for value in _values(argument, same)
    )


def _values(item: exp.Expr, same: list[exp.Expr]) -> Iterator[exp.Expr]:
    """The columns that an item shows of a row, outside of OVER; what equals a key as a whole shows no more."""
    if item in same:
        return
    if isinstance(item, exp.Column):
        yield item
    for name, part in item.args.items():
        if isinstance(item, exp.Window) and name != "this":
            continue
        for one in part if isinstance(part, list) else [part]:
            if isinstance(one, exp.Expr):
                yield from _values(one, same)
