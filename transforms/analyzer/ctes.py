"""WITH: named queries, each seen by those after it, and by itself where it is recursive."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from transforms.analyzer.coercion import coercible
from transforms.analyzer.faults import Fault
from transforms.analyzer.identifiers import plain_name
from transforms.analyzer.scope import Cte, Field, Scope
from transforms.analyzer.tree import coerce_output

if TYPE_CHECKING:
    from transforms.analyzer.walk import Walk


def read_with(walk: Walk, node: exp.Expr, outer: Scope | None, around: Mapping[str, Cte]) -> Mapping[str, Cte]:
    """The named queries that the query of the node can read."""
    clause = node.args["with_"]
    ctes = dict(around)
    uses = Counter(table.name.lower() for table in node.find_all(exp.Table) if not table.args.get("db"))
    seen: set[str] = set()
    for item in clause.expressions:
        name = plain_name(item.args["alias"].this)
        if name in seen:
            walk.report(Fault(item.args["alias"], f'"{name}" is defined twice in WITH'))
        seen.add(name)
        columns = [plain_name(column) for column in item.args["alias"].args.get("columns") or ()]
        fields: list[Field] | None = None
        with walk.reporting():
            if len(set(columns)) < len(columns):
                raise Fault(item.args["alias"], f"two columns of {name} have one name")
            if clause.args.get("recursive") and not columns:
                what = f"{name} stands in WITH RECURSIVE and needs column names"
                raise Fault(item, what, write=f"write {name}(a, b) as (..)")
            if clause.args.get("recursive") and references(item.this, name):
                fields = _recursive(walk, item, name, columns, outer, ctes)
            else:
                fields = renamed(item, walk.query(item.this, outer, ctes), columns)
        ctes[name] = Cte(fields, uses[name])
    return ctes


def _recursive(
    walk: Walk, item: exp.Expr, name: str, columns: list[str], outer: Scope | None, ctes: Mapping[str, Cte]
) -> list[Field]:
    """A query that reads itself: its first part alone decides the columns, to which those of its step are coerced."""
    if not isinstance(item.this, exp.Union):
        raise Fault(item, f"{name} reads itself", write="write its first rows union all its step")
    base, step = item.this.this, item.this.expression
    if inside := references(base, name):
        raise Fault(inside[0], f"{name} is read in its own first part", write="read it behind union all")
    if len(inside := references(step, name)) > 1:
        raise Fault(inside[1], f"{name} is read twice in its own step", write="read it once")
    if any(part.args.get("limit") is not None for part in (item.this, step)):
        raise Fault(step, "the step of a recursive query has no LIMIT")
    _kept(step, references(step, name)[0])
    first = renamed(item, walk.query(base, outer, ctes), columns)
    found = walk.query(step, outer, {**ctes, name: Cte(first, 2)})
    if len(found) != len(first):
        raise Fault(step, f"UNION joins {len(first)} columns with {len(found)}")
    for one, other in zip(first, found, strict=True):
        if not coercible(other.type, one.type):
            what = f"column {one.name} of {name} begins as {one.type}, but its step gives {other.type}"
            raise Fault(step, what, write=f"write cast(.. as {other.type}) in the first part")
    coerce_output(step, [field.type for field in first])
    return [replace(field, days=()) for field in first]


def _kept(step: exp.Expr, source: exp.Table) -> None:
    """An outer join must not fill up with NULL what the step reads of itself."""
    join = source.find_ancestor(exp.Join, exp.Select)
    select = source.find_ancestor(exp.Select)
    sides = [
        str(each.args.get("side") or "") for each in (select.args.get("joins") or () if select is not None else ())
    ]
    own = str(join.args.get("side") or "") if isinstance(join, exp.Join) else ""
    if own in ("LEFT", "FULL") or "FULL" in sides or (not own and "RIGHT" in sides):
        raise Fault(source, "an outer join fills up the recursive query with NULL", write="write an inner join")


def references(query: exp.Expr, name: str) -> list[exp.Table]:
    """Where a query reads the named query."""
    return [table for table in query.find_all(exp.Table) if table.name.lower() == name and not table.args.get("db")]


def renamed(node: exp.Expr, fields: list[Field], names: list[str]) -> list[Field]:
    """The same columns under the names that an alias gives them."""
    if not names:
        return fields
    if len(names) != len(fields):
        raise Fault(node, f"{len(names)} column names are given to {len(fields)} columns")
    return [replace(field, name=name) for field, name in zip(fields, names, strict=True)]
