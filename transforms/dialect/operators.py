"""Operators, literals and syntax that is no function call: what each means on DuckDB."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Literal

from sqlglot import exp

from transforms.analyzer.scope import Field
from transforms.analyzer.tree import coerced_of, is_call, is_literal, type_of, zone_of
from transforms.dialect import connectors, decimals, filters, intervals, macros
from transforms.dialect.casts import cast
from transforms.dialect.casts import literal as typed_literal
from transforms.dialect.constants import computes_constant, is_constant, is_folded, is_same_for_all
from transforms.dialect.equality import NESTED
from transforms.dialect.errors import NotPortable
from transforms.dialect.fallible import gathers, may_fail, written
from transforms.dialect.rules import helper
from transforms.dialect.strictness import in_order, only_chooses
from transforms.dialect.trino_bugs import refuse_lossy_or
from transforms.dialect.types import duckdb_type, text
from transforms.dialect.zoned import instant, known
from transforms.gaps import gap
from transforms.lake_types import FLOATING, INTEGERS, NUMBERS, Type
from transforms.names import quoted
from transforms.window import OPEN_DAYS

if TYPE_CHECKING:
    from transforms.dialect.rewrite import Writer

Write = Callable[["Writer", exp.Expr], str]
WRITERS: dict[type[exp.Expr], Write] = {}
PARTS: dict[type[exp.Expr], frozenset[str]] = {}
"""The parts of a node that its writer knows; a node with any other part is refused."""
_USUAL = ("this", "expression", "expressions", "typed", "safe", "offset", "big_int", "kind")

SUBSCRIPT = helper(
    "subscript(a, i)",
    "case when i is null or a is null then null when i >= 1 and i <= len(a) then a[i] "
    "when i = 0 then fail('SQL array indices start at 1') when i < 0 then fail('Array subscript is negative', i) "
    "else fail('Array subscript must be less than or equal to array length', i) end",
)
MAP_SUBSCRIPT = helper(
    "map_subscript(m, k)",
    "case when m is null or k is null then null when map_contains(m, k) then m[k] "
    "else fail('Key not present in map', k) end",
)
FLOAT_MAP_SUBSCRIPT = helper(
    "float_map_subscript(m, k)",
    f"case when m is not null and isnan(k) then fail('Key not present in map', k) else {MAP_SUBSCRIPT}(m, k) end",
)
_ARITHMETIC: dict[type[exp.Expr], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.Mod: "%"}


def writes(*kinds: type[exp.Expr], parts: tuple[str, ...] = ()) -> Callable[[Write], Write]:
    """Make a function the writer of these kinds of nodes, which may have these parts beyond the usual ones."""

    def register(write: Write) -> Write:
        for kind in kinds:
            WRITERS[kind] = write
            PARTS[kind] = frozenset((*_USUAL, *parts))
        return write

    return register


@writes(exp.Literal, parts=("is_string",))
def literal(writer: Writer, node: exp.Expr) -> str:
    """A bare number with a point is a double."""
    if node.is_string:
        return _written(node.this)
    digits = str(node.this)
    return digits if digits.isdigit() or "e" in digits.lower() else f"{digits}e0"


@writes(exp.UnicodeString, parts=("escape",))
def unicode_string(writer: Writer, node: exp.Expr) -> str:
    """U&'\\0041'; the walk has resolved the escapes."""
    return _written(node.this)


def _written(value: str) -> str:
    """A string; DuckDB's parser takes no NUL in it."""
    return text(value) if "\0" not in value else f"({' || chr(0) || '.join(map(text, value.split(chr(0))))})"


@writes(exp.Null)
def null(writer: Writer, node: exp.Expr) -> str:
    """NULL; where it stands for a type, the walk casts it."""
    return "null"


@writes(exp.Boolean)
def boolean(writer: Writer, node: exp.Expr) -> str:
    """TRUE and FALSE."""
    return "true" if node.this else "false"


@writes(exp.HexString)
def hex_string(writer: Writer, node: exp.Expr) -> str:
    """x'AB' is a varbinary."""
    return f"unhex({text(re.sub(r'[^0-9A-Fa-f]', '', str(node.this)))})"


@writes(exp.Placeholder, parts=("jdbc",))
def placeholder(writer: Writer, node: exp.Expr) -> str:
    """`:start` and `:end`, the first and the last day of the window: filled in later."""
    return f"date {OPEN_DAYS[node.name]}"


@writes(exp.Column, parts=("table",))
def column(writer: Writer, node: exp.Expr) -> str:
    """A column by its relation's alias; one that `using` merged is the first that is not NULL."""
    field: Field | None = node.meta_get("field")
    if field is not None and field.merges and not node.args.get("table"):
        values = ", ".join(map(writer.value, field.merges))
        return values if len(field.merges) == 1 else f"coalesce({values})"
    parts = [node.args.get("table"), node.this]
    return ".".join(quoted(part.name) for part in parts if part is not None)


@writes(exp.Identifier, parts=("quoted",))
def variable(writer: Writer, node: exp.Expr) -> str:
    """The variable of a lambda."""
    for names in reversed(writer.variables):
        if node.name.lower() in names:
            return names[node.name.lower()]
    raise NotPortable(f'"{node.name}" is not portable here')


@writes(exp.Dot)
def field(writer: Writer, node: exp.Expr) -> str:
    """A field of a row. Of a row that is NULL before the query runs DuckDB forgets the type."""
    result = f"struct_extract({writer.value(node.this)}, {text(node.expression.name)})"
    named = isinstance(node.this, (exp.Column, exp.Dot, exp.Identifier))
    return result if named else f"cast({result} as {duckdb_type(type_of(node))})"


@writes(exp.Paren)
def paren(writer: Writer, node: exp.Expr) -> str:
    """Every expression already comes with the parentheses that it needs."""
    return writer.value(node.this)


@writes(exp.Alias, parts=("alias",))
def alias(writer: Writer, node: exp.Expr) -> str:
    """The value under a name, where a name has no meaning."""
    return writer.value(node.this)


@writes(exp.And, exp.Or)
@gap("i = i or i = cardinality(array[i])")
def connector(writer: Writer, node: exp.Expr) -> str:
    """Flat chains, so that DuckDB sees every filter by itself.

    What is constant comes first: Athena computes it before any row, and `1 / x > 0 or 1 = 1` is true for all.
    Where it chooses rows, so does a TRY of constants: Athena computes it below what the other parts read.
    """
    parts = [*_chain(node, type(node))]
    if isinstance(node, exp.Or):
        refuse_lossy_or(parts)
    word: Literal["and", "or"] = "and" if isinstance(node, exp.And) else "or"
    written = [(part, writer.value(part)) for part in parts]
    early = is_same_for_all if only_chooses(node) else is_folded
    folded = {id(part) for part in parts if early(part)}
    first = [text for part, text in written if id(part) in folded and not may_fail(part)]
    if any(may_fail(part) for part in parts if not is_constant(part)):
        first += [
            _attempted(writer, word, part, text) for part, text in written if id(part) in folded and may_fail(part)
        ]
    rest = [(part, text) for part, text in written if id(part) not in folded or may_fail(part)]
    later = [text for _, text in rest]
    if word == "and":
        turns = filters.in_turn(node, rest)
        later = later if turns is None else [turns]
    fails = any(may_fail(part) or connectors.text_may_fail(text) for part, text in written)
    return connectors.connected(word, [*first, *later], caught=writer.lifted is not None and fails)


def _attempted(writer: Writer, word: Literal["and", "or"], part: exp.Expr, text: str) -> str:
    """A constant that may fail: Athena leaves it in its place where it does."""
    return f"coalesce({writer.attempted(lambda: text, part)}, {'true' if word == 'and' else 'false'})"


def _chain(node: exp.Expr, kind: type[exp.Expr]) -> Iterator[exp.Expr]:
    todo = [node]
    while todo:
        part = todo.pop()
        inner = part.unnest()
        if isinstance(inner, kind) and coerced_of(part) == type_of(inner):
            todo += [inner.expression, inner.this]
        else:
            yield part


@writes(exp.Not)
def negation(writer: Writer, node: exp.Expr) -> str:
    """NOT; `x is not null` and `x not in (..)` arrive here too."""
    return f"(not {writer.value(node.this)})"


@writes(exp.Neg)
def minus(writer: Writer, node: exp.Expr) -> str:
    """The smallest whole number has no opposite; DuckDB raises there as Athena does.

    A minus before constants is computed when DuckDB reads the statement, where no TRY catches and no CASE skips it.
    """
    kind, inner = type_of(node), node.this
    value = writer.value(inner)
    if isinstance(inner, exp.Literal) and not inner.is_string and kind.name != "bigint":
        return f"(-{value})"
    value = writer.unfold(node, value)
    if kind.name in INTEGERS:
        return f"cast({value} * -1 as {kind})" if computes_constant(inner) else f"cast(-{value} as {kind})"
    if kind.name in FLOATING and computes_constant(inner):
        return f"cast({value} * -1e0 as {kind})"
    return f"(-{value})"


@writes(*_ARITHMETIC)
def arithmetic(writer: Writer, node: exp.Expr) -> str:
    """`/` of whole numbers truncates toward zero; decimals have the precision and scale of Trino."""
    sign, type_ = _ARITHMETIC[type(node)], type_of(node)
    sides = (node.this, node.expression)
    left, right = in_order(sides, [writer.unfold(node, writer.value(node.this)), writer.value(node.expression)])
    here, there = coerced_of(node.this), coerced_of(node.expression)
    if not {here.name, there.name} <= set(NUMBERS):
        return intervals.arithmetic(sign, left, right, here, there, type_, _zone(node))
    if type_.name == "decimal":
        return decimals.arithmetic(sign, left, right, here, there, type_)
    if type_.name in INTEGERS:
        if sign == "%":
            return remainder(left, right, node.expression)
        if sign == "/":
            return _quotient(writer, left, right, node)
        return f"({left} {sign} {right})"
    return fmod(left, right, type_) if sign == "%" else f"({left} {sign} {right})"


def _quotient(writer: Writer, left: str, right: str, node: exp.Expr) -> str:
    """The smallest integer by -1 is no error on Athena until it is shown: under TRY a case of its own."""
    kind = type_of(node)
    if writer.lifted is None or kind.name == "bigint" or isinstance(node.expression, exp.Literal):
        return f"({left} // {right})"
    smallest = -(2 ** (8 * 2 ** INTEGERS.index(kind.name) - 1))
    return f"{_QUOTIENT}({left}, {right}, cast({smallest} as {kind}))"


_QUOTIENT = helper(
    "quotient(a, b, smallest)",
    "case when a is null then null when b = -1 and a = smallest "
    "then unportable('the smallest integer / -1, which Athena keeps too large,') else a // b end",
)
_FMOD = helper(
    "fmod(a, b, nan)",
    "case when a is null or b is null then null when b = 0 or isinf(a) then a * nan else a % b end",
)


def fmod(left: str, right: str, kind: Type) -> str:
    """The remainder of floating numbers; NaN by zero, and of an infinity."""
    return f"{_FMOD}({left}, {right}, cast('nan' as {kind}))"


def remainder(left: str, right: str, divisor: exp.Expr) -> str:
    """The sign of the dividend. DuckDB raises for the smallest whole number % -1, which is 0."""
    if isinstance(divisor, exp.Literal):
        return f"({left} % {right})"
    first = f"when {left} is null then null " if macros.uncaught_in(right) else ""  # TRY catches what fails first
    return f"case {first}when {right} = -1 then {left} * 0 else {left} % {right} end"


def _zone(node: exp.Expr) -> str | None:
    return zone_of(node) or zone_of(node.this) or zone_of(node.expression)


@writes(exp.Exists)
def exists(writer: Writer, node: exp.Expr) -> str:
    """EXISTS of a subquery."""
    inner = node.this.this if isinstance(node.this, exp.Subquery) else node.this
    return writer.lift(lambda: f"(exists ({writer.query(inner)}))")


@writes(exp.Subquery, parts=("alias",))
@gap("(select 1, 2)")
def scalar(writer: Writer, node: exp.Expr) -> str:
    """A scalar subquery; two rows are an error on both. Of several columns Trino makes a row."""
    inner = node.this
    while isinstance(inner, (exp.SetOperation, exp.Subquery)):
        inner = inner.this
    if isinstance(inner, exp.Select) and len(inner.expressions) > 1:
        columns = len(inner.expressions)
        raise NotPortable(f"a subquery with {columns} columns as one value is not portable", "one column, or a join")
    return writer.lift(lambda: f"({writer.query(node.this)})")


@writes(exp.Cast, exp.TryCast, parts=("to", "action", "requires_string"))
def casts(writer: Writer, node: exp.Expr) -> str:
    """An explicit cast, or a typed literal."""
    to = type_of(node)
    if is_literal(node):
        return typed_literal(node.this.this, to)
    here, zone, safe = coerced_of(node.this), zone_of(node.this) or zone_of(node), isinstance(node, exp.TryCast)

    def write(*, before: bool = False) -> str:
        if before:
            value = writer.lift(lambda: writer.value(node.this))
        else:
            value = writer.value(node.this) if safe or to.name not in NESTED else _parsed(writer, node.this)
            value = writer.unfold(node, value)
        return cast(value, here, to, zone=zone, safe=safe)

    result = write()
    if not (safe and here != to and result.startswith("try(")):
        return result
    before = may_fail(node.this) and not any(map(gathers, node.this.walk()))  # TRY_CAST catches the cast alone
    return writer.attempted(lambda: write(before=before)[4:-1], node.this)


def _parsed(writer: Writer, node: exp.Expr) -> str:
    """A cast reads the text that json_parse is given, so members keep their order, and none may come twice."""
    source = node.unnest()
    if not is_call(source, "json_parse") or is_constant(source):
        return writer.value(node)
    return written(source, f"athena_json_unordered({writer.value(source.expressions[0])})", raises=True)


@writes(exp.Array)
def array(writer: Writer, node: exp.Expr) -> str:
    """ARRAY[..]; an empty one needs its type where a value is expected."""
    items = ", ".join(writer.value(each) for each in node.expressions)
    return f"[{items}]" if items else "[]"


@writes(exp.Tuple)
def row(writer: Writer, node: exp.Expr) -> str:
    """`(a, b)` is a row whose fields have no names."""
    items = (f"field{index} := {writer.value(each)}" for index, each in enumerate(node.expressions))
    return f"struct_pack({', '.join(items)})"


@writes(exp.Bracket)
def subscript(writer: Writer, node: exp.Expr) -> str:
    """x[i] raises outside of the array, m[k] for a key that is missing."""
    kind, base = type_of(node.this), writer.unfold(node, writer.value(node.this))
    index = node.expressions[0]
    if kind.name == "row":
        position = int(index.this)
        name = kind.fields[position - 1].name or f"field{position - 1}"
        return f"cast(struct_extract({base}, {text(name)}) as {duckdb_type(type_of(node))})"
    macro = MAP_SUBSCRIPT if kind.name == "map" else SUBSCRIPT
    if kind.name == "map" and kind.parts[0].name in FLOATING:
        macro = FLOAT_MAP_SUBSCRIPT
    return f"{macro}({', '.join(in_order((node.this, index), (base, writer.value(index))))})"


@writes(exp.DPipe)
def concatenation(writer: Writer, node: exp.Expr) -> str:
    """|| of strings, of arrays, of an array and an element: NULL if one of them is, the element too."""
    kind = type_of(node)
    if kind.name == "array":
        sides = [node.this, node.expression]
        texts = in_order(sides, [*map(writer.value, sides)])
        arrays = (as_array(each, coerced_of(side), kind) for each, side in zip(texts, sides, strict=True))
        return f"({' || '.join(arrays)})"
    if kind.name not in ("varchar", "char", "varbinary"):
        raise NotPortable(f"|| of {kind} is not portable yet", "concat of varchar")
    sides = [*_chain(node, exp.DPipe)]
    return f"({' || '.join(in_order(sides, [*map(writer.value, sides)]))})"


def as_array(value: str, here: Type, to: Type) -> str:
    """An array, or an element, as one side of a concatenation that gives `to`."""
    if here == to:
        return value
    return f"case when {value} is not null then [{value}] end"


@writes(exp.AtTimeZone, parts=("zone",))
@gap("cast(t as time) at time zone 'Asia/Tokyo'")
def at_time_zone(writer: Writer, node: exp.Expr) -> str:
    """The same instant, shown in another zone; the zone is known to the compiler (`zone_of`)."""
    value, here = writer.value(node.this), coerced_of(node.this)
    known(zone_of(node))
    if here.name == "timestamp":
        return instant(value, "UTC")
    if here.name != "timestamp with time zone":
        raise NotPortable(f"at time zone of {here} is not portable yet", "a timestamp")
    return value


@writes(exp.Interval, parts=("unit",))
def interval(writer: Writer, node: exp.Expr) -> str:
    """interval '3' day."""
    return intervals.interval(node)


@writes(exp.CurrentDate)
def current_date(writer: Writer, node: exp.Expr) -> str:
    """Today in UTC, which is the session's zone on Athena."""
    return "cast(make_timestamp(epoch_us(now())) as date)"


@writes(exp.CurrentTimestamp)
def current_timestamp(writer: Writer, node: exp.Expr) -> str:
    """Now, in milliseconds, in UTC."""
    return "date_trunc('millisecond', now())"


@writes(exp.Localtimestamp)
def local_timestamp(writer: Writer, node: exp.Expr) -> str:
    """Now in UTC without a zone, in milliseconds."""
    return "date_trunc('millisecond', make_timestamp(epoch_us(now())))"
