"""Which columns of a query are computed from doubles that were added up: their last digits go with the order of rows.

No engine promises an order, so two builds of the same rows differ there, on Athena as well as on a laptop.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlglot import exp

from transforms.analyzer.analyze import analyze_tree
from transforms.analyzer.syntax import parse
from transforms.analyzer.tree import call_of, coerced_of
from transforms.analyzer.unfixed import spread
from transforms.column import Schema

_OF_DOUBLES = frozenset(("sum", "avg", "geometric_mean"))
"""Exact for whole numbers and decimals."""
_ALWAYS = frozenset(
    (
        *("variance", "var_samp", "var_pop", "stddev", "stddev_samp", "stddev_pop", "skewness", "kurtosis"),
        *("covar_samp", "covar_pop", "corr", "regr_slope", "regr_intercept"),
    )
)


def rounded_columns(text: str, schema: Schema, given: Collection[str] = ()) -> dict[str, str]:
    """Output columns by their names, with the function that rounds; `given` are such columns of the inputs.

    >>> rounded_columns("select sum(x) as a, sum(n) as b, c / 2 as d from (values (1e0, 1, 5)) t(x, n, c)", {}, ["c"])
    {'a': 'sum', 'd': 'an input'}
    """
    tree = parse(text)
    analyze_tree(tree, schema)
    return spread(tree, _function, given)


def _function(node: exp.Expr) -> str:
    call = call_of(node) if isinstance(node, exp.Anonymous) else None
    if call is None:
        return ""
    summed = call.name in _OF_DOUBLES and any(coerced_of(arg).name in ("double", "real") for arg in call.args)
    return call.name if summed or call.name in _ALWAYS else ""
