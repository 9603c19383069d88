"""WITH: named queries, each seen by those after it, and by itself where it is recursive."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from transforms.analyzer.faults import Fault
from transforms.analyzer.identifiers import plain_name
from transforms.analyzer.scope import Cte, Field, Scope

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
        recursive = clause.args.get("recursive") and isinstance(item.this, exp.SetOperation)
        fields: list[Field] | None = None
        with walk.reporting():
            if recursive and uses[name]:
                fields = _recursive(walk, item, name, columns, outer, ctes)
            else:
                fields = renamed(item, walk.query(item.this, outer, ctes), columns)
        ctes[name] = Cte(fields, uses[name])
    return ctes


def _recursive(
    walk: Walk, item: exp.Expr, name: str, columns: list[str], outer: Scope | None, ctes: Mapping[str, Cte]
) -> list[Field]:
    """A query that reads itself: its first part alone decides the columns."""
    if not columns:
        raise Fault(item, f"{name} is recursive and needs column names", write=f"write {name}(a, b) as (..)")
    first = renamed(item, walk.query(item.this.this, outer, ctes), columns)
    walk.query(item.this.expression, outer, {**ctes, name: Cte(first, 2)})
    return [replace(field, days=()) for field in first]


def renamed(node: exp.Expr, fields: list[Field], names: list[str]) -> list[Field]:
    """The same columns under the names that an alias gives them."""
    if not names:
        return fields
    if len(names) != len(fields):
        raise Fault(node, f"{len(names)} column names are given to {len(fields)} columns")
    return [replace(field, name=name) for field, name in zip(fields, names, strict=True)]
