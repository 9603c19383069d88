"""The order in which the clauses of a SELECT see names, and queries inside of expressions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from sqlglot import exp

from transforms.analyzer.clauses import check_clauses, check_counts, check_groups, group_keys, order_by
from transforms.analyzer.coercion import comparable
from transforms.analyzer.correlation import Kind, check_correlation
from transforms.analyzer.faults import Fault, Unknowable, Unsupported, brief
from transforms.analyzer.joins import read_from
from transforms.analyzer.reach import Bounds
from transforms.analyzer.scope import Cte, Field, Scope
from transforms.analyzer.select_list import expand_stars, select_items
from transforms.analyzer.walk import Walk, on, reads
from transforms.gaps import gap
from transforms.lake_types import BOOLEAN, Type
from transforms.lake_types import Field as RowField


@contextmanager
def _own_state(walk: Walk) -> Iterator[None]:
    """Aggregates, windows and clauses of one query are no matter of the query around it."""
    saved = (walk.aggregates, walk.windows, walk.inside_aggregate, walk.inside_window)
    context = (walk.aliases, walk.clause, walk.named_windows)
    walk.aggregates, walk.windows, walk.inside_aggregate, walk.inside_window = [], [], False, False
    walk.named_windows = {}
    grouping, walk.grouping = walk.grouping, False
    try:
        yield
    finally:
        walk.aggregates, walk.windows, walk.inside_aggregate, walk.inside_window = saved
        walk.aliases, walk.clause, walk.named_windows = context
        walk.grouping = grouping


@reads(exp.Select)
@gap("select * from (select 1 as i) match_recognize (order by i measures last(a.i) as n pattern (a) define a as true)")
def _select(walk: Walk, node: exp.Expr, outer: Scope | None, ctes: Mapping[str, Cte]) -> list[Field]:
    args = node.args
    check_clauses(walk, node)
    if not args["expressions"]:
        raise Fault(node, "the select list is empty", write="write the columns, or *")
    if args.get("match"):
        raise Unsupported(node, "MATCH_RECOGNIZE is not portable", write="write window functions")
    with _own_state(walk):
        scope, bounds = Scope([], outer, ctes), Bounds()
        _from(walk, node, scope, bounds)
        walk.aliases = frozenset(
            item.alias.lower() for item in args["expressions"] if isinstance(item, exp.Alias) and item.args["alias"]
        )
        where = args.get("where")
        if where is not None:
            _condition(walk, where.this, scope, "WHERE")
            bounds.add(where.this)
        bounds.settle()
        _named_windows(walk, node)
        walk.grouping = args.get("group") is not None
        expand_stars(walk, node, scope)
        fields = select_items(walk, node, scope)
        if args.get("distinct") is not None:
            _distinct(walk, node, fields)
        keys = group_keys(walk, node, scope)
        having = args.get("having")
        if having is not None:
            _condition(walk, having.this, scope, "HAVING")
        order_by(walk, node, fields, scope)
        groups = keys is not None if args.get("group") is not None else walk.aggregates or having is not None
        if groups and not any(field is None for field in fields):
            check_groups(walk, node, keys or [], scope)
        check_counts(walk, node)
        known = [field for field in fields if field is not None]
        if len(known) < len(fields):
            raise Unknowable
        return _days_kept(walk, node, known)


def _distinct(walk: Walk, node: exp.Expr, fields: list[Field | None]) -> None:
    if node.args["distinct"].args.get("on") is not None:
        walk.report(
            Fault(node, "DISTINCT ON does not exist on Athena", write="write row_number() = 1 in an outer query")
        )
    for item, field in zip(node.args["expressions"], fields, strict=True):
        if field is not None and not comparable(field.type):
            walk.report(Fault(item, f"DISTINCT is not for {brief(field.type)}"))


def _from(walk: Walk, node: exp.Expr, scope: Scope, bounds: Bounds) -> None:
    source = node.args.get("from_")
    if source is None:
        return
    walk.clause = "FROM"
    read_from(walk, source.this, node.args.get("joins") or (), scope, bounds)


def _condition(walk: Walk, node: exp.Expr, scope: Scope, clause: str) -> None:
    walk.clause = clause
    with walk.unnoticed(), walk.reporting():
        walk.boolean(node, scope, clause)


def _named_windows(walk: Walk, node: exp.Expr) -> None:
    for window in node.args.get("windows") or ():
        name = window.this.name.lower()
        if name in walk.named_windows:
            raise Fault(window.this, f'window "{name}" is defined twice')
        walk.named_windows[name] = window
    node.set("windows", None)


def _days_kept(walk: Walk, node: exp.Expr, fields: list[Field]) -> list[Field]:
    """A filter around this query is one on its scans, but not behind LIMIT or a window that crosses days."""
    if not any(field.days for field in fields):
        return fields
    args = node.args
    group = args.get("group")
    sets = group is not None and any(group.args.get(key) for key in ("grouping_sets", "cube", "rollup"))
    if args.get("limit") is not None or args.get("offset") is not None or sets:
        return [replace(field, days=()) for field in fields]
    partitions = [set(window.args.get("partition_by") or ()) for window in walk.windows]
    return [
        field if all(item.unalias() in keys for keys in partitions) else replace(field, days=())
        for item, field in zip(args["expressions"], fields, strict=True)
    ]


@on(exp.Subquery, exp.Select, exp.Union, exp.Except, exp.Intersect, exp.Values)
def _scalar(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    """A query in an expression: its one column, or a row of them."""
    fields = walk.query(node, scope, scope.ctes)
    check_correlation(node, _kind_of_subquery(node))
    if len(fields) == 1:
        if fields[0].zone is not None:
            node.meta["zone"] = fields[0].zone
        return fields[0].type
    return Type("row", (), (), tuple(RowField(field.name, field.type) for field in fields))


def _kind_of_subquery(node: exp.Expr) -> Kind:
    """`= any` is IN for Athena, and `<> all` is NOT IN; other comparisons aggregate."""
    parent = node.parent
    if isinstance(parent, exp.In):
        return "in"
    if isinstance(parent, (exp.Any, exp.All)):
        inward = exp.EQ if isinstance(parent, exp.Any) else exp.NEQ
        return "in" if isinstance(parent.parent, inward) else "all"
    return "scalar"


@on(exp.Exists)
def _exists(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    with walk.unnoticed():
        walk.query(node.this, scope, scope.ctes)
    check_correlation(node.this, "exists")
    return BOOLEAN
