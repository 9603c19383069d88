"""The rules for function calls: scalar functions and aggregates."""

from __future__ import annotations

from sqlglot import exp

from transforms.analyzer.coercion import comparable, orderable, zoned
from transforms.analyzer.faults import Fault, Unsupported, brief
from transforms.analyzer.other_engines import FUNCTIONS
from transforms.analyzer.overloads import resolved
from transforms.analyzer.scope import Scope
from transforms.analyzer.signatures import functions, kind_of, portable
from transforms.analyzer.special_forms import SPECIAL
from transforms.analyzer.tree import Call, bare, call_of, name_of
from transforms.analyzer.walk import Walk, on, share_zone
from transforms.errors import did_you_mean
from transforms.gaps import gap
from transforms.lake_types import (
    BIGINT,
    DATE,
    Type,
)

NOT_PERSONAL = frozenset(("count", "approx_distinct", "count_if"))
"""Aggregates whose value tells nothing of the person behind a row."""
_UNLISTED = {
    **dict.fromkeys(("bar", "color", "render", "rgb"), ("colors are for terminals", "write rpad('', n, '*')")),
    "fail": ("it is a hidden function", "write cast(message as integer), which fails with the message"),
}
"""What Athena has and the list of signatures does not: why it is refused, and what to write."""
_CLOCK_FIELDS = frozenset(("hour", "minute", "second", "timezone_hour", "timezone_minute"))


@on(exp.Anonymous)
def _call(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    assert isinstance(node, exp.Anonymous)
    name = name_of(node)
    special = SPECIAL.get(name)
    if special is not None:
        return special(walk, node, scope)
    if node.meta_get("extract"):
        return _extracted(walk, node, name, scope)
    kind = kind_of(name)
    if kind is None:
        raise unknown_function(node, name)
    if kind == "window":
        raise Fault(node, f"{name} is a window function", write=f"write {name}(..) over (order by ..)")
    call = call_of(node)
    assert call is not None
    require_order(node, name)
    if kind == "scalar":
        if call.distinct or call.order is not None:
            word = "DISTINCT" if call.distinct else "ORDER BY"
            raise Fault(node, f"{name} is not an aggregate and takes no {word}")
        return resolved(walk, node, name, scope)
    return _aggregated(walk, call, scope, node)


def require_order(node: exp.Expr, name: str) -> None:
    """listagg is written with WITHIN GROUP, also before OVER."""
    if name == "listagg" and not isinstance(node.parent, exp.WithinGroup):
        raise Fault(node, "listagg needs an order", write="write listagg(x, ',') within group (order by x)")


def _extracted(walk: Walk, node: exp.Anonymous, name: str, scope: Scope) -> Type:
    """`extract(hour from x)`: unlike `hour(x)`, only of a type that has hours itself."""
    found = resolved(walk, node, name, scope)
    source = node.expressions[0].meta["type"]
    no_clock = source == DATE and name in _CLOCK_FIELDS
    no_zone = not zoned(source) and name.startswith("timezone")
    if no_clock or no_zone or (source.name.startswith("interval") and name == "day_of_month"):
        raise Fault(node, f"{brief(source)} has no {name} to extract")
    return found


@gap("bar(x, i)", "render(true)", "if(i > 5, fail('too many'), i)")
def unknown_function(node: exp.Expr, name: str) -> Fault:
    if name in _UNLISTED:
        why, write = _UNLISTED[name]
        return Unsupported(node, f"{name} cannot mean the same on DuckDB: {why}", write=write)
    write = f"write {FUNCTIONS[name]}" if name in FUNCTIONS else did_you_mean(name, [*portable(), *SPECIAL])
    return Fault(node, f'function "{name}" does not exist on Athena', "", write)


def _aggregated(walk: Walk, call: Call, scope: Scope, outermost: exp.Expr) -> Type:
    """An aggregate call in a GROUP BY query; what it is computed from may be personal, its count is not."""
    if walk.inside_aggregate:
        raise Fault(call.node, f"{call.name} stands inside another aggregate", write="aggregate in a subquery first")
    if walk.clause in ("WHERE", "GROUP BY", "ON", "UNNEST", "VALUES"):
        write = "write having .." if walk.clause == "WHERE" else ""
        raise Fault(call.node, f"{walk.clause} cannot contain an aggregate ({call.name})", "", write)
    windows = len(walk.windows)
    walk.aggregates.append(outermost)
    walk.inside_aggregate = True
    try:
        found = _aggregate_type(walk, call, scope)
    finally:
        walk.inside_aggregate = False
    if len(walk.windows) > windows:
        raise Fault(call.node, f"{call.name} contains a window function", write="compute it in a subquery first")
    return found


def _aggregate_type(walk: Walk, call: Call, scope: Scope) -> Type:
    node, personal = call.node, walk.personal
    if call.name == "count" and len(call.args) == 1 and isinstance(call.args[0], exp.Star):
        if call.distinct:
            raise Fault(node, "count(distinct *) does not exist", write="write count(distinct column)")
        node.meta["signature"] = functions()["count"][0]
        node.meta["type"] = BIGINT
        return BIGINT
    found = resolved(walk, node, call.name, scope)
    call = call_of(node) or call
    if call.distinct:
        for arg in call.args:
            if not comparable(arg.meta["type"]):
                raise Fault(arg, f"DISTINCT is not for {brief(arg.meta['type'])}")
    if call.order is not None:
        order_by(walk, call.order, scope)
        check_distinct_order(call, call.order)
    if call.name in NOT_PERSONAL:
        walk.personal = personal
    node.meta["type"] = found
    return found


def check_distinct_order(call: Call, order: exp.Expr) -> None:
    arguments = [bare(arg) for arg in call.args]
    for item in order.expressions if call.distinct else ():
        if bare(item.this) not in arguments:
            raise Fault(order, "with DISTINCT, ORDER BY is for the arguments")


def order_by(walk: Walk, order: exp.Expr, scope: Scope) -> None:
    for item in list(order.expressions):
        found = walk.type(item.this, scope)
        if not orderable(found):
            raise Fault(item.this, f"ORDER BY is not for {brief(found)}")
        item.meta["type"] = found


@on(exp.Filter)
def _filter(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    call = call_of(node)
    if call is None or kind_of(call.name) != "aggregate":
        raise Fault(node, "FILTER is only for aggregates")
    condition = node.expression.this
    aggregates = len(walk.aggregates)
    with walk.unnoticed():
        walk.boolean(condition, scope, "what stands in FILTER")
    if len(walk.aggregates) > aggregates:
        raise Fault(condition, "FILTER cannot contain an aggregate")
    found = walk.type(node.this, scope)
    share_zone(node, found, [node.this])
    return found


@on(exp.WithinGroup)
def _within_group(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    call = call_of(node)
    if call is None or call.name != "listagg":
        raise Fault(node, "WITHIN GROUP is only for listagg")
    found = walk.type(node.this, scope)
    order_by(walk, node.expression, scope)
    check_distinct_order(call_of(node) or call, node.expression)
    return found


@on(exp.IgnoreNulls, exp.RespectNulls)
def _nulls(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    raise Fault(node, "IGNORE NULLS is only for window functions", write="write filter (where x is not null)")
