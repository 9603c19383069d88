"""The rules for OVER: which functions take a window, what stands in it, and its frame."""

from __future__ import annotations

from sqlglot import exp

from transforms.analyzer.calls import NOT_PERSONAL, check_distinct_order, order_by, require_order, unknown_function
from transforms.analyzer.coercion import CLOCKS, INTERVALS, NUMBERS, comparable
from transforms.analyzer.faults import Fault, brief
from transforms.analyzer.operators import arithmetic
from transforms.analyzer.overloads import resolved
from transforms.analyzer.scope import Scope
from transforms.analyzer.signatures import functions, kind_of
from transforms.analyzer.tree import Call, call_of
from transforms.analyzer.walk import Walk, on, share_zone
from transforms.lake_types import (
    BIGINT,
    INTEGERS,
    UNKNOWN,
    Type,
)

_FRAMELESS = frozenset(("row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "ntile", "lag", "lead"))
_NULL_SKIPPING = frozenset(("first_value", "last_value", "nth_value", "lag", "lead"))


@on(exp.Window)
def _window(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    call = call_of(node)
    if call is None:
        raise Fault(node, "OVER needs a function before it")
    kind = kind_of(call.name)
    if kind is None:
        raise unknown_function(call.node, call.name)
    if kind == "scalar":
        raise Fault(call.node, f"{call.name} is not a window function")
    require_order(call.node, call.name)
    if walk.clause not in ("SELECT", "ORDER BY"):
        raise Fault(node, f"{walk.clause} cannot contain a window function", "", "filter in an outer query")
    if walk.inside_window:
        raise Fault(node, "a window function stands inside another", write="compute it in a subquery first")
    _check_window(walk, node, call, kind)
    walk.windows.append(node)
    walk.inside_window = True
    try:
        _definition(walk, node, scope)
        found = _windowed(walk, node, call, scope)
    finally:
        walk.inside_window = False
    return found


def _windowed(walk: Walk, node: exp.Expr, call: Call, scope: Scope) -> Type:
    personal = walk.personal
    found = _resolved_window(walk, call, scope)
    if call.name in NOT_PERSONAL:
        walk.personal = personal
    wrapper = node.this
    while wrapper is not call.node:
        wrapper.meta["type"] = found
        share_zone(wrapper, found, [call.node])
        wrapper = wrapper.this
    share_zone(node, found, [call.node])
    return found


def _resolved_window(walk: Walk, call: Call, scope: Scope) -> Type:
    if call.name == "count" and len(call.args) == 1 and isinstance(call.args[0], exp.Star):
        call.node.meta["signature"] = functions()["count"][0]
        found = BIGINT
    else:
        found = resolved(walk, call.node, call.name, scope)
    if call.order is not None:
        order_by(walk, call.order, scope)
        check_distinct_order(call, call.order)
    call.node.meta["type"] = found
    return found


def _check_window(walk: Walk, node: exp.Expr, call: Call, kind: str) -> None:
    _inline(walk, node)
    spec = node.args.get("spec")
    if call.order is not None and kind == "window":
        raise Fault(node, "ORDER BY belongs into OVER (..) here")
    if call.filter is not None:
        raise Fault(node, "FILTER does not exist in window functions", write="write sum(if(condition, x)) over (..)")
    if spec is not None and call.name in _FRAMELESS:
        raise Fault(node, f"{call.name} takes no frame (ROWS or RANGE)", write="remove the frame")
    if _skips_nulls(node) and call.name not in _NULL_SKIPPING:
        raise Fault(node, f"{call.name} takes no IGNORE NULLS", f"{', '.join(sorted(_NULL_SKIPPING))} do")
    if call.name in ("lag", "lead") and node.args.get("order") is None:
        raise Fault(node, f"{call.name} needs an order", write=f"write {call.name}(..) over (order by ..)")


def _skips_nulls(node: exp.Expr) -> bool:
    inner = node.this
    while isinstance(inner, (exp.Filter, exp.WithinGroup)):
        inner = inner.this
    return isinstance(inner, (exp.IgnoreNulls, exp.RespectNulls))


def _inline(walk: Walk, node: exp.Expr) -> None:
    """Write the definition of a named window in place of its name, also where it builds on another one."""
    alias = node.args.get("alias")
    if alias is None:
        return
    definition = walk.named_windows.get(alias.name.lower())
    if definition is None or definition is node:
        raise Fault(alias, f'window "{alias.name}" does not exist', write="write over (..), or window name as (..)")
    _inline(walk, definition)
    _check_reuse(node, definition, alias.name)
    for key in ("partition_by", "order", "spec"):
        value = definition.args.get(key)
        if value and not node.args.get(key):
            node.set(key, [part.copy() for part in value] if isinstance(value, list) else value.copy())
    node.set("alias", None)


def _check_reuse(node: exp.Expr, definition: exp.Expr, name: str) -> None:
    """What stands beside the name in OVER (w ..) adds to the window, and replaces nothing of it."""
    own, known = node.args, definition.args
    if own.get("partition_by"):
        raise Fault(node, f'PARTITION BY belongs into the definition of window "{name}"')
    if own.get("order") and known.get("order"):
        raise Fault(node, f'window "{name}" has an ORDER BY already')
    if known.get("spec") and (own.get("order") or own.get("spec")):
        raise Fault(node, f'window "{name}" has a frame, so it cannot be built upon', write=f"write over {name}")


def _definition(walk: Walk, node: exp.Expr, scope: Scope) -> None:
    """PARTITION BY, ORDER BY and the frame of a window: they choose rows, and are no source of the value."""
    with walk.unnoticed():
        for part in list(node.args.get("partition_by") or ()):
            found = walk.type(part, scope)
            if not comparable(found):
                raise Fault(part, f"PARTITION BY is not for {brief(found)}")
        order = node.args.get("order")
        if order is not None:
            order_by(walk, order, scope)
        spec = node.args.get("spec")
        if spec is not None:
            _frame(walk, spec, order, scope)


def _frame(walk: Walk, spec: exp.Expr, order: exp.Expr | None, scope: Scope) -> None:
    if spec.args.get("exclude"):
        raise Fault(spec, "a frame has no EXCLUDE on Athena")
    kind = str(spec.args.get("kind") or "").upper()
    ends = [(spec.args.get("start"), spec.args.get("start_side")), (spec.args.get("end"), spec.args.get("end_side"))]
    if ends[0][0] is None or any(isinstance(value, exp.Expr) and not side for value, side in ends):
        raise Fault(spec, "the frame is not complete", write="write rows between 1 preceding and current row")
    values = [value for value, _ in ends if isinstance(value, exp.Expr)]
    for value in values:
        found = walk.type(value, scope)
        if kind in ("ROWS", "GROUPS") and found.name not in INTEGERS:
            raise Fault(value, f"{kind} counts rows, but this is {brief(found)}")
    if kind == "GROUPS" and order is None:
        raise Fault(spec, "a frame of GROUPS needs an order")
    if kind == "RANGE" and values:
        if order is None or len(order.expressions) != 1:
            raise Fault(spec, "RANGE with a value needs exactly one ORDER BY column")
        for value in values:
            _range_distance(order.expressions[0].this, value)
    first, last = (_position(value, side) for value, side in ends)
    last = 2 if last is None else last  # a frame that names only its start ends at the current row
    if first is not None and first > last:
        raise Fault(spec, "the frame ends before it starts")


def _range_distance(key: exp.Expr, value: exp.Expr) -> None:
    """RANGE adds the value to the ORDER BY column."""
    sorted_by, distance = key.meta["type"], value.meta["type"]
    if sorted_by.name not in NUMBERS | CLOCKS | INTERVALS | {"date"}:
        raise Fault(key, f"RANGE with a value is not for {brief(sorted_by)}", "numbers, dates and timestamps")
    if distance == UNKNOWN or arithmetic("+", sorted_by, distance) is None:
        raise Fault(value, f"{brief(distance)} cannot be added to the ORDER BY column, which is {brief(sorted_by)}")


def _position(value: object, side: object) -> int | None:
    """Where an end of a frame lies: 0 unbounded preceding .. 4 unbounded following."""
    if value is None:
        return None
    word, side = str(value).upper(), str(side or "").upper()
    if word == "CURRENT ROW":
        return 2
    if word == "UNBOUNDED":
        return 0 if side == "PRECEDING" else 4
    return 1 if side == "PRECEDING" else 3
