"""Subqueries that read columns of the query around them: which of them Athena can turn into a join, and which not.

The rules are those of Trino's decorrelation as far as they are certain; what is not told here is let pass.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from sqlglot import exp

from transforms.analyzer.faults import Fault, Unsupported
from transforms.analyzer.signatures import kind_of
from transforms.analyzer.tree import is_query, name_of
from transforms.gaps import gap

Kind = Literal["scalar", "exists", "in", "all", "lateral"]


@gap("select i from (values 1) as n(i) where exists (select 1 where n.i = 1 union all select 2)")
def check_correlation(query: exp.Expr, kind: Kind) -> None:
    """Raise Fault for a subquery that reads outer columns where Athena cannot follow; every column is resolved."""
    query.meta["subquery"] = kind
    outer = [(column, depth) for column in query.find_all(exp.Column) if (depth := _depth(column, query)) is not None]
    if not outer:
        return
    columns = [column for column, depth in outer if depth == 0]
    for column, depth in outer:
        if depth:
            raise _fault(column, "two queries further out")
    inner = query
    while isinstance(inner, exp.Subquery):
        inner = inner.this
    if isinstance(inner, exp.Values) and len(inner.expressions) > 1:
        raise _fault(columns[0], "in more than one row of VALUES")
    if isinstance(inner, exp.SetOperation):
        why = "a subquery of which a part of a set operation reads the outer query is not portable"
        raise Unsupported(columns[0], why, write="write a join")
    if isinstance(inner, exp.Select):
        for column in columns:
            _check(inner, column, kind)


def _depth(column: exp.Expr, query: exp.Expr) -> int | None:
    """How many subqueries stand between the query and a column of a query around it; None for one of its own."""
    between = 0
    node = column.parent
    while node is not None and node is not query:
        between += "subquery" in node.meta and node.meta["subquery"] != "lateral"
        node = node.parent
    hops = int(column.meta_get("outer") or 0)
    return between if hops > _boundaries(column, query) else None


def _boundaries(column: exp.Expr, query: exp.Expr) -> int:
    found = 0
    node = column.parent
    while node is not None and node is not query:
        found += "subquery" in node.meta
        node = node.parent
    return found


def _fault(column: exp.Expr, where: str) -> Fault:
    spelled = f"{column.args['table'].name}.{column.name}" if column.args.get("table") else column.name
    what = f"Athena cannot compute a subquery that reads {spelled} of the outer query {where}"
    return Fault(column, what, write="join what it reads, and filter or group there")


def _check(select: exp.Select, column: exp.Expr, kind: Kind) -> None:
    args = select.args
    path = list(_path(column, select))
    clause = path[-1].arg_key or ""
    source = args.get("from_")
    whole = (
        source is not None and isinstance(source.this, exp.Unnest) and not args.get("joins") and not args.get("where")
    )
    aggregated = any(_aggregates(item) for item in args["expressions"])
    if any(isinstance(part, exp.Filter) or _is_aggregate(part) for part in path) and not whole:
        raise _fault(column, "in an aggregate")
    if any(isinstance(part, exp.In) and part.args.get("query") is not None for part in path[:-1]):
        raise _fault(column, "before IN")
    if any(isinstance(part, exp.Unnest) for part in path) and not whole:
        raise _fault(column, "in an UNNEST that is filtered or joined")
    derived = [part for part in path if isinstance(part, exp.Subquery) and clause in ("from_", "joins")]
    if derived and args.get("joins") and not any(isinstance(part, exp.Lateral) for part in path):
        raise _fault(column, "in one of several tables")
    if kind == "in" and (source is None or whole or aggregated or _cuts(select)):
        raise _fault(column, "in an IN that groups or cuts its rows")
    if source is None:
        if (
            kind in ("lateral", "scalar")
            and clause == "where"
            and any(item.find(exp.Column) for item in args["expressions"])
        ):
            raise _fault(column, "in its select list and its WHERE")
        return
    limited = args.get("offset") is not None or (args.get("limit") is not None and not _is_key(path, column))
    if clause == "where" and (limited or (args.get("limit") is not None and args.get("group"))):
        raise _fault(column, "below LIMIT")
    if kind == "exists":
        return
    if clause == "where" and _takes_any_row(select, aggregated) and _reads_more(select, path):
        raise _fault(column, "below LIMIT 1 without ORDER BY")
    if clause == "expressions" and not aggregated and not args.get("group") and not whole:
        raise _fault(column, "in its select list")
    if clause == "where":
        _check_filter(select, column, kind)


def _check_filter(select: exp.Select, column: exp.Expr, kind: Kind) -> None:
    """A correlated WHERE below what groups and cuts rows."""
    args = select.args
    if any(item.find(exp.Window) for item in args["expressions"]):
        raise _fault(column, "below a window function")
    having = args.get("having")
    if kind == "scalar" and having is not None and not args.get("group") and _aggregates(having):
        raise _fault(column, "below HAVING")


def _is_key(path: list[exp.Expr], column: exp.Expr) -> bool:
    """Whether the condition of the column is `inner = outer`, by which rows can be numbered."""
    conditions = [part for part in path if not isinstance(part, (exp.Where, exp.And, exp.Paren))]
    if not conditions or not isinstance(conditions[-1], exp.EQ):
        return False
    sides = (conditions[-1].this, conditions[-1].expression)
    return any(isinstance(side, exp.Column) and not side.meta_get("outer") for side in sides)


def _takes_any_row(select: exp.Select, aggregated: bool) -> bool:
    """Whether the subquery is cut to one row, whichever it is."""
    limit = select.args.get("limit")
    if limit is None or select.args.get("order") is not None or (aggregated and not select.args.get("group")):
        return False
    count = limit.args.get("count") if isinstance(limit, exp.Fetch) else limit.expression
    return count is None or count.name == "1"


def _reads_more(select: exp.Select, path: list[exp.Expr]) -> bool:
    """Whether the select list reads more than the column that the WHERE sets equal to the outer one."""
    equal = next((part for part in path if isinstance(part, exp.EQ)), None)
    keys = [] if equal is None else [equal.this, equal.expression]
    return any(column not in keys for item in select.expressions for column in item.find_all(exp.Column))


def _path(column: exp.Expr, select: exp.Select) -> Iterator[exp.Expr]:
    """The nodes from the column up to the clause of the select."""
    node: exp.Expr | None = column
    while node is not None and node is not select:
        yield node
        node = node.parent


def _cuts(select: exp.Select) -> bool:
    return any(select.args.get(key) for key in ("distinct", "group", "having", "limit", "offset"))


def _aggregates(node: exp.Expr) -> bool:
    """Whether an aggregate stands in the node, in no window and no query of its own."""
    if is_query(node) or isinstance(node, exp.Window):
        return False
    if _is_aggregate(node):
        return True
    return any(map(_aggregates, node.iter_expressions()))


def _is_aggregate(node: exp.Expr) -> bool:
    return isinstance(node, exp.Anonymous) and kind_of(name_of(node)) == "aggregate"
