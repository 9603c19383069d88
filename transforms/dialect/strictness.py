"""What NULL keeps from being computed: the sides of an operator and the arguments of a function come in order.

Athena stops at the first that is NULL: `x + 10 / y` is NULL where x is, also where y is 0. What may only become too
large is asked about under TRY alone: elsewhere it would cost much, and can but be an error where Athena has NULL.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlglot import exp

from transforms.analyzer.signatures import kind_of
from transforms.analyzer.tree import is_call, is_literal, is_try, name_of
from transforms.dialect import macros
from transforms.dialect.constants import is_constant, is_folded
from transforms.dialect.fallible import may_fail

_STRICT = (
    *(exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.DPipe, exp.Paren, exp.Neg, exp.Not, exp.Like),
    *(exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE),
)
"""The operators that are NULL as soon as a side is."""
_LENIENT = frozenset(
    ("coalesce", "if", "nullif", "try", "row", "concat_ws", "greatest", "least", "repeat", "format", "typeof", "reduce")
)
"""The functions that compute what stands behind a NULL, or have an order of their own."""


def is_strict(name: str) -> bool:
    """Whether a function is NULL as soon as an argument is."""
    return name not in _LENIENT and kind_of(name) == "scalar"


def is_always_null(node: exp.Expr) -> bool:
    """Whether it is NULL for every row, which Athena sees before it computes any: nothing beside it is computed."""
    if is_call(node, "reduce", "nullif"):
        return is_always_null(node.expressions[0])
    if is_call(node, "coalesce"):
        return all(map(is_always_null, node.expressions))
    if isinstance(node, exp.In) and node.args.get("query") is None:
        return is_always_null(node.this) or all(map(is_always_null, node.expressions))
    if isinstance(node, exp.Anonymous):
        return is_strict(name_of(node)) and any(map(is_always_null, node.expressions))
    if isinstance(node, exp.Cast):
        return is_always_null(node.this)
    if isinstance(node, exp.Case):
        rest = node.args.get("default")
        unmet = node.this is not None and is_always_null(node.this)
        if unmet or all(_differ(node.this, each.this) for each in node.args["ifs"]):
            return rest is None or is_always_null(rest)
        return False
    if isinstance(node, (*_STRICT, exp.Bracket)):
        sides = [*node.iter_expressions()]
        of_rows = any(isinstance(side, (exp.Any, exp.All)) for side in sides)  # of no rows it is false, or true
        return not of_rows and any(map(is_always_null, sides))
    return isinstance(node, exp.Null)


def _differ(one: exp.Expr | None, other: exp.Expr) -> bool:
    """Whether two literals are texts, or whole numbers, that differ, as Athena knows before it runs."""
    if not (isinstance(one, exp.Literal) and isinstance(other, exp.Literal)) or one.is_string != other.is_string:
        return False
    if one.is_string:
        return bool(one.this != other.this)
    return bool(one.this.isdigit() and other.this.isdigit() and int(one.this) != int(other.this))


def in_order(sides: Sequence[exp.Expr], texts: Sequence[str]) -> list[str]:
    """What has been written for the sides, so that those behind a NULL, or beside a constant one, are not computed.

    And so that those before one which only DuckDB knows to be NULL are.
    """
    result, asked, failing = list[str](), dict[str, None](), list[str]()
    waits = may_fail if any(map(is_always_null, sides)) else must_wait
    if any(map(waits, sides)):
        constants = (each for each in zip(sides, texts, strict=True) if is_folded(each[0]) and not may_fail(each[0]))
        asked.update(dict.fromkeys(f"{part} is not null" for each in constants for part in _asked(*each)))
        asked.update({"false": None} if any(map(is_always_null, sides)) else {})
    for node, text in zip(sides, texts, strict=True):
        before = f"case when {' and '.join(asked)} then {text} end" if asked and waits(node) else text
        result.append(behind(failing, before) if failing and _seems_null(node) else before)
        asked.update(dict.fromkeys(f"{part} is not null" for part in _asked(node, text)))
        failing += [before] if may_fail(node) else []
    return result


def behind(failing: Sequence[str], text: str) -> str:
    """The text, for which DuckDB must compute the others first: it does not know that a hash is never NULL."""
    first = " or ".join(f"hash({other}) is null" for other in failing)
    return macros.failing(f"case when {first} then fail('') else {text} end")


def _seems_null(node: exp.Expr) -> bool:
    """Whether DuckDB may find it to be NULL before any row, where Athena computes what stands before it first.

    That is a TRY of constants, and a CASE that compares with NULL.
    """
    parts = node.walk(prune=lambda part: isinstance(part, exp.Lambda))
    return any(is_constant(part) if is_try(part) else _asks_null(part) for part in parts)


def _asks_null(node: exp.Expr) -> bool:
    subject = node.this if isinstance(node, exp.Case) else None
    return subject is not None and any(is_always_null(each.this) for each in node.args["ifs"])


def must_wait(node: exp.Expr) -> bool:
    """Whether it may fail, and so is computed only where what stands before it is no NULL.

    A constant that is compared in WHERE stays plain: only so does DuckDB skip what cannot match.
    """
    return may_fail(node) and not (is_constant(node) and node.parent is not None and only_chooses(node.parent))


def _asked(node: exp.Expr, text: str) -> Iterator[str]:
    """The parts of a side that make it NULL, without those that may fail."""
    if isinstance(node, (exp.Literal, exp.Lambda)) or is_literal(node):
        return
    if not may_fail(node):
        yield text
    elif is_call(node, "element_at") and not any(map(may_fail, node.expressions)):  # it fails at 0, where this is NULL
        yield "({})[{}]".format(*(side.meta["written"] for side in node.expressions))
    elif isinstance(node, _STRICT) or (isinstance(node, exp.Anonymous) and is_strict(name_of(node))):
        for side in node.iter_expressions():
            if "written" in side.meta:
                yield from _asked(side, side.meta["written"])


def only_chooses(node: exp.Expr) -> bool:
    """Whether false and NULL are the same there: in WHERE, HAVING, and ON, under AND and OR only."""
    above = node.parent
    while isinstance(above, (exp.And, exp.Or, exp.Paren)):
        node, above = above, above.parent
    return isinstance(above, (exp.Where, exp.Having)) or (isinstance(above, exp.Join) and node.arg_key == "on")
