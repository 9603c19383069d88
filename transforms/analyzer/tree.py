"""What the analyzer writes on the nodes of a tree, and how to read it. The form is described in README.md.

Everything lives in `node.meta`, so that a tree carries it through copies and pickles.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from sqlglot import Token, exp

from transforms.lake_types import Type
from transforms.names import TableName

if TYPE_CHECKING:
    from transforms.analyzer.scope import Field
    from transforms.analyzer.signatures import Signature

ZONE_OF_TEXT = "zone of the text"
"""Stands for the zone of moments that were read from texts, each of which names its own; most often it is UTC."""
WRAPPERS = (exp.Window, exp.Filter, exp.WithinGroup, exp.IgnoreNulls, exp.RespectNulls)


@dataclass(frozen=True, slots=True)
class Call:
    """A function call without its wrappers.

    `args` are without `distinct` and without the order; `node` is the `exp.Anonymous` itself.
    """

    node: exp.Anonymous
    name: str
    args: tuple[exp.Expr, ...]
    distinct: bool = False
    order: exp.Order | None = None
    filter: exp.Expr | None = None
    ignore_nulls: bool = False
    window: exp.Window | None = None


def type_of(node: exp.Expr) -> Type:
    """The Trino type of an expression; KeyError for a node that was never analyzed."""
    return cast(Type, node.meta["type"])


def coerced_of(node: exp.Expr) -> Type:
    """The type to which Trino casts the expression implicitly where it stands."""
    meta = node.meta
    return cast(Type, meta.get("coerced") or meta["type"])


def zone_of(node: exp.Expr) -> str | None:
    """The constant zone of every `timestamp with time zone` in the value; None when only the rows know."""
    zone = cast("str | None", node.meta_get("zone"))
    return None if zone == ZONE_OF_TEXT else zone


def read_as_utc(tree: exp.Expr) -> bool:
    """Let each zone that only texts know be UTC, which is checked where they are read; False if there is none."""
    found = [node for node in tree.walk() if node.meta_get("zone") == ZONE_OF_TEXT]
    for node in found:
        node.meta["zone"] = "UTC"
    return bool(found)


def typed(node: exp.Expr, type_: Type, zone: str | None = None) -> exp.Expr:
    """The same node, with a type."""
    meta = node.meta
    meta["type"] = type_
    if zone is not None:
        meta["zone"] = zone
    return node


def is_literal(node: exp.Expr) -> bool:
    """Whether a cast was written as a typed literal: `decimal '1.50'`."""
    return bool(node.meta_get("literal"))


def signature_of(node: exp.Expr) -> Signature:
    """The overload that a call means; KeyError for what is not a function call."""
    return cast("Signature", node.meta["signature"])


def field_of(node: exp.Expr) -> Field:
    """What a column refers to."""
    return cast("Field", node.meta["field"])


def table_of(node: exp.Expr) -> TableName | None:
    """The table or view that a relation reads; None for a CTE."""
    return cast("TableName | None", node.meta_get("table"))


def bare(node: exp.Expr) -> exp.Expr:
    """The expression without parentheses, which mean nothing once it is a tree, to compare it with another."""
    if node.find(exp.Paren) is None:
        return node
    found = node.copy().unnest()
    for parentheses in list(found.find_all(exp.Paren)):
        parentheses.replace(parentheses.this)
    return found


def coerce(node: exp.Expr, target: Type) -> None:
    """Trino casts the node to the target where it stands."""
    meta = node.meta
    if meta["type"] != target:
        meta["coerced"] = target


def coerce_output(node: exp.Expr, types: Sequence[Type]) -> None:
    """The select items of every query below a set operation are coerced to its types."""
    if isinstance(node, exp.Select):
        for item, type_ in zip(node.args["expressions"], types, strict=True):
            coerce(item, type_)
    elif isinstance(node, exp.SetOperation):
        coerce_output(node.this, types)
        coerce_output(node.expression, types)
    elif isinstance(node, exp.Subquery):
        coerce_output(node.this, types)
    elif isinstance(node, exp.Values):
        for row in node.expressions:
            for item, type_ in zip(cells_of(row), types, strict=True):
                coerce(item, type_)


def cells_of(row: exp.Expr) -> list[exp.Expr]:
    """The values of one row of VALUES."""
    return list(row.expressions) if isinstance(row, exp.Tuple) else [row]


def is_query(node: exp.Expr) -> bool:
    """Whether what stands in parentheses is a query, and no value."""
    inner = node.this if isinstance(node, exp.Subquery) else node
    return isinstance(inner, (exp.Select, exp.SetOperation, exp.Values, exp.Subquery))


def is_relation(node: exp.Expr) -> bool:
    """Whether what stands in the parentheses of FROM is a table or a join, and no query."""
    if isinstance(node, exp.Subquery) and not node.args.get("joins") and node.args.get("alias") is None:
        return is_relation(node.this)
    return isinstance(node, (exp.Table, exp.Subquery)) or (
        isinstance(node, exp.Values) and bool(node.args.get("joins"))
    )


def call_of(node: exp.Expr) -> Call | None:
    """The call that the node is, or wraps; None for anything else."""
    window: exp.Window | None = None
    condition: exp.Expr | None = None
    order: exp.Order | None = None
    ignore_nulls = False
    while isinstance(node, WRAPPERS):
        if isinstance(node, exp.Window):
            window = node
        elif isinstance(node, exp.Filter):
            condition = node.expression.this
        elif isinstance(node, exp.WithinGroup):
            order = node.expression
        elif isinstance(node, exp.IgnoreNulls):
            ignore_nulls = True
        node = node.this
    if not isinstance(node, exp.Anonymous):
        return None
    args: list[exp.Expr] = list(node.expressions)
    distinct = bool(args) and isinstance(args[0], exp.Distinct)
    if distinct:
        args[:1] = args[0].expressions
    if args and isinstance(args[-1], exp.Order):
        order = args[-1]
        args[-1] = order.this
    if args and isinstance(args[0], exp.Distinct):
        distinct = True
        args[:1] = args[0].expressions
    return Call(node, name_of(node), tuple(args), distinct, order, condition, ignore_nulls, window)


def is_try(node: exp.Expr) -> bool:
    """Whether it is a TRY, which makes NULL of what is raised in it."""
    return is_call(node, "try")


def name_of(call: exp.Anonymous) -> str:
    """Athena's name of the function, in lower case."""
    this = call.this
    return (this if isinstance(this, str) else str(this.name)).lower()


def is_call(node: exp.Expr | None, *names: str) -> bool:
    """Whether it is a call of one of these functions, without its wrappers."""
    return isinstance(node, exp.Anonymous) and name_of(node) in names


def place_of(node: exp.Expr | None) -> tuple[int, int]:
    """Line and column, from 1, of the first thing in the node that knows where it stands; (0, 0) if nothing does.

    sqlglot records the end of a token and counts columns so that the last character has the column `col`.
    """
    best: tuple[int, int] | None = None
    if node is not None:
        for part in node.walk():
            meta = part._meta
            if meta and "start" in meta and meta["start"] is not None:
                length = meta["end"] - meta["start"]
                here = (meta["line"], max(1, meta["col"] - length))
                best = here if best is None or here < best else best
    return best or (0, 0)


def place_of_token(token: Token) -> tuple[int, int]:
    """Line and column, from 1, of the token's first character."""
    return token.line, max(1, token.col - (token.end - token.start))
