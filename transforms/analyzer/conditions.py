"""The rules for what is true or false: AND, OR, NOT, comparisons, BETWEEN, IN, IS, LIKE."""

from __future__ import annotations

import re

from sqlglot import exp

from transforms.analyzer.coercion import NUMBERS, common_of
from transforms.analyzer.faults import Fault, Unknowable, brief
from transforms.analyzer.operators import COMPARISONS, comparison
from transforms.analyzer.scope import Scope
from transforms.analyzer.tree import cells_of, coerce, coerce_output, is_query, name_of
from transforms.analyzer.walk import Walk, mixed_decimals, on
from transforms.lake_types import BOOLEAN, UNKNOWN, Type
from transforms.lake_types import Field as RowField

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_COMPARISONS: dict[type[exp.Expr], str] = {
    **COMPARISONS,
    exp.NullSafeEQ: "is not distinct from",
    exp.NullSafeNEQ: "is distinct from",
}
_CONDITIONS = (*_COMPARISONS, exp.Between, exp.In, exp.Is, exp.Like, exp.Escape, exp.Not, exp.And, exp.Or)
_TEXTS = ("varchar", "char", "unknown")


@on(exp.And, exp.Or)
def _logic(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    """Each side reports its own faults, so that all conditions of a query are checked at once."""
    before, walk.uncertain = walk.uncertain, False
    for side in list(node.flatten(unnest=False)):
        with walk.reporting():
            walk.boolean(side, scope, f"each side of {node.key.upper()}")
    uncertain, walk.uncertain = walk.uncertain, walk.uncertain or before
    if uncertain:
        raise Unknowable
    inner = node.this
    while isinstance(inner, type(node)):
        inner.meta["type"] = BOOLEAN
        inner = inner.this
    return BOOLEAN


@on(exp.Not)
def _not(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    walk.boolean(node.this, scope, "what stands behind NOT")
    return BOOLEAN


@on(*_COMPARISONS)
def _compare(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    _plain_operands(node.this, node.expression)
    left = walk.type(node.this, scope)
    operator = _COMPARISONS[type(node)]
    _name_quantifier(node)
    if isinstance(node.expression, (exp.Any, exp.All)):
        return _quantified(walk, node, operator, left, scope)
    right = walk.type(node.expression, scope)
    common = comparison(operator, left, right)
    if common is None:
        raise not_comparable(node, operator, left, right)
    sides = [node.this, node.expression]
    mixed_decimals(walk, sides)
    for side in sides:
        coerce(side, common)
    return BOOLEAN


def _plain_operands(*operands: exp.Expr) -> None:
    """What a comparison, IN, LIKE, BETWEEN or IS compares is no condition itself, unless it has parentheses."""
    for operand in operands:
        if isinstance(operand, _CONDITIONS):
            raise Fault(operand, "a condition is compared without parentheses", write="write (a = b) = c")


def not_comparable(node: exp.Expr, operator: str, left: Type, right: Type) -> Fault:
    write = ""
    names = {left.name, right.name}
    if "varchar" in names and names & NUMBERS:
        number = next(type_ for type_ in (left, right) if type_.name in NUMBERS)
        texts = [side.this for side in node.iter_expressions() if isinstance(side, exp.Literal) and side.is_string]
        name = number.name if number.name != "decimal" else str(number)
        write = f"write cast(.. as {name}) around the varchar"
        wrong = next((each for each in texts if not _NUMBER.fullmatch(each.strip())), None)
        if wrong is not None:
            write = f"'{wrong}' is no number; compare the number with a number, or a text with it"
    elif "varchar" in names and names & {"date", "timestamp"}:
        write = f"write {'date' if 'date' in names else 'timestamp'} '..' or cast(.. as {min(names - {'varchar'})})"
    return Fault(node, f"cannot compare {brief(left)} {operator} {brief(right)}", "", write)


def _name_quantifier(node: exp.Expr) -> None:
    """`x = all (values 1)`, which the parser takes for a call."""
    call = node.expression
    if isinstance(call, exp.Anonymous) and len(call.expressions) == 1 and is_query(call.expressions[0]):
        kind = {"all": exp.All, "any": exp.Any, "some": exp.Any}.get(name_of(call))
        if kind is not None:
            node.set("expression", kind(this=call.expressions[0]))


def _quantified(walk: Walk, node: exp.Expr, operator: str, left: Type, scope: Scope) -> Type:
    right = node.expression
    found = walk.type(right.this, scope)
    common = comparison(operator, left, found)
    if common is None:
        raise not_comparable(node, operator, left, found)
    right.meta["type"] = found
    coerce(node.this, common)
    if common.name != "row":
        coerce_output(right.this, [common])
    return BOOLEAN


@on(exp.Between)
def _between(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    _plain_operands(*(node.args[key] for key in ("this", "low", "high")))
    for key in ("this", "low", "high"):
        walk.type(node.args[key], scope)
    sides = [node.this, node.args["low"], node.args["high"]]
    types = [side.meta["type"] for side in sides]
    common = common_of(types)
    if common is None or comparison("<=", common, common) is None:
        other = next((type_ for type_ in types[1:] if comparison("<=", types[0], type_) is None), types[1])
        raise not_comparable(node, "between", types[0], other)
    mixed_decimals(walk, sides)
    for side in sides:
        coerce(side, common)
    return BOOLEAN


@on(exp.In)
def _in(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    _plain_operands(node.this)
    left = walk.type(node.this, scope)
    if len(node.expressions) == 1 and is_query(node.expressions[0]):
        node.set("query", exp.Subquery(this=node.expressions[0]))
        node.set("expressions", [])
    query = node.args.get("query")
    if query is not None:
        found = walk.type(query, scope)
        if left.name == "row" and _has_one_column(query):
            found = query.meta["type"] = Type("row", (), (), (RowField(None, found),))
        common = comparison("=", left, found)
        if common is None:
            raise not_comparable(node, "in", left, found)
        coerce(node.this, common)
        coerce(query, common)
        if common.name != "row":
            coerce_output(query, [common])
        return BOOLEAN
    if not node.expressions:
        raise Fault(node, "IN needs a list or a subquery in parentheses")
    walk.types(node.expressions, scope)
    values = [node.this, *node.expressions]
    common = common_of([value.meta["type"] for value in values])
    if common is None:
        right = next(v.meta["type"] for v in values[1:] if common_of([left, v.meta["type"]]) is None)
        raise not_comparable(node, "in", left, right)
    mixed_decimals(walk, values)
    for value in values:
        coerce(value, common)
    return BOOLEAN


def _has_one_column(query: exp.Expr) -> bool:
    """Whether a query gives one value in each row, for which a row stands that has it as its only field."""
    while isinstance(query, (exp.Subquery, exp.SetOperation)):
        query = query.this
    return len(cells_of(query.expressions[0]) if isinstance(query, exp.Values) else query.expressions) == 1


@on(exp.Is)
def _is(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    _plain_operands(node.this)
    walk.type(node.this, scope)
    if not isinstance(node.expression, exp.Null):
        what = (
            "IS TRUE and IS FALSE do not exist" if isinstance(node.expression, exp.Boolean) else "IS is for NULL alone"
        )
        raise Fault(node, f"{what} on Athena", write="write x = .., or x is not distinct from ..")
    node.expression.meta["type"] = UNKNOWN
    return BOOLEAN


@on(exp.Like)
def _like(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    _plain_operands(node.this, node.expression)
    for side in ("this", "expression"):
        found = walk.type(node.args[side], scope)
        if found.name not in _TEXTS:
            raise Fault(
                node.args[side], f"LIKE is for text, but this is {brief(found)}", write="write cast(.. as varchar)"
            )
    return BOOLEAN


@on(exp.Escape)
def _escape(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    mark = walk.type(node.expression, scope)
    if mark.name not in _TEXTS:
        raise Fault(node.expression, f"ESCAPE takes one character, but this is {brief(mark)}", write="write escape '!'")
    return walk.type(node.this, scope)
