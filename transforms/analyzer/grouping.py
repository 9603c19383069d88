"""Whether every expression of a query with GROUP BY or aggregates has one value per group, as Athena demands."""

from __future__ import annotations

from sqlglot import exp

from transforms.analyzer.faults import Fault
from transforms.analyzer.scope import Field, Scope
from transforms.analyzer.tree import bare, is_call
from transforms.analyzer.walk import Walk

_QUERIES = (exp.Subquery, exp.Select, exp.SetOperation, exp.Exists)


def check_grouped(walk: Walk, nodes: list[exp.Expr], keys: list[exp.Expr], scope: Scope) -> None:
    """Report each expression that is neither a key, nor made of keys and aggregates."""
    grouped = {*keys, *map(bare, keys)}
    own = {id(item) for relation in scope.relations for item in relation.fields}
    aggregates = {id(node) for node in walk.aggregates}
    for node in nodes:
        with walk.reporting():
            _check(node, grouped, own, aggregates)


def _check(node: exp.Expr, grouped: set[exp.Expr], own: set[int], aggregates: set[int]) -> None:
    if node in grouped or id(node) in aggregates or bare(node) in grouped:
        return
    if isinstance(node, (exp.Filter, exp.WithinGroup)):
        _check(node.this, grouped, own, aggregates)
        return
    if isinstance(node, exp.Column):
        found: Field | None = node.meta_get("field")
        if found is not None and id(found) in own:
            spelled = node.name if not node.table else f"{node.table}.{node.name}"
            write = f"write arbitrary({spelled}), or add {spelled} to GROUP BY"
            raise Fault(node, f"{spelled} is neither in GROUP BY nor inside an aggregate", "", write)
        return
    if isinstance(node, exp.Paren):
        _check(node.this, grouped, own, aggregates)
        return
    if isinstance(node, _QUERIES):
        for column in node.find_all(exp.Column):
            if column not in grouped:
                _check(column, grouped, own, aggregates)
        return
    if is_call(node, "grouping"):
        for argument in node.expressions:
            if argument not in grouped:
                raise Fault(argument, "the arguments of grouping must be columns of GROUP BY")
        return
    for child in node.iter_expressions():
        _check(child, grouped, own, aggregates)
