"""Comparisons: plain, so that filters are pushed down, except where NaN or a NULL inside a value would matter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from transforms.analyzer.tree import coerced_of, type_of, zone_of
from transforms.dialect.casts import cast
from transforms.dialect.connectors import connected, may_fail
from transforms.dialect.errors import Invalid, NotPortable
from transforms.dialect.operators import writes
from transforms.dialect.rules import helper
from transforms.dialect.types import text
from transforms.dialect.vectorised import row_by_row
from transforms.gaps import gap
from transforms.lake_types import INTEGERS, Type

if TYPE_CHECKING:
    from transforms.dialect.rewrite import Writer

_COMPARISONS: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}


@writes(*_COMPARISONS)
def comparison(writer: Writer, node: exp.Expr) -> str:
    """As it is, so that filters are pushed down; only doubles need a word about NaN, which DuckDB sorts last."""
    sign = _COMPARISONS[type(node)]
    if isinstance(node.expression, (exp.Any, exp.All)):
        return _quantified(writer, sign, node)
    kind = coerced_of(node.this)
    if kind.name == "row" and sign in ("=", "<>"):
        equal = _same_rows(writer, node.this, node.expression)
        return equal if sign == "=" else f"(not {equal})"
    left, right = writer.value(node.this), writer.value(node.expression)
    if kind.name == "array" and sign in ("=", "<>"):
        simple(kind.element)
        return f"athena_same_arrays({left}, {right})" if sign == "=" else f"(not athena_same_arrays({left}, {right}))"
    _comparable(kind, coerced_of(node.expression), sign)
    if kind.name not in ("real", "double"):
        return f"({left} {sign} {right})"
    return _without_nan(sign, left, right, node.this, node.expression)


@gap("m = m", "a < a")
def _comparable(left: Type, right: Type, sign: str) -> None:
    for kind in (left, right):
        if kind.name == "time with time zone" or _has_null_trouble(kind):
            raise NotPortable(f"comparing {kind} is not portable yet", "a comparison of its parts")


helper(
    "same_arrays(a, b)",
    "case when a is null or b is null then null when len(a) <> len(b) then false "
    "when list_count(a) = len(a) and list_count(b) = len(b) then a = b "
    "when len(list_filter(list_zip(a, b), lambda p: p[1] <> p[2])) > 0 then false end",
)
_SIMPLE = (*INTEGERS, "varchar", "char", "date", "boolean", "decimal", "timestamp", "json", "unknown")


@gap("array[x] = array[x]", "row(i, x) = row(i, x)")
def simple(kind: Type) -> None:
    """Values of these types are equal in the same way on both engines; floating numbers have NaN."""
    if kind.name not in _SIMPLE:
        raise NotPortable(
            f"comparing elements of type {kind} is not portable yet", "unnest, and a comparison of the parts"
        )


@gap("(i, s) in ((1, null))")
def _same_rows(writer: Writer, left: exp.Expr, right: exp.Expr) -> str:
    """Rows written out are compared part by part: a NULL in one makes the result unknown, which DuckDB ignores."""
    pairs = list(zip(_parts(left), _parts(right), strict=True))
    equals = []
    for one, other in pairs:
        for part in (one, other):
            simple(type_of(part))
        if type_of(one).name != type_of(other).name and not {type_of(one).name, type_of(other).name} <= {*INTEGERS}:
            raise NotPortable("comparing rows of different types is not portable yet", "a comparison of its parts")
        equals.append(f"{writer.value(one)} = {writer.value(other)}")
    return f"({' and '.join(equals)})"


@gap("r = r")
def _parts(row: exp.Expr) -> list[exp.Expr]:
    while isinstance(row, exp.Paren):
        row = row.this
    written = isinstance(row, exp.Anonymous) and row.name.lower() == "row"
    if not (isinstance(row, exp.Tuple) or written):
        raise NotPortable("comparing rows is portable only where they are written out", "(a, b) = (c, d)")
    return list(row.expressions)


def _has_null_trouble(kind: Type) -> bool:
    return kind.name in ("array", "map", "row")


def _without_nan(sign: str, left: str, right: str, one: exp.Expr, other: exp.Expr) -> str:
    """NaN equals nothing and is neither less nor greater; compared with NULL even NaN is unknown."""
    plain = f"{left} {sign} {right}"
    calm, other_calm = _never_nan(one), _never_nan(other)
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


def _never_nan(node: exp.Expr) -> bool:
    """A literal, or what was a whole number or a decimal."""
    node = _inner(node)
    if isinstance(node, exp.Literal) or type_of(node).name not in ("real", "double"):
        return True
    return isinstance(node, exp.Cast) and type_of(node.this).name in (*INTEGERS, "decimal")


def _matched(writer: Writer, operand: exp.Expr, candidate: exp.Expr) -> str:
    """Whether the operand of a CASE or an IN equals one of its values, in the type that both are compared in."""
    kind = coerced_of(candidate)
    _comparable(kind, kind, "=")
    left = cast(writer.expression(operand), type_of(operand), kind, zone=zone_of(operand))
    right = writer.value(candidate)
    if kind.name not in ("real", "double"):
        return f"({left} = {right})"
    return _without_nan("=", left, right, operand, candidate)


@writes(exp.Case, parts=("ifs", "default"))
def case(writer: Writer, node: exp.Expr) -> str:
    """CASE evaluates only the branch that is taken, on both."""
    parts = ["case"]
    for branch in node.args["ifs"]:
        given = node.this
        condition = writer.value(branch.this) if given is None else _matched(writer, given, branch.this)
        parts.append(f"when {condition} then {writer.value(branch.args['true'])}")
    if node.args.get("default") is not None:
        parts.append(f"else {writer.value(node.args['default'])}")
    return f"{' '.join(parts)} end"


def _quantified(writer: Writer, sign: str, node: exp.Expr) -> str:
    """`= all` and `<> any` of values that differ are known on Athena, whatever is compared with them, even NULL."""
    word = "any" if isinstance(node.expression, exp.Any) else "all"
    inner = node.expression.this
    inner = inner.this if isinstance(inner, (exp.Subquery, exp.Paren)) else inner

    def write() -> str:
        query = writer.query(inner)
        if not query.startswith("select"):
            query = f"select * from ({query})"
        plain = f"{writer.value(node.this)} {sign} {word} ({query})"
        if (sign, word) not in (("=", "all"), ("<>", "any")):
            return f"({plain})"
        simple(coerced_of(node.this))
        differ = f"coalesce((select min(c) <> max(c) from ({query}) as q(c)), false)"
        return f"({plain} and not {differ})" if word == "all" else f"({plain} or {differ})"

    return writer.lift(write)


@writes(exp.NullSafeEQ, exp.NullSafeNEQ)
def distinctness(writer: Writer, node: exp.Expr) -> str:
    """IS [NOT] DISTINCT FROM; here NaN is like NaN on both engines."""
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
    value, low, high = (writer.value(node.args[key]) for key in ("this", "low", "high"))
    kind = coerced_of(node.this)
    _comparable(kind, kind, "between")
    plain = f"{value} between {low} and {high}"
    if kind.name in ("real", "double") and not _never_nan(node.args["high"]):
        return f"({plain} and {high} <= 'infinity')"
    if may_fail(high):
        return connected("and", [f"{value} >= {low}", f"{value} <= {high}"])
    return f"({plain})"


@writes(exp.In, parts=("query",))
@gap("i in (1, 2, null)")
def membership(writer: Writer, node: exp.Expr) -> str:
    """A list of values, or a subquery."""
    kind = coerced_of(node.this)
    query = node.args.get("query")
    if kind.name == "row" and query is None:
        return f"({' or '.join(_same_rows(writer, node.this, each) for each in node.expressions)})"
    _comparable(kind, kind, "in")
    if query is not None:
        inner = query.this if isinstance(query, exp.Subquery) else query
        return writer.lift(lambda: f"({writer.value(node.this)} in ({writer.query(inner)}))")
    known = sum(1 for each in node.expressions if not _is_null(each))
    if kind.name in (*INTEGERS, "date") and 1 < known < len(node.expressions):
        raise NotPortable(
            "NULL in a list of numbers or dates makes Athena answer false, or NULL, by how it runs the list",
            "the list without NULL",
        )
    if kind.name in ("real", "double") and not all(map(_never_nan, node.expressions)):
        return f"({' or '.join(_matched(writer, node.this, each) for each in node.expressions)})"
    return f"({writer.value(node.this)} in ({', '.join(writer.value(each) for each in node.expressions)}))"


def _is_null(node: exp.Expr) -> bool:
    while isinstance(node, (exp.Cast, exp.Paren)):
        node = node.this
    return isinstance(node, exp.Null)


@writes(exp.Like, parts=("negate",))
def like(writer: Writer, node: exp.Expr) -> str:
    """LIKE without ESCAPE: a backslash is a character like any other, as on DuckDB."""
    return f"({writer.value(node.this)} {_like_word(node)} {writer.value(node.expression)})"


def _like_word(node: exp.Expr) -> str:
    return "not like" if node.args.get("negate") else "like"


@writes(exp.Escape)
@gap("s like s escape null")
def like_escape(writer: Writer, node: exp.Expr) -> str:
    """LIKE .. ESCAPE: the pattern is written anew with a backslash, as DuckDB takes only marks of one byte."""
    inner, mark = node.this, node.expression
    if not isinstance(inner, exp.Like) or not isinstance(mark, exp.Literal):
        raise NotPortable("ESCAPE needs a constant of one character", "escape '!'")
    if len(mark.this) != 1:
        raise Invalid(f"{mark.this!r} is no mark for ESCAPE", "one character: escape '!'")
    pattern = inner.expression
    if isinstance(pattern, exp.Literal):
        try:
            written = text(like_pattern(pattern.this, mark.this))
        except ValueError as error:
            raise Invalid(f"the pattern {pattern.this!r} fails on Athena: {error}", "like '10!%' escape '!'") from error
    else:
        written = f"athena_like_pattern({writer.value(pattern)}, {text(mark.this)})"
    return f"({writer.value(inner.this)} {_like_word(inner)} {written} escape '\\')"


@row_by_row("like_pattern(varchar, varchar) -> varchar")
def like_pattern(pattern: str, mark: str) -> str:
    """A pattern of LIKE whose mark is a backslash instead."""
    pieces, marked = list[str](), False
    for char in pattern:
        if marked and char not in ("%", "_", mark):
            break
        if char == mark and not marked:
            marked = True
            continue
        pieces.append(f"\\{char}" if marked or char == "\\" else char)
        marked = False
    if marked:
        raise ValueError("Escape character must be followed by %, _ or itself")
    return "".join(pieces)
