"""The rules for FROM as a whole: its items between commas, joins, ON, and the columns that USING merges."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from transforms.analyzer.coercion import common_type, comparable
from transforms.analyzer.faults import Fault, Unsupported, brief
from transforms.analyzer.from_items import read_relation
from transforms.analyzer.identifiers import column_of, plain_name
from transforms.analyzer.reach import Bounds
from transforms.analyzer.scope import Field, Relation, Scope
from transforms.analyzer.tree import coerce, is_relation, typed
from transforms.analyzer.walk import Walk
from transforms.gaps import gap
from transforms.lake_types import BOOLEAN, Type

_LATERAL = (exp.Unnest, exp.Lateral)
"""Relations that see what stands before them in FROM; all others see nothing of it."""


def read_from(walk: Walk, source: exp.Expr, joins: Sequence[exp.Expr], scope: Scope, bounds: Bounds) -> None:
    """Add the relations of a FROM to the scope: what stands between two commas is joined by itself."""
    items: list[tuple[exp.Expr, list[exp.Expr]]] = [(source, [])]
    for join in joins:
        if _is_comma(join):
            items.append((join.this, []))
        else:
            items[-1][1].append(join)
    for node, own in items:
        added = _joined(walk, node, own, _alone(scope) if own else scope, bounds)
        _keep_apart(walk, added, scope.relations)
        scope.relations += added


def _is_comma(join: exp.Expr) -> bool:
    return not any(join.args.get(key) for key in ("kind", "side", "method", "on", "using"))


def _alone(scope: Scope) -> Scope:
    return Scope([], scope.outer, scope.ctes)


def _joined(walk: Walk, node: exp.Expr, joins: Sequence[exp.Expr], around: Scope, bounds: Bounds) -> list[Relation]:
    """The relations of one relation and of what is joined to it, one after the other."""
    scope = _alone(around)
    scope.relations += _operand(walk, node, around, bounds)
    for join in joins:
        _join(walk, join, scope, bounds)
    return scope.relations


def _side(walk: Walk, node: exp.Expr, around: Scope, bounds: Bounds) -> list[Relation]:
    """What stands in parentheses or behind JOIN: a relation, or a join of its own."""
    joins = node.args.get("joins") or ()
    if any(map(_is_comma, joins)):
        raise Fault(node, "a comma joins nothing in parentheses", write="write cross join")
    return _joined(walk, node, joins, around, bounds)


def _operand(walk: Walk, node: exp.Expr, around: Scope, bounds: Bounds) -> list[Relation]:
    if isinstance(node, exp.Table) and isinstance(node.this, exp.Values):  # (values ..) in a join in parentheses
        values = node.this
        for key in ("alias", "joins"):
            values.set(key, node.args.get(key))
        node = node.replace(values)
    if isinstance(node, exp.Subquery) and is_relation(node.this):
        if node.args.get("alias") is None:
            return _side(walk, node.this, _alone(around), bounds)
        _select_all(node)
    return [read_relation(walk, node, around if isinstance(node, _LATERAL) else _alone(around))]


def _select_all(node: exp.Subquery) -> None:
    """A join in parentheses that has an alias is a query of all its columns."""
    relation = node.this
    joins = relation.args.pop("joins", None)
    node.set("this", exp.Select(expressions=[exp.Star()], from_=exp.From(this=relation), joins=joins))


@gap(
    "select s from (values 'x') as n(s) right join unnest(array['x']) as u(r) on true",
    "select s from (values 'x') as n(s) left join lateral (select s || 'y') as u(r) on s <> r",
)
def _join(walk: Walk, join: exp.Expr, scope: Scope, bounds: Bounds) -> None:
    """Join what stands behind one JOIN to the relations of the scope."""
    side, kind = (str(join.args.get(key) or "").upper() for key in ("side", "kind"))
    if method := str(join.args.get("method") or "").upper():
        raise Fault(join, f"{method} JOIN does not exist on Athena", write="write join .. using (..)")
    if kind not in ("", "INNER", "CROSS", "OUTER"):
        raise Fault(join, f"{kind} JOIN does not exist on Athena", write="write where exists (..)")
    before = list(scope.relations)
    added = _side(walk, join.this, scope, bounds)
    _keep_apart(walk, added, before)
    scope.relations += added
    condition, using = join.args.get("on"), join.args.get("using")
    if isinstance(join.this, _LATERAL) and side in ("RIGHT", "FULL"):
        raise Unsupported(join, f"{side} JOIN UNNEST is not portable", write="write left join unnest(..) on true")
    if isinstance(join.this, exp.Unnest) and using:
        raise Fault(join, "INNER JOIN UNNEST takes only ON TRUE", write="write cross join unnest(..)")
    if kind == "CROSS" and (condition is not None or using):
        raise Fault(join, "CROSS JOIN takes no condition", write="write join .. on ..")
    if using:
        _merge(join, [plain_name(column) for column in using], before, added, scope)
    elif condition is not None:
        _on(walk, join, condition, scope, side)
        _bound_days(join.args["on"], side, before, added, bounds)
    elif kind != "CROSS":
        raise Fault(join, "the join has no condition", write="write on .. or using (..), on true for unnest")


def _keep_apart(walk: Walk, added: list[Relation], before: list[Relation]) -> None:
    """Relations of one alias are legal as long as no column is named with it; DuckDB wants their aliases apart."""
    taken = {relation.alias for relation in before}
    for relation in added:
        if relation.alias in taken and relation.written is not None:
            relation.alias = relation.written.args["this"] = walk.new_alias()


def _on(walk: Walk, join: exp.Expr, condition: exp.Expr, scope: Scope, side: str) -> None:
    """Type the condition, which may put another node in its place, and hold it against what an ON may be."""
    clause, walk.clause = walk.clause, "ON"
    with walk.unnoticed(), walk.reporting():
        walk.boolean(condition, scope, "ON")
        if isinstance(join.this, exp.Unnest) and not _is_true(join.args["on"]):
            write = "write on true, and the condition behind where" if not side else "write on true"
            raise Fault(condition, f"{side or 'INNER'} JOIN UNNEST takes only ON TRUE", write=write)
        if isinstance(join.this, exp.Lateral) and not _is_true(join.args["on"]):
            raise Unsupported(
                condition, "a condition of a JOIN LATERAL is not portable", write="write it in the subquery"
            )
        if side:
            _without_correlation(join, scope, side)
    walk.clause = clause


def _bound_days(condition: exp.Expr, side: str, before: list[Relation], added: list[Relation], bounds: Bounds) -> None:
    """An ON bounds the days of both sides; of an outer join only of the side whose rows it may leave out."""
    if side == "":
        bounds.add(condition)
    elif side in ("LEFT", "RIGHT"):
        bounds.add(condition, [field for other in (added if side == "LEFT" else before) for field in other.fields])


def _without_correlation(join: exp.Expr, scope: Scope, side: str) -> None:
    """The condition of an outer join sees no outer query, nor does a subquery in it see the joined relations."""
    condition = join.args["on"]
    nested = condition.find(exp.Select) is not None
    if scope.outer is None and not nested:
        return
    own = {id(field) for relation in scope.relations for field in relation.fields}
    outer = {id(f) for around in scope.outward() if around is not scope for r in around.relations for f in r.fields}
    here = join.find_ancestor(exp.Select)
    for column in condition.find_all(exp.Column):
        field = id(column.meta_get("field"))
        if field in outer or (field in own and nested and column.find_ancestor(exp.Select) is not here):
            what = f"the condition of a {side} JOIN cannot refer to {column.table}.{column.name} of an outer query"
            raise Fault(column, what, write="write the condition in a subquery that is joined")


def _is_true(node: exp.Expr) -> bool:
    node = node.unnest()
    return isinstance(node, exp.Boolean) and bool(node.this)


def _merge(join: exp.Expr, names: list[str], before: list[Relation], added: list[Relation], scope: Scope) -> None:
    """USING makes one column of two, which belongs to no relation and stands first in `*`; it becomes an ON."""
    merged: list[Field] = []
    condition: exp.Expr | None = None
    for name in names:
        if any(name == field.name for field in merged):
            raise Fault(join, f'USING: column "{name}" stands twice')
        left, right = _only(join, name, before, "left"), _only(join, name, added, "right")
        common = common_type(left.meta["type"], right.meta["type"])
        if common is None or not comparable(common):
            kinds = f"{brief(left.meta['type'])} with {brief(right.meta['type'])}"
            raise Fault(join, f"USING cannot compare {kinds} in {name}")
        coerce(left, common)
        coerce(right, common)
        merged.append(_merged_field(join, name, common, left, right))
        equal = typed(exp.EQ(this=left.copy(), expression=right.copy()), BOOLEAN)
        condition = equal if condition is None else typed(exp.And(this=condition, expression=equal), BOOLEAN)
    join.set("on", condition)
    join.set("using", None)
    for relation in (*before, *added):
        relation.hidden.update(name for name in names if name in relation.by_name)
    scope.relations[:0] = [Relation("", ((),), merged)]


def _only(join: exp.Expr, name: str, relations: list[Relation], where: str) -> exp.Expr:
    """The one column of the name on a side of the join."""
    found = Scope(relations).find((), name)
    if len(found) != 1:
        state = "exists more than once" if found else "does not exist"
        raise Fault(join, f'USING: column "{name}" {state} on the {where} side of the join')
    relation, field = found[0]
    return column_of(relation.alias, field)


def _merged_field(join: exp.Expr, name: str, common: Type, left: exp.Expr, right: exp.Expr) -> Field:
    side = str(join.args.get("side") or "").upper()
    columns = {"": (left,), "LEFT": (left,), "RIGHT": (right,)}.get(side, (left, right))
    fields = [column.meta["field"] for column in columns]
    both = [left.meta["field"], right.meta["field"]]
    return Field(
        name,
        common,
        both[0].zone if both[0].zone == both[1].zone else None,
        frozenset().union(*(field.sources for field in fields)),
        any(field.personal for field in both),
        both[0].description or both[1].description,
        both[0].days + both[1].days,
        merges=columns,
    )
