"""What may fail in an expression, on Athena: a division, a text that is no number, an index, a call.

Asked of what has been written: whoever writes a call notes whether it raises. Never decides what comes first.
"""

from __future__ import annotations

from sqlglot import exp

from transforms.analyzer.signatures import kind_of
from transforms.analyzer.tree import is_call, is_literal, is_try, name_of, type_of
from transforms.lake_types import FLOATING, INTEGERS, NUMBERS

Written = tuple[exp.Expr, str]
"""An expression, and what has been written for it: its SQL for DuckDB."""


def written(node: exp.Expr, text: str, *, raises: bool = False) -> str:
    """Note what has been written for a node, and whether it raises by itself; gives the text."""
    node.meta["written"] = text
    if raises:
        node.meta["raises"] = True
    return text


def may_fail(node: exp.Expr) -> bool:
    """Whether Athena may raise in it. Of what may become too large `may_overflow` tells."""
    return not isinstance(node, exp.Lambda) and any(map(_raises, node.walk(prune=_fails_elsewhere)))


def _fails_elsewhere(node: exp.Expr) -> bool:
    """A TRY catches what fails in it; a subquery, an aggregate and a window are computed before what they stand in."""
    return is_try(node) or isinstance(node, exp.Query) or gathers(node)


def gathers(node: exp.Expr) -> bool:
    """Whether it computes one value of several rows: an aggregate or a window function."""
    return isinstance(node, exp.Anonymous) and kind_of(name_of(node)) in ("aggregate", "window")


def _raises(node: exp.Expr) -> bool:
    """Whether it may fail by itself, whatever stands in it."""
    if isinstance(node, (exp.Div, exp.Mod)):
        divisor = node.expression
        return type_of(node).name not in FLOATING and not (isinstance(divisor, exp.Literal) and divisor.this.strip("0"))
    if isinstance(node, exp.Cast) and not isinstance(node, exp.TryCast) and not is_literal(node):
        reads = type_of(node.this).name == "varchar" and type_of(node).name != "varchar"
    else:
        reads = isinstance(node, exp.Bracket) and type_of(node.this).name != "row"
    return reads or bool(node.meta_get("raises"))


def may_overflow(node: exp.Expr) -> bool:
    """Whether it may become too large for its type."""
    signs = isinstance(node, (exp.Add, exp.Sub, exp.Mul)) or (
        isinstance(node, exp.Neg) and not isinstance(node.this, exp.Literal)
    )
    grows = signs or is_call(node, "abs")
    return (grows and type_of(node).name in (*INTEGERS, "decimal")) or _narrows(node)


def _narrows(node: exp.Expr) -> bool:
    """Whether it is a cast of numbers, or of json, to a type that does not hold all of them."""
    if not isinstance(node, exp.Cast) or isinstance(node, exp.TryCast) or is_literal(node):
        return False
    here, to = type_of(node.this), type_of(node)
    if here.name in INTEGERS and to.name in INTEGERS:
        return INTEGERS.index(here.name) > INTEGERS.index(to.name)
    return here.name == "json" or (here.name in NUMBERS and to.name in (*INTEGERS, "decimal"))
