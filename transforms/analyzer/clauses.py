"""GROUP BY, ORDER BY, LIMIT: which names each of them sees, and what it may hold."""

from __future__ import annotations

from sqlglot import exp

from transforms.analyzer.coercion import comparable, orderable
from transforms.analyzer.faults import Fault, brief
from transforms.analyzer.grouping import check_grouped
from transforms.analyzer.other_engines import PARTS
from transforms.analyzer.scope import Field, Relation, Scope
from transforms.analyzer.signatures import kind_of
from transforms.analyzer.tree import bare, name_of
from transforms.analyzer.walk import Walk
from transforms.gaps import gap
from transforms.lake_types import Type

_KEYS = ("expressions", "grouping_sets", "cube", "rollup")
_SETS = (exp.GroupingSets, exp.Cube, exp.Rollup)
_WRAPPERS = (exp.Filter, exp.WithinGroup, exp.IgnoreNulls, exp.RespectNulls)


def check_clauses(walk: Walk, node: exp.Expr) -> None:
    """Clauses that only other engines have."""
    for key, (word, write) in PARTS.items():
        if node.args.get(key):
            walk.report(Fault(node, f"{word} does not exist on Athena", write=write))


@gap("select count(*) as c from (values 1) as n(i) group by distinct rollup (i), rollup (i)")
def group_keys(walk: Walk, node: exp.Expr, scope: Scope) -> list[exp.Expr] | None:
    """The keys of GROUP BY; None without one, or with a fault in it."""
    group = node.args.get("group")
    if group is None:
        return None
    walk.clause = "GROUP BY"
    before, walk.uncertain = walk.uncertain, False
    keys: list[exp.Expr] = []
    if not any(group.args.get(key) for key in (*_KEYS, "all")):
        walk.report(Fault(node, "GROUP BY is empty", write="write group by 1, 2"))
    if group.args.get("all") and not any(group.args.get(key) for key in _KEYS):
        walk.report(Fault(group, "GROUP BY ALL does not exist on Athena", write="write group by 1, 2"))
    if group.args.get("all") is False and any(map(group.find, _SETS)):
        walk.refuse(group, "GROUP BY DISTINCT is not portable", "write the grouping sets, each once")
    sets = [part for key in ("grouping_sets", "cube", "rollup") for part in group.args.get(key) or ()]
    with walk.unnoticed():
        for parent in (group, *sets):
            _keys(walk, parent, node, scope, keys)
    faulty, walk.uncertain = walk.uncertain, walk.uncertain or before
    return None if faulty else keys


def _keys(walk: Walk, parent: exp.Expr, node: exp.Expr, scope: Scope, keys: list[exp.Expr]) -> None:
    for index in range(len(parent.expressions)):
        item = parent.expressions[index]
        if isinstance(item, _SETS) and isinstance(parent, _SETS):
            walk.report(
                Fault(item, f"{item.key.upper()} cannot stand in another set", write="write its sets one by one")
            )
            continue
        if isinstance(item, (*_SETS, exp.Tuple)):
            _keys(walk, item, node, scope, keys)
            continue
        position = _written_position(item)
        if position is not None and (isinstance(parent, exp.Group) or isinstance(item, exp.Literal)):
            item = item.replace(item.unnest().copy())
            with walk.reporting():
                keys.append(_ordinal(node, position, item, "GROUP BY"))
                _column_in_set(item, keys[-1])
            continue
        with walk.reporting():
            found = walk.type(item, scope)
            if not comparable(found):
                raise Fault(item, f"GROUP BY is not for {brief(found)}")
            item = parent.expressions[index]
            keys.append(item)
            while isinstance(item, exp.Paren):
                item = item.this
                keys.append(item)
            _column_in_set(item, item)


def _column_in_set(item: exp.Expr, key: exp.Expr) -> None:
    """ROLLUP and CUBE name columns; GROUPING SETS may also give positions."""
    around = item.find_ancestor(*_SETS, exp.Group)
    if isinstance(around, _SETS) and not (
        isinstance(key, exp.Column) and (key is item or isinstance(around, exp.GroupingSets))
    ):
        what = "ROLLUP, CUBE and GROUPING SETS are for columns"
        raise Fault(item, what, write="name the expression in a subquery, and group by that name")


def _written_position(key: exp.Expr) -> int | None:
    """The whole number, also a negative one and one in parentheses, that stands as a key; None for other keys."""
    key = key.unnest()
    number = key.this.unnest() if isinstance(key, exp.Neg) else key
    if not isinstance(number, exp.Literal) or number.is_string or not number.this.isdigit():
        return None
    return int(number.this) * (-1 if isinstance(key, exp.Neg) else 1)


def _ordinal(node: exp.Expr, position: int, item: exp.Expr, clause: str) -> exp.Expr:
    items = node.args["expressions"]
    if not 1 <= position <= len(items):
        raise Fault(item, f"{clause} {position} is not a position of the select list", f"1 to {len(items)}")
    found = items[position - 1]
    result: exp.Expr = found.this if isinstance(found, exp.Alias) else found
    if clause == "GROUP BY" and any(name_of(call) for call in result.find_all(exp.Anonymous) if _is_aggregate(call)):
        raise Fault(item, f"GROUP BY {position} is an aggregate")
    return result


def _is_aggregate(call: exp.Anonymous) -> bool:
    return kind_of(name_of(call)) == "aggregate" and not isinstance(call.parent, (exp.Window, exp.Filter))


def check_groups(walk: Walk, node: exp.Expr, keys: list[exp.Expr], scope: Scope) -> None:
    nodes = [item.this if isinstance(item, exp.Alias) else item for item in node.args["expressions"]]
    having, order = node.args.get("having"), node.args.get("order")
    if having is not None:
        nodes.append(having.this)
    if order is not None:
        nodes += [item.this for item in order.expressions if not item.this.meta_get("output")]
    check_grouped(walk, nodes, keys, scope)


def order_by(walk: Walk, node: exp.Expr, fields: list[Field | None], scope: Scope) -> None:
    """ORDER BY sees the names of the output first, then the columns of FROM."""
    order = node.args.get("order")
    if order is None:
        return
    walk.clause = "ORDER BY"
    by_name: dict[str, list[int]] = {}
    for index, field in enumerate(fields):
        if field is not None and field.name is not None:
            by_name.setdefault(field.name, []).append(index)
    for item in order.expressions:
        with walk.unnoticed(), walk.reporting():
            found = _order_type(walk, node, item, fields, by_name, scope)
            if found is not None and not orderable(found):
                raise Fault(item, f"ORDER BY is not for {brief(found)}")


def _order_type(
    walk: Walk,
    node: exp.Expr,
    item: exp.Expr,
    fields: list[Field | None],
    by_name: dict[str, list[int]],
    scope: Scope,
) -> Type | None:
    key = item.this
    position = _written_position(key)
    if position is not None:
        if not 1 <= position <= len(fields):
            raise Fault(key, f"ORDER BY {position} is not a position of the select list", f"1 to {len(fields)}")
        key = key.replace(key.unnest().copy())
        key.meta["output"] = True
        chosen = fields[position - 1]
        return chosen.type if chosen is not None else None
    if isinstance(key, exp.Column) and len(key.parts) == 1 and key.name.lower() in by_name:
        places = by_name[key.name.lower()]
        items = node.args.get("expressions") or []
        if len(places) > 1 and len({items[place].this for place in places if place < len(items)}) > 1:
            raise Fault(key, f'"{key.name}" is ambiguous: several columns of the select list have that name')
        chosen = fields[places[0]]
        assert chosen is not None
        key.this.args["this"], key.this.args["quoted"] = chosen.name, True
        key.meta.update(output=True, type=chosen.type, field=chosen)
        return chosen.type
    _replace_aliases(node, key, by_name, scope)
    found = walk.type(item.this, scope)
    distinct = node.args.get("distinct")
    if (
        isinstance(node, exp.Select)
        and distinct is not None
        and not any(bare(item.this) == bare(chosen.unalias()) for chosen in node.args["expressions"])
    ):
        raise Fault(item.this, "with DISTINCT, ORDER BY is for columns of the select list")
    return found


def _replace_aliases(node: exp.Expr, key: exp.Expr, by_name: dict[str, list[int]], scope: Scope) -> None:
    """Inside of an expression, an alias of the select list is the expression behind it; no aggregate reads it."""
    if not isinstance(node, exp.Select):
        return
    for column in list(key.find_all(exp.Column)):
        if len(column.parts) > 1 or column.name.lower() not in by_name or _in_query(column, key):
            continue
        if _in_aggregate(column, key):
            what = f'"{column.name}" is a column of the select list here, which an aggregate in ORDER BY cannot read'
            raise Fault(column, what, write=f"order by its position or alias, or write t.{column.name}")
        behind = node.args["expressions"][by_name[column.name.lower()][0]].unalias()
        column.replace(exp.Paren(this=behind.copy()))


def _in_query(column: exp.Expr, key: exp.Expr) -> bool:
    around = column.find_ancestor(exp.Query)
    return around is not None and (around is key or around.find_ancestor(exp.Order) is key.find_ancestor(exp.Order))


def _in_aggregate(column: exp.Expr, key: exp.Expr) -> bool:
    """Whether an aggregate reads the column, in its arguments or its FILTER; a window function may."""
    inner, above = column, column.parent
    while inner is not key and above is not None:
        around = above.parent
        while isinstance(around, _WRAPPERS):
            around = around.parent
        aggregate = isinstance(above, exp.Anonymous) and kind_of(name_of(above)) == "aggregate"
        if (aggregate or isinstance(above, exp.Filter)) and not isinstance(around, exp.Window):
            return True
        inner, above = above, above.parent
    return False


def order_output(walk: Walk, node: exp.Expr, fields: list[Field], scope: Scope) -> None:
    """ORDER BY, LIMIT and OFFSET behind a set operation or parentheses see the output only."""
    inner = Scope([Relation("", ((),), fields)], scope.outer, scope.ctes)
    known: list[Field | None] = list(fields)
    order_by(walk, node, known, inner)
    check_counts(walk, node)


def check_counts(walk: Walk, node: exp.Expr) -> None:
    """LIMIT and OFFSET are whole numbers."""
    for key in ("limit", "offset"):
        clause = node.args.get(key)
        if clause is None:
            continue
        value = clause.args.get("count") if isinstance(clause, exp.Fetch) else clause.expression
        if isinstance(clause, exp.Fetch) and value is not None and value.name == "0":
            walk.report(Fault(value, "FETCH FIRST is for one row or more", write="write limit 0"))
        elif isinstance(value, exp.Literal) and not value.is_string and value.this.isdigit():
            value.meta["type"] = Type("bigint")
        elif value is not None and value.name.lower() != "all":
            walk.report(Fault(value, f"{key.upper()} is a whole number"))
