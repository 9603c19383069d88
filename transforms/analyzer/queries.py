"""The rules for queries: SELECT, set operations, VALUES, WITH, and the order in which their clauses see names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from sqlglot import exp

from transforms.analyzer.coercion import common_type, comparable, orderable, zoned
from transforms.analyzer.documentation import read_comment
from transforms.analyzer.faults import Fault, Unknowable, brief
from transforms.analyzer.from_items import add_joins, read_relation
from transforms.analyzer.grouping import check_grouped
from transforms.analyzer.reach import Bounds
from transforms.analyzer.scope import Cte, Field, Scope
from transforms.analyzer.syntax import RESERVED
from transforms.analyzer.tree import name_of
from transforms.analyzer.walk import SESSION_ZONE, Walk, coerce, on
from transforms.lake_types import Field as RowField
from transforms.lake_types import Type

_NOT_ATHENA = {
    "qualify": "QUALIFY",
    "laterals": "LATERAL VIEW",
    "pivots": "PIVOT",
    "cluster": "CLUSTER BY",
    "distribute": "DISTRIBUTE BY",
    "sort": "SORT BY",
    "into": "INTO",
    "locks": "FOR UPDATE",
    "kind": "SELECT AS",
    "hint": "a hint",
    "connect": "CONNECT BY",
    "prewhere": "PREWHERE",
    "settings": "SETTINGS",
    "format": "FORMAT",
}
_SETS = {exp.Union: "UNION", exp.Except: "EXCEPT", exp.Intersect: "INTERSECT"}
Output = list[Field]


def read_query(walk: Walk, node: exp.Expr, outer: Scope | None, ctes: dict[str, Cte]) -> Output:
    """The columns that a query returns. Raises Fault or Unknowable when they cannot be known."""
    ctes = _with(walk, node, outer, ctes)
    if isinstance(node, exp.Select):
        return _select(walk, node, outer, ctes)
    if isinstance(node, exp.SetOperation):
        return _set_operation(walk, node, outer, ctes)
    if isinstance(node, exp.Subquery):
        found = read_query(walk, node.this, outer, ctes)
        _modifiers(walk, node, found, Scope([], outer, ctes))
        return found
    if isinstance(node, exp.Values):
        return read_values(walk, node, Scope([], outer, ctes))
    if isinstance(node, exp.Table):
        return read_relation(walk, node, Scope([], outer, ctes)).fields
    raise Fault(node, f"{node.key.upper()} is not a query")


def _with(walk: Walk, node: exp.Expr, outer: Scope | None, ctes: dict[str, Cte]) -> dict[str, Cte]:
    clause = node.args.get("with_")
    if clause is None:
        return ctes
    ctes = dict(ctes)
    uses = Counter(table.name.lower() for table in node.find_all(exp.Table) if not table.args.get("db"))
    seen: set[str] = set()
    for item in clause.expressions:
        name = _identifier(item.args["alias"].this)
        if name in seen:
            walk.report(Fault(item.args["alias"], f'"{name}" is defined twice in WITH'))
        seen.add(name)
        columns = [_identifier(column) for column in item.args["alias"].args.get("columns") or ()]
        recursive = clause.args.get("recursive") and isinstance(item.this, exp.SetOperation)
        fields: Output | None = None
        with walk.reporting():
            if recursive and uses[name]:
                fields = _recursive(walk, item, name, columns, outer, ctes)
            else:
                fields = renamed(item, read_query(walk, item.this, outer, ctes), columns)
        ctes[name] = Cte(fields, uses[name])
    return ctes


def _recursive(
    walk: Walk, item: exp.Expr, name: str, columns: list[str], outer: Scope | None, ctes: dict[str, Cte]
) -> Output:
    """A query that reads itself: its first part alone decides the columns."""
    if not columns:
        raise Fault(item, f"{name} is recursive and needs column names", write=f"write {name}(a, b) as (..)")
    first = renamed(item, read_query(walk, item.this.this, outer, ctes), columns)
    read_query(walk, item.this.expression, outer, {**ctes, name: Cte(first, 2)})
    return [replace(field, days=()) for field in first]


def renamed(node: exp.Expr, fields: Output, names: list[str]) -> Output:
    """The same columns under the names that an alias gives them."""
    if not names:
        return fields
    if len(names) != len(fields):
        raise Fault(node, f"{len(names)} column names are given to {len(fields)} columns")
    return [replace(field, name=name) for field, name in zip(fields, names, strict=True)]


def _identifier(node: exp.Expr) -> str:
    """The name in lower case, written so into the tree."""
    name: str = node.name
    if not node.args.get("quoted") and name.upper() in RESERVED:
        raise Fault(node, f'"{name}" is a reserved word', write=f'write "{name}" in double quotes')
    return name.lower()


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


def _select(walk: Walk, node: exp.Select, outer: Scope | None, ctes: dict[str, Cte]) -> Output:
    args = node.args
    for key, word in _NOT_ATHENA.items():
        if args.get(key):
            walk.report(Fault(node, f"{word} does not exist on Athena"))
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
        fields = _items(walk, node, scope)
        keys = _group(walk, node, scope)
        having = args.get("having")
        if having is not None:
            _condition(walk, having.this, scope, "HAVING")
        _order_by(walk, node, fields, scope)
        if (keys is not None or walk.aggregates or having is not None) and not any(f is None for f in fields):
            _check_groups(walk, node, keys or [], scope)
        _count_clauses(walk, node)
        known = [field for field in fields if field is not None]
        if len(known) < len(fields):
            raise Unknowable
        return _days_kept(walk, node, known)


def _from(walk: Walk, node: exp.Select, scope: Scope, bounds: Bounds) -> None:
    source = node.args.get("from_")
    if source is None:
        return
    walk.clause = "FROM"
    relation = read_relation(walk, source.this, scope)
    scope.relations.append(relation)
    nested = source.this.args.get("joins") if not isinstance(source.this, exp.Subquery) else None
    add_joins(walk, [*(nested or ()), *(node.args.get("joins") or ())], scope, bounds)


def _condition(walk: Walk, node: exp.Expr, scope: Scope, clause: str) -> None:
    walk.clause = clause
    sources, personal = set(walk.sources), walk.personal
    with walk.reporting():
        walk.boolean(node, scope, clause)
    walk.sources, walk.personal = sources, personal


def _named_windows(walk: Walk, node: exp.Select) -> None:
    for window in node.args.get("windows") or ():
        walk.named_windows[window.this.name.lower()] = window


def expand_stars(walk: Walk, node: exp.Select, scope: Scope) -> None:
    """Write the columns that `*` and `t.*` stand for into the tree."""
    items = node.args["expressions"]
    if not any(_is_star(item) for item in items):
        return
    expanded: list[exp.Expr] = []
    for item in items:
        if not _is_star(item):
            expanded.append(item)
            continue
        with walk.reporting():
            expanded += _star(walk, item, scope)
    node.set("expressions", expanded)


def _is_star(item: exp.Expr) -> bool:
    if isinstance(item, exp.Aliases):
        item = item.this
    return isinstance(item, exp.Star) or (
        isinstance(item, (exp.Column, exp.Dot))
        and isinstance(item.this if isinstance(item, exp.Column) else item.expression, exp.Star)
    )


def _star(walk: Walk, item: exp.Expr, scope: Scope) -> list[exp.Expr]:
    if isinstance(item, exp.Aliases):
        columns = _star(walk, item.this, scope)
        if len(columns) != len(item.expressions):
            raise Fault(item, f"{len(item.expressions)} names are given to {len(columns)} columns")
        return [
            exp.alias_(c.unalias(), _identifier(n), quoted=True) for c, n in zip(columns, item.expressions, strict=True)
        ]
    if isinstance(item, exp.Star):
        if any(item.args.get(key) for key in ("except_", "replace", "rename")):
            raise Fault(item, "* EXCEPT and * REPLACE do not exist on Athena", write="write the columns")
        if not scope.relations:
            raise Fault(item, "* needs a FROM")
        merged = [_star_column(None, field) for field in scope.merged.values()]
        return merged + [
            _star_column(relation.alias, field)
            for relation in scope.relations
            for field in relation.fields
            if field.name not in relation.hidden
        ]
    if isinstance(item, exp.Column):
        qualifier = tuple(part.name.lower() for part in item.parts[:-1])
        for around in scope.outward():
            for relation in around.relations:
                if qualifier in relation.qualifiers:
                    return [_star_column(relation.alias, field) for field in relation.fields]
        value = exp.Column(**{key: part for key, part in zip(("this", "table", "db"), reversed(item.parts[:-1]))})
    else:
        value = item.this
    return _row_fields(walk, item, value, scope)


def _star_column(alias: str | None, field: Field) -> exp.Expr:
    name = field.name if field.name is not None else "_unnamed"
    column = exp.Column(this=exp.Identifier(this=name, quoted=True))
    if alias is not None:
        column.set("table", exp.Identifier(this=alias, quoted=True))
    column.meta["field"], column.meta["star"] = field, True
    return column


def _row_fields(walk: Walk, item: exp.Expr, value: exp.Expr, scope: Scope) -> list[exp.Expr]:
    holder = exp.Paren(this=value)
    found = walk.type(holder, scope)
    if found.name != "row":
        raise Fault(item, f".* is for tables and rows, but this is {brief(found)}")
    value = holder.this
    return [
        exp.alias_(
            exp.Dot(this=value.copy(), expression=exp.Identifier(this=field.name, quoted=True)), field.name, quoted=True
        )
        if field.name is not None
        else exp.Bracket(this=value.copy(), expressions=[exp.Literal.number(index + 1)])
        for index, field in enumerate(found.fields)
    ]


def _items(walk: Walk, node: exp.Select, scope: Scope) -> list[Field | None]:
    """Type the select list. None stands for an item with a fault."""
    walk.clause = "SELECT"
    fields: list[Field | None] = []
    items = node.args["expressions"]
    outer_sources, outer_personal = walk.sources, walk.personal
    gathered, any_personal = set(outer_sources), outer_personal
    for index in range(len(items)):
        walk.sources, walk.personal = set(), False
        field: Field | None = None
        with walk.reporting():
            field = _item(walk, items, index, node, scope)
        fields.append(field)
        gathered |= walk.sources
        any_personal = any_personal or walk.personal
    walk.sources, walk.personal = gathered, any_personal
    return fields


def _item(walk: Walk, items: list[exp.Expr], index: int, parent: exp.Select, scope: Scope) -> Field:
    item = items[index]
    if item.meta_get("star"):
        return _star_item(walk, item, index)
    if isinstance(item, exp.Alias):
        name: str | None = _identifier(item.args["alias"])
        expression = item.this
    else:
        name, expression = _natural_name(item), item
    found = walk.type(expression, scope)
    expression = item.this if isinstance(item, exp.Alias) else items[index]
    zone = expression.meta_get("zone")
    source: Field | None = expression.meta_get("field")
    if not isinstance(item, exp.Alias):
        spelled = name if name is not None else f"_col{index}"
        item = _aliased(expression, spelled)
        items[index] = item
        item.parent, item.arg_key, item.index = parent, "expressions", index
    else:
        item.args["alias"].args["quoted"] = True
    item.meta["type"] = found
    if zone is not None:
        item.meta["zone"] = zone
    description, personal = read_comment(item.comments)
    walk.personal = walk.personal or personal
    return Field(
        name,
        found,
        zone,
        frozenset(walk.sources),
        walk.personal,
        description or (source.description if source is not None else ""),
        source.days if source is not None else (),
    )


def _star_item(walk: Walk, item: exp.Expr, index: int) -> Field:
    field: Field = item.meta["field"]
    meta = item.meta
    meta["type"] = field.type
    if field.zone is not None:
        meta["zone"] = field.zone
    walk.sources |= field.sources
    walk.personal = field.personal
    name = field.name if field.name is not None else f"_col{index}"
    parent, key = item.parent, item.arg_key
    alias = _aliased(item, name)
    alias.meta["type"] = field.type
    if field.zone is not None:
        alias.meta["zone"] = field.zone
    assert parent is not None and key is not None
    parent.args[key][index] = alias
    alias.parent, alias.arg_key, alias.index = parent, key, index
    return field


def _aliased(expression: exp.Expr, name: str) -> exp.Expr:
    alias = exp.Alias(this=expression, alias=exp.Identifier(this=name, quoted=True))
    if expression.comments:
        alias.comments = expression.comments
        expression.comments = None
    return alias


def _natural_name(node: exp.Expr) -> str | None:
    """The name that a column without an alias has: its own; None for other expressions."""
    if isinstance(node, exp.Column) and isinstance(node.this, exp.Identifier):
        return str(node.this.name).lower()
    if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Identifier):
        return str(node.expression.name).lower()
    return None


def _group(walk: Walk, node: exp.Select, scope: Scope) -> list[exp.Expr] | None:
    """The keys of GROUP BY; None without one."""
    group = node.args.get("group")
    if group is None:
        return None
    walk.clause = "GROUP BY"
    sources, personal = set(walk.sources), walk.personal
    keys: list[exp.Expr] = []
    if group.args.get("all"):
        walk.report(Fault(group, "GROUP BY ALL does not exist on Athena", write="write group by 1, 2"))
    for parent in (group, *(part for key in ("grouping_sets", "cube", "rollup") for part in group.args.get(key) or ())):
        _keys(walk, parent, node, scope, keys)
    walk.sources, walk.personal = sources, personal
    return keys


def _keys(walk: Walk, parent: exp.Expr, node: exp.Select, scope: Scope, keys: list[exp.Expr]) -> None:
    for index in range(len(parent.expressions)):
        item = parent.expressions[index]
        if isinstance(item, (exp.GroupingSets, exp.Cube, exp.Rollup, exp.Tuple)):
            _keys(walk, item, node, scope, keys)
            continue
        if isinstance(item, exp.Literal) and not item.is_string:
            with walk.reporting():
                keys.append(_ordinal(node, item, "GROUP BY"))
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


def _ordinal(node: exp.Expr, item: exp.Expr, clause: str) -> exp.Expr:
    items = node.args["expressions"]
    position = int(item.this) if item.this.isdigit() else 0
    if not 1 <= position <= len(items):
        raise Fault(item, f"{clause} {item.this} is not a position of the select list", f"1 to {len(items)}")
    found = items[position - 1]
    result: exp.Expr = found.this if isinstance(found, exp.Alias) else found
    if clause == "GROUP BY" and any(name_of(call) for call in result.find_all(exp.Anonymous) if _is_aggregate(call)):
        raise Fault(item, f"GROUP BY {item.this} is an aggregate")
    return result


def _is_aggregate(call: exp.Anonymous) -> bool:
    from transforms.analyzer.signatures import kind_of

    return kind_of(name_of(call)) == "aggregate" and not isinstance(call.parent, (exp.Window, exp.Filter))


def _check_groups(walk: Walk, node: exp.Select, keys: list[exp.Expr], scope: Scope) -> None:
    nodes = [item.this if isinstance(item, exp.Alias) else item for item in node.args["expressions"]]
    having, order = node.args.get("having"), node.args.get("order")
    if having is not None:
        nodes.append(having.this)
    if order is not None:
        nodes += [item.this for item in order.expressions if not item.this.meta_get("output")]
    check_grouped(walk, nodes, keys, scope)


def _order_by(walk: Walk, node: exp.Expr, fields: list[Field | None], scope: Scope) -> None:
    """ORDER BY sees the names of the output first, then the columns of FROM."""
    order = node.args.get("order")
    if order is None:
        return
    walk.clause = "ORDER BY"
    sources, personal = set(walk.sources), walk.personal
    by_name: dict[str, list[int]] = {}
    for index, field in enumerate(fields):
        if field is not None and field.name is not None:
            by_name.setdefault(field.name, []).append(index)
    for item in order.expressions:
        with walk.reporting():
            found = _order_type(walk, node, item, fields, by_name, scope)
            if found is not None and not orderable(found):
                raise Fault(item, f"ORDER BY is not for {brief(found)}")
    walk.sources, walk.personal = sources, personal


def _order_type(
    walk: Walk,
    node: exp.Expr,
    item: exp.Expr,
    fields: list[Field | None],
    by_name: dict[str, list[int]],
    scope: Scope,
) -> Type | None:
    key = item.this
    if isinstance(key, exp.Literal) and not key.is_string:
        position = int(key.this) if key.this.isdigit() else 0
        if not 1 <= position <= len(fields):
            raise Fault(key, f"ORDER BY {key.this} is not a position of the select list", f"1 to {len(fields)}")
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
    if distinct is not None and not any(item.this == chosen.unalias() for chosen in node.args["expressions"]):
        raise Fault(item.this, "with DISTINCT, ORDER BY is for columns of the select list")
    return found


def _replace_aliases(node: exp.Expr, key: exp.Expr, by_name: dict[str, list[int]], scope: Scope) -> None:
    """Inside of an expression, an alias of the select list is the expression behind it."""
    if not isinstance(node, exp.Select):
        return
    for column in list(key.find_all(exp.Column)):
        if len(column.parts) == 1 and column.name.lower() in by_name:
            index = by_name[column.name.lower()][0]
            behind = node.args["expressions"][index].unalias()
            if not any(_is_aggregate(call) for call in behind.find_all(exp.Anonymous)):
                column.replace(exp.Paren(this=behind.copy()))


def _modifiers(walk: Walk, node: exp.Expr, fields: Output, scope: Scope) -> None:
    """ORDER BY, LIMIT and OFFSET behind a set operation or parentheses see the output only."""
    inner = Scope([], scope.outer, scope.ctes, merged={f.name: f for f in fields if f.name is not None})
    known: list[Field | None] = list(fields)
    _order_by(walk, node, known, inner)
    _count_clauses(walk, node)


def _count_clauses(walk: Walk, node: exp.Expr) -> None:
    """LIMIT and OFFSET are whole numbers."""
    for key in ("limit", "offset"):
        clause = node.args.get(key)
        if clause is None:
            continue
        value = clause.args.get("count") if isinstance(clause, exp.Fetch) else clause.expression
        if isinstance(value, exp.Literal) and not value.is_string and value.this.isdigit():
            value.meta["type"] = Type("bigint")
        elif value is not None and value.name.lower() != "all":
            walk.report(Fault(value, f"{key.upper()} is a whole number"))


def _days_kept(walk: Walk, node: exp.Select, fields: Output) -> Output:
    """A filter around this query is a filter on its scans only where it chooses whole days: not behind LIMIT or a window."""
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


def _set_operation(walk: Walk, node: exp.SetOperation, outer: Scope | None, ctes: dict[str, Cte]) -> Output:
    word = _SETS[type(node)]
    if node.args.get("by_name") or node.args.get("match"):
        walk.report(Fault(node, f"{word} BY NAME does not exist on Athena"))
    left: Output | None = None
    with walk.reporting():
        left = read_query(walk, node.this, outer, ctes)
    right = read_query(walk, node.expression, outer, ctes)
    if left is None:
        raise Unknowable
    if len(left) != len(right):
        raise Fault(node.expression, f"{word} joins {len(left)} columns with {len(right)}")
    fields = [
        _joined_field(node, word, index, one, other) for index, (one, other) in enumerate(zip(left, right, strict=True))
    ]
    types = [field.type for field in fields]
    coerce_output(node.this, types)
    coerce_output(node.expression, types)
    _modifiers(walk, node, fields, Scope([], outer, ctes))
    if node.args.get("limit") is not None or node.args.get("offset") is not None:
        fields = [replace(field, days=()) for field in fields]
    return fields


def _joined_field(node: exp.Expr, word: str, index: int, one: Field, other: Field) -> Field:
    common = common_type(one.type, other.type)
    if common is None:
        name = one.name or f"{index + 1}"
        what = f"{word} joins {brief(one.type)} with {brief(other.type)} in column {name}"
        raise Fault(node.expression, what, "", "write cast(.. as ..) in one of them")
    zone = None
    if zoned(common):
        zones = {
            field.zone if zoned(field.type) else SESSION_ZONE for field in (one, other) if field.type.name != "unknown"
        }
        zone = zones.pop() if len(zones) == 1 else None
    return Field(
        one.name,
        common,
        zone,
        one.sources | other.sources,
        one.personal or other.personal,
        one.description or other.description,
        one.days + other.days,
    )


def coerce_output(node: exp.Expr, types: list[Type]) -> None:
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
            for item, type_ in zip(_cells(row), types, strict=True):
                coerce(item, type_)


def read_values(walk: Walk, node: exp.Values, scope: Scope) -> Output:
    """The columns of VALUES, which have no names of their own."""
    walk.clause, clause = "VALUES", walk.clause
    columns: list[Type] | None = None
    zones: list[str | None] = []
    for row in node.expressions:
        _flatten(row)
        walk.types(_cells(row), scope)
        cells = _cells(row)
        if columns is None:
            columns = [cell.meta["type"] for cell in cells]
            zones = [cell.meta_get("zone") for cell in cells]
            continue
        if len(cells) != len(columns):
            raise Fault(row, f"rows of VALUES have {len(columns)} and {len(cells)} columns")
        for index, cell in enumerate(cells):
            common = common_type(columns[index], cell.meta["type"])
            if common is None:
                what = f"column {index + 1} of VALUES is {brief(columns[index])} and {brief(cell.meta['type'])}"
                raise Fault(cell, what, write="cast them to one type")
            columns[index] = common
            zones[index] = zones[index] if zones[index] == cell.meta_get("zone") else None
    walk.clause = clause
    assert columns is not None
    coerce_output(node, columns)
    sources = frozenset(walk.sources)
    return [Field(None, type_, zone, sources) for type_, zone in zip(columns, zones, strict=True)]


def _flatten(row: exp.Expr) -> None:
    """`values row(1, 2)` and `values (row(1, 2))` are rows of two columns."""
    cells = row.expressions
    if len(cells) == 1 and isinstance(cells[0], exp.Anonymous) and name_of(cells[0]) == "row":
        row.set("expressions", cells[0].expressions)


def _cells(row: exp.Expr) -> list[exp.Expr]:
    return list(row.expressions) if isinstance(row, exp.Tuple) else [row]


def _subquery(walk: Walk, node: exp.Expr, scope: Scope) -> list[Field]:
    return read_query(walk, node, scope, dict(scope.ctes))


@on(exp.Subquery, exp.Select, exp.Union, exp.Except, exp.Intersect, exp.Values)
def _scalar(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    """A query in an expression: its one column, or a row of them."""
    fields = _subquery(walk, node, scope)
    if len(fields) == 1:
        if fields[0].zone is not None:
            node.meta["zone"] = fields[0].zone
        return fields[0].type
    return Type("row", (), (), tuple(RowField(field.name, field.type) for field in fields))


@on(exp.Exists)
def _exists(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    sources, personal = set(walk.sources), walk.personal
    _subquery(walk, node.this, scope)
    walk.sources, walk.personal = sources, personal
    return Type("boolean")


Reader = Callable[[Walk, exp.Expr, Scope], Output]
