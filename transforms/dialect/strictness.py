"""Operators that are NULL when one side is: Athena computes their sides in order and stops at the first NULL."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from sqlglot import exp

from transforms.analyzer.tree import is_literal, type_of

_STRICT = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.DPipe, exp.Paren, exp.Neg)


def in_order(sides: Sequence[exp.Expr], write: Callable[[exp.Expr], str]) -> list[str]:
    """The sides as DuckDB must compute them: `x + 10 / y` is NULL where x is, also where y is 0."""
    result, asked = list[str](), dict[str, None]()
    for node in sides:
        guarded = asked and _may_fail(node)
        result.append(f"case when {' and '.join(asked)} then {write(node)} end" if guarded else write(node))
        asked.update(dict.fromkeys(f"{part} is not null" for part in _asked(node, write)))
    return result


def _asked(node: exp.Expr, write: Callable[[exp.Expr], str]) -> Iterator[str]:
    """The parts of a side that make it NULL, without those that may fail."""
    if isinstance(node, exp.Literal) or is_literal(node):
        return
    if not _may_fail(node):
        yield write(node)
    elif isinstance(node, _STRICT):
        for side in (node.this, node.args.get("expression")):
            if side is not None:
                yield from _asked(side, write)


def _may_fail(node: exp.Expr) -> bool:
    """Whether Athena may raise in it: a division, a text that is no number, an index."""
    return any(map(_raises, node.walk(prune=lambda part: isinstance(part, exp.Query))))


def _raises(node: exp.Expr) -> bool:
    if isinstance(node, (exp.Div, exp.Mod)):
        return type_of(node).name not in ("real", "double")
    if isinstance(node, exp.Cast) and not isinstance(node, exp.TryCast):
        return not is_literal(node) and type_of(node.this).name == "varchar" and type_of(node).name != "varchar"
    return isinstance(node, exp.Bracket) and type_of(node.this).name != "row"
