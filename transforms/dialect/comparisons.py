"""Comparisons and BETWEEN: plain, to be pushed down as filters, except where NaN or a NULL inside matters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from transforms.analyzer.operators import COMPARISONS
from transforms.analyzer.tree import coerced_of, is_call, type_of, zone_of
from transforms.dialect.casts import cast
from transforms.dialect.connectors import connected
from transforms.dialect.equality import NESTED, equal, holds, known, ordered
from transforms.dialect.errors import NotPortable
from transforms.dialect.fallible import may_fail
from transforms.dialect.operators import writes
from transforms.dialect.strictness import behind, in_order, must_wait, only_chooses
from transforms.dialect.trino_bugs import refuse_unwrapped
from transforms.gaps import gap
from transforms.lake_types import FLOATING, INTEGERS, Type

if TYPE_CHECKING:
    from transforms.dialect.rewrite import Writer


@writes(*COMPARISONS)
def comparison(writer: Writer, node: exp.Expr) -> str:
    """As it is, so that filters are pushed down; only doubles need a word about NaN, which DuckDB sorts last."""
    sign = COMPARISONS[type(node)]
    if isinstance(node.expression, (exp.Any, exp.All)):
        return _quantified(writer, sign, node)
    kind = coerced_of(node.this)
    if kind.name in NESTED and sign in ("=", "<>"):
        same = same_values(writer, node.this, node.expression)
        return same if sign == "=" else f"(not {same})"
    left, right = _sides(writer, node, sign)
    if kind.name in NESTED:
        return ordered(left, sign, right, kind)
    comparable(kind, coerced_of(node.expression), sign)
    if kind.name not in FLOATING:
        return f"({left} {sign} {right})"
    return _without_nan(sign, left, right, node.this, node.expression)


def _sides(writer: Writer, node: exp.Expr, sign: str) -> list[str]:
    """Both sides. Athena turns `>` and `>=` round, and computes the right one first; `not (a > b)` is `a <= b`."""
    sides = [node.this, node.expression]
    texts = [*map(writer.value, sides)]
    if sign in (("<", "<=") if _denied(node) else (">", ">=")):
        return in_order(sides[::-1], texts[::-1])[::-1]
    return in_order(sides, texts)


def _denied(node: exp.Expr) -> bool:
    """Whether a NOT stands above a condition, perhaps above the AND or OR in which it stands."""
    denied, above = False, node.parent
    while isinstance(above, (exp.Not, exp.And, exp.Or, exp.Paren)):
        denied ^= isinstance(above, exp.Not)
        above = above.parent
    return denied


@gap("cast(t as time with time zone) = cast(t as time with time zone)")
def comparable(left: Type, right: Type, sign: str) -> None:
    """Refuse the types that are not compared plainly: nested ones, which `equality` compares, and times with a zone."""
    for kind in (left, right):
        if kind.name in ("time with time zone", *NESTED):
            raise NotPortable(f"comparing {kind} is not portable yet", "a comparison of its parts")


@gap("a = array[1e0, null]", "a is distinct from array[1e0, null]")
def same_values(writer: Writer, left: exp.Expr, right: exp.Expr) -> str:
    """Whether two values of the same type are equal. Rows that are written out are compared part by part.

    Athena computes all parts first, so one that may fail keeps the row together.
    """
    kind = coerced_of(left)
    known(kind)
    refuse_unwrapped(left, right)
    one, other = _parts(left), _parts(right)
    fails = one is not None and other is not None and any(map(may_fail, (*one, *other)))
    if one is None or other is None or fails:
        one_text, other_text = in_order((left, right), (writer.value(left), writer.value(right)))
        same = equal(one_text, other_text, kind)
        return f"case when {one_text} = {other_text} then {same} else {same} end" if fails else same
    fields = [field.type for field in kind.fields]
    pairs = zip(
        *([_part(writer, *each) for each in zip(side, fields, strict=True)] for side in (one, other)), strict=True
    )
    return f"({' and '.join(equal(a, b, each) for (a, b), each in zip(pairs, fields, strict=True))})"


def _parts(row: exp.Expr) -> list[exp.Expr] | None:
    """The fields of a row that is written out, `(a, b)` or `row(a, b)`; None for any other value."""
    row = row.unnest()
    return list(row.expressions) if isinstance(row, exp.Tuple) or is_call(row, "row") else None


def _part(writer: Writer, node: exp.Expr, wanted: Type) -> str:
    return cast(writer.value(node), coerced_of(node), wanted, zone=zone_of(node))


def _without_nan(sign: str, left: str, right: str, one: exp.Expr, other: exp.Expr) -> str:
    """NaN equals nothing and is neither less nor greater; compared with NULL even NaN is unknown."""
    plain = f"{left} {sign} {right}"
    calm, other_calm = never_nan(one), never_nan(other)
    if sign == "<>":
        return f"({plain})" if calm or other_calm else f"({plain} or isnan({left}) and {right} is not null)"
    guards = []
    if not calm and (sign in (">", ">=") or (sign == "=" and not other_calm)):
        guards.append(_finite(left, right, other))
    if not other_calm and sign in ("<", "<="):
        guards.append(_finite(right, left, one))
    return f"({' and '.join([plain, *guards])})"


def _finite(value: str, beside: str, node: exp.Expr) -> str:
    """Not NaN, where what it is compared with is no NULL."""
    known = isinstance(_inner(node), exp.Literal)
    return f"{value} <= 'infinity'" if known else f"({value} <= 'infinity' or {beside} is null)"


def _inner(node: exp.Expr) -> exp.Expr:
    while isinstance(node, (exp.Paren, exp.Neg)):
        node = node.this
    return node


def never_nan(node: exp.Expr) -> bool:
    """A literal, or what was a whole number or a decimal."""
    node = _inner(node)
    if isinstance(node, exp.Literal) or type_of(node).name not in FLOATING:
        return True
    return isinstance(node, exp.Cast) and type_of(node.this).name in (*INTEGERS, "decimal")


def matched(writer: Writer, operand: exp.Expr, candidate: exp.Expr) -> str:
    """Whether the operand of a CASE or an IN equals one of its values, in the type that both are compared in.

    A column is in a list that names itself, also where it is NaN.
    """
    kind = coerced_of(candidate)
    left = cast(writer.expression(operand), type_of(operand), kind, zone=zone_of(operand))
    left, right = in_order((operand, candidate), (left, writer.value(candidate)))
    if kind.name in NESTED:
        known(kind)
        return equal(left, right, kind)
    comparable(kind, kind, "=")
    itself = isinstance(operand, exp.Column) and operand == candidate
    if kind.name not in FLOATING or itself:
        return f"({left} = {right})"
    return _without_nan("=", left, right, operand, candidate)


def computed(node: exp.Expr, value: str, of_rows: str) -> str:
    """A value beside the rows of a subquery: Athena computes it, and fails, also where there are no rows."""
    asked = f"({value} {of_rows})"
    return behind([value], asked) if may_fail(node.this) and not only_chooses(node) else asked


@gap("x = all (select 1e0)")
def _quantified(writer: Writer, sign: str, node: exp.Expr) -> str:
    """`= all` and `<> any` of values that differ are known on Athena, whatever is compared with them, even NULL."""
    word = "any" if isinstance(node.expression, exp.Any) else "all"
    inner = node.expression.this
    inner = inner.this if isinstance(inner, (exp.Subquery, exp.Paren)) else inner

    def write() -> str:
        query = writer.query(inner)
        if not query.startswith("select"):
            query = f"select * from ({query})"
        plain = computed(node, writer.value(node.this), f"{sign} {word} ({query})")
        if (sign, word) not in (("=", "all"), ("<>", "any")):
            return f"({plain})"
        kind = coerced_of(node.this)
        if kind.name in (*NESTED, *FLOATING):
            raise NotPortable(f"{sign} {word} of {kind} is not portable yet", "in, or not in")
        differ = f"coalesce((select min(c) <> max(c) from ({query}) as q(c)), false)"
        return f"({plain} and not {differ})" if word == "all" else f"({plain} or {differ})"

    return writer.lift(write)


@writes(exp.NullSafeEQ, exp.NullSafeNEQ)
@gap("m is distinct from m")
def distinctness(writer: Writer, node: exp.Expr) -> str:
    """IS [NOT] DISTINCT FROM; here NaN is like NaN on both engines."""
    if holds(coerced_of(node.this), "map"):
        raise NotPortable("IS DISTINCT FROM of maps is not portable yet", "a comparison with =")
    refuse_unwrapped(node.this, node.expression)
    word = "is not distinct from" if isinstance(node, exp.NullSafeEQ) else "is distinct from"
    return f"({writer.value(node.this)} {word} {writer.value(node.expression)})"


@writes(exp.Is)
def is_null(writer: Writer, node: exp.Expr) -> str:
    """IS NULL."""
    if not isinstance(node.expression, exp.Null):
        raise NotPortable("only IS NULL is portable", "x is null")
    return f"({writer.value(node.this)} is null)"


@writes(exp.Between, parts=("low", "high"))
def between(writer: Writer, node: exp.Expr) -> str:
    """Both ends included; an end that is NaN admits nothing."""
    sides = [node.args[key] for key in ("this", "low", "high")]
    value, low, high = map(writer.value, sides)
    low, high = (in_order((sides[0], end), (value, text))[1] for end, text in ((sides[1], low), (sides[2], high)))
    kind = coerced_of(node.this)
    if kind.name in NESTED:
        return f"({ordered(value, '>=', low, kind)} and {ordered(value, '<=', high, kind)})"
    comparable(kind, kind, "between")
    plain = f"{value} between {low} and {high}"
    if kind.name in FLOATING and not never_nan(node.args["high"]):
        return f"({plain} and {high} <= 'infinity')"
    if any(map(must_wait, sides[1:])):
        return connected("and", [f"{value} >= {low}", f"{value} <= {high}"])
    return f"({plain})"
