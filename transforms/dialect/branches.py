"""CASE and IF whose results are constant conditions: Athena asks only as far as the answers differ.

Each of the two gives what such a CASE begins with; where an error is in what is not asked, that matters.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from transforms.analyzer.tree import type_of
from transforms.dialect.constants import draws, is_constant
from transforms.dialect.filters import filtered_query
from transforms.dialect.strictness import Written, is_always_null, may_fail


def unasked(results: Sequence[Written], rest: Written) -> list[str]:
    """For each branch a condition of DuckDB under which Athena asks neither it nor those behind it.

    That is where all of their results are what ELSE is. Athena plans `case when f(x) then true else 1 = 1 end` as true,
    and a failing f(x) is never computed. It does so only where all results are constants, of which none is NULL;
    elsewhere the texts are empty.
    """
    every = (*results, rest)
    if any(type_of(node).name != "boolean" or not is_constant(node) or draws(node) for node, _ in every):
        return [""] * len(results)
    if any(may_fail(node) for node, _ in every):
        return [""] * len(results)
    known = [f"({text}) is not null" for _, text in every]
    same = [f"({text}) = ({rest[1]})" for _, text in results]
    return [" and ".join((*known, *same[n:])) for n in range(len(results))]


def settled(node: exp.Expr, conditions: Sequence[exp.Expr], results: Sequence[Written]) -> str:
    """The WHEN that comes before all others in a CASE that chooses rows, where Athena plans it without its conditions.

    That is where no result is true (Trino's `SimplifyFilterPredicate`), and where one condition has one result for
    true and false. Elsewhere the text is empty.
    """
    if not any(map(may_fail, conditions)) or filtered_query(node) is None or type_of(node).name != "boolean":
        return ""
    texts = {text for _, text in results}
    if len(conditions) == 1 and len(results) == 2 and len(texts) == 1 and not any(draws(part) for part, _ in results):
        return f"when true then {results[0][1]} "
    asked = [(part, text) for part, text in results if not is_always_null(part)]
    if not all(is_constant(part) and not draws(part) and not may_fail(part) for part, _ in asked):
        return ""
    return f"when not ({' or '.join(f'coalesce({text}, false)' for _, text in asked) or 'false'}) then false "
