"""CASE, and what CASE and IF need where their results are conditions: Athena asks only as far as the answers differ.

Where an error is in what it does not ask, that matters: `unasked` and `settled` give WHENs to put before the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from sqlglot import exp

from transforms.analyzer.tree import is_call, type_of
from transforms.dialect.comparisons import matched
from transforms.dialect.constants import draws, is_constant, is_folded
from transforms.dialect.fallible import Written, may_fail
from transforms.dialect.filters import filtered_query
from transforms.dialect.operators import writes
from transforms.dialect.strictness import is_always_null

if TYPE_CHECKING:
    from transforms.dialect.rewrite import Writer


@writes(exp.Case, parts=("ifs", "default"))
def case(writer: Writer, node: exp.Expr) -> str:
    """CASE evaluates only the branch that is taken, on both.

    `case x when x` is true on Athena where x is NULL or NaN too, unless x is computed before the query runs.
    """
    default, branches = node.args.get("default"), node.args["ifs"]
    results = [(part, writer.value(part)) for part in (*(each.args["true"] for each in branches), default) if part]
    whens, rest = " ".join(_whens(writer, node, results)), f" else {results[-1][1]}" if default else ""
    first = settled(node, [part for part in (node.this, *(each.this for each in branches)) if part], results)
    return f"case {first}{whens}{rest} end"


def _whens(writer: Writer, node: exp.Expr, results: Sequence[Written]) -> Iterator[str]:
    """Each branch, and before it one in which its condition is not computed, where Athena does not ask it."""
    given, branches = node.this, node.args["ifs"]
    conditions = [_met(writer, given, each.this) for each in branches]
    left_out = [""] * len(branches)
    if given is None and node.args.get("default") is not None and any(may_fail(each.this) for each in branches):
        left_out = unasked(results[:-1], results[-1])
    for condition, (_, result), unless in zip(conditions, results, left_out, strict=False):
        yield f"{f'when {unless} then {result} ' * bool(unless)}when {condition} then {result}"


def _met(writer: Writer, given: exp.Expr | None, asked: exp.Expr) -> str:
    if given is None:
        return writer.value(asked)
    if not is_constant(given) and _simplified(given) == _simplified(asked):
        return "true"
    return matched(writer, given, asked)


def _simplified(node: exp.Expr) -> exp.Expr:
    """What Athena compares the sides of a CASE as: without parentheses, and without a COALESCE of one value only."""
    while isinstance(node, (exp.Paren, exp.Anonymous)):
        if isinstance(node, exp.Paren):
            node = node.this
        elif is_call(node, "coalesce") and len(set(map(_simplified, node.expressions))) == 1:
            node = node.expressions[0]
        else:
            break
    return node


def unasked(results: Sequence[Written], rest: Written) -> list[str]:
    """For each branch a condition of DuckDB under which Athena asks neither it nor those behind it.

    That is where all of their results are what ELSE is. Athena plans `case when f(x) then true else 1 = 1 end` as true,
    and a failing f(x) is never computed. It does so only where all results are constants, of which none is NULL;
    elsewhere the texts are empty.
    """
    every = (*results, rest)
    if any(type_of(node).name != "boolean" or not is_folded(node) or may_fail(node) for node, _ in every):
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
    if not all(is_folded(part) and not may_fail(part) for part, _ in asked):
        return ""
    return f"when not ({' or '.join(f'coalesce({text}, false)' for _, text in asked) or 'false'}) then false "
