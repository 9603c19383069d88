"""CASE and IF whose results are constant conditions: Athena asks only as far as the answers differ."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from transforms.analyzer.tree import type_of
from transforms.dialect.constants import draws, is_constant
from transforms.dialect.strictness import may_fail

Written = tuple[exp.Expr, str]
"""An expression and its SQL for DuckDB."""


def unasked(results: Sequence[Written], rest: Written) -> list[str]:
    """For each branch when it is not asked about: it, and all after it, are true, or false, as what is left is.

    Athena plans `case when f(x) then true else 1 = 1 end` as true, and a failing f(x) is never computed. It does so
    only where all results are constants, of which none is NULL; elsewhere the texts are empty.
    """
    every = (*results, rest)
    if any(type_of(node).name != "boolean" or not is_constant(node) or draws(node) for node, _ in every):
        return [""] * len(results)
    if any(may_fail(node) for node, _ in every):
        return [""] * len(results)
    known = [f"({text}) is not null" for _, text in every]
    same = [f"({text}) = ({rest[1]})" for _, text in results]
    return [" and ".join((*known, *same[n:])) for n in range(len(results))]
