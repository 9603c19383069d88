"""The rules for FROM: tables, subqueries, joins, UNNEST, LATERAL, and the alias that each of them gets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from transforms.analyzer.coercion import common_type
from transforms.analyzer.faults import Fault, Unknowable, Unsupported, brief
from transforms.analyzer.identifiers import plain_name
from transforms.analyzer.reach import Bounds, Scan
from transforms.analyzer.scope import Cte, Field, Relation, Scope
from transforms.analyzer.walk import Walk
from transforms.column import ColumnRef
from transforms.errors import did_you_mean
from transforms.gaps import gap
from transforms.lake_types import BIGINT, DATE
from transforms.names import TableName

_CATALOG = "awsdatacatalog"


@gap("select 1 from (values 1) as a(x) join ((values 1) as b(x) join (values 1) as c(x) using (x)) on true")
def read_relations(walk: Walk, node: exp.Expr, scope: Scope, bounds: Bounds) -> list[Relation]:
    """The relations of one item of FROM: several only for a join in parentheses."""
    joins = node.args.get("joins")
    inner = node.this
    if isinstance(node, exp.Subquery) and isinstance(inner, (exp.Table, exp.Subquery)) and inner.args.get("joins"):
        if node.args.get("alias") is not None:
            raise Fault(node, "a join in parentheses has no alias", write="write (select .. from ..) as name")
        inside = Scope(list(scope.relations), scope.outer, scope.ctes)
        found = read_relations(walk, inner, inside, bounds)
        if inside.merged:
            raise Unsupported(node, "using inside of parentheses is not portable yet", write="write on ..")
        return found
    if isinstance(node, exp.Subquery) and isinstance(inner, exp.Table) and not inner.args.get("alias"):
        inner.set("alias", node.args.get("alias"))  # (t) is t
        node = node.replace(inner)
    relation = read_relation(walk, node, scope)
    if not joins:
        return [relation]
    joined = Scope([relation], scope.outer, scope.ctes)
    add_joins(walk, joins, joined, bounds)
    return joined.relations


def read_relation(walk: Walk, node: exp.Expr, scope: Scope) -> Relation:
    """One item of FROM. Relations that stand before it are in the scope, for UNNEST and LATERAL."""
    if isinstance(node, exp.Table):
        return _table(walk, node, scope)
    if isinstance(node, exp.Subquery):
        return _subquery(walk, node, scope)
    if isinstance(node, exp.Unnest):
        return _unnest(walk, node, scope)
    if isinstance(node, exp.Lateral):
        return _lateral(walk, node, scope)
    if isinstance(node, exp.Values):
        return _named(walk, node, walk.query(node, scope.outer, scope.ctes))
    raise Fault(node, f"{node.key.upper()} cannot stand in FROM")


@gap("select i from table(sequence(1, 3)) as n(i)", "select table_name from information_schema.tables")
def _table(walk: Walk, node: exp.Table, scope: Scope) -> Relation:
    if not isinstance(node.this, exp.Identifier):
        raise Unsupported(node, "table functions cannot mean the same on DuckDB", write="write cross join unnest(..)")
    parts = [part for part in (node.args.get("catalog"), node.args.get("db"), node.this) if part is not None]
    names = tuple(plain_name(part) for part in parts)
    if len(names) == 1:
        cte = scope.ctes.get(names[0])
        if cte is None:
            known = [str(table) for table in walk.schema]
            near = [name for name in known if name.endswith(f".{names[0]}")]
            write = f"write {near[0]}" if near else did_you_mean(names[0], [*scope.ctes, *known])
            raise Fault(node, f'table "{names[0]}" does not exist; a table is named database.table', "", write)
        return _cte(walk, node, names[0], cte)
    if len(names) == 3 and names[0] != _CATALOG:
        raise Fault(node, f'catalog "{names[0]}" does not exist here', f"the catalog is {_CATALOG}")
    table = TableName(names[-2], names[-1])
    columns = walk.schema.get(table)
    if columns is None and table.database == "information_schema":
        raise Unsupported(node, "information_schema is not portable", write="write the columns by name")
    if columns is None:
        near_name = did_you_mean(str(table), [str(known) for known in walk.schema])
        raise Fault(node, f"table {table} does not exist", "", near_name)
    if not columns:
        raise Unknowable
    scan = Scan(table)
    walk.scans.append(scan)
    last = len(columns) - 1
    fields = [
        Field(
            column.name,
            column.type,
            None,
            frozenset((ColumnRef(table, column.name),)),
            column.personal,
            column.description,
            (scan,) if index == last and column.type == DATE else (),
        )
        for index, column in enumerate(columns)
    ]
    node.meta["table"] = table
    if node.args.get("pivots"):
        raise Fault(node, "PIVOT does not exist on Athena", write="write sum(x) filter (where kind = 'a') as a, ..")
    if node.args.get("match_recognize") is not None:
        raise Unsupported(node, "MATCH_RECOGNIZE is not portable", write="write window functions")
    if node.args.get("sample") is not None:
        walk.refuse(node, "TABLESAMPLE gives other rows each time", "write where id % 10 = 0")
    return _named(walk, node, fields, names)


def _cte(walk: Walk, node: exp.Table, name: str, cte: Cte) -> Relation:
    if cte.fields is None:
        raise Unknowable
    fields = [replace(field) for field in cte.fields]
    if cte.total_uses > 1:
        fields = [replace(field, days=()) for field in fields]
    node.this.args["this"], node.this.args["quoted"] = name, True
    return _named(walk, node, fields, (name,))


def _subquery(walk: Walk, node: exp.Subquery, scope: Scope) -> Relation:
    return _named(walk, node, walk.query(node, scope.outer, scope.ctes))


def _lateral(walk: Walk, node: exp.Lateral, scope: Scope) -> Relation:
    inner = node.this
    if isinstance(inner, exp.Unnest):
        return _unnest(walk, inner, scope)
    if node.args.get("view") or not isinstance(inner, exp.Subquery):
        raise Fault(node, "LATERAL VIEW does not exist on Athena", write="write cross join unnest(x) as t(item)")
    fields = walk.query(inner, Scope(list(scope.relations), scope.outer, scope.ctes), scope.ctes)
    return _named(walk, node, [replace(field, days=()) for field in fields])


def _unnest(walk: Walk, node: exp.Unnest, scope: Scope) -> Relation:
    """One column per array, two per map. Athena keeps an array of rows as one column that holds the row."""
    clause, walk.clause = walk.clause, "UNNEST"
    sources, personal = walk.sources, walk.personal
    fields: list[Field] = []
    for index, expression in enumerate(list(node.expressions)):
        walk.sources, walk.personal = set(), False
        found = walk.type(expression, scope)
        if found.name not in ("array", "map"):
            raise Fault(expression, f"UNNEST is for arrays and maps, but this is {brief(found)}")
        zone = node.expressions[index].meta_get("zone")
        fields += [Field(None, part, zone, frozenset(walk.sources), walk.personal) for part in found.parts]
    walk.sources, walk.personal, walk.clause = sources, personal, clause
    offset = node.args.get("offset")
    if offset:
        name = offset.name.lower() if isinstance(offset, exp.Identifier) else None
        fields.append(Field(name, BIGINT))
    return _named(walk, node, fields)


def _named(walk: Walk, node: exp.Expr, fields: list[Field], names: tuple[str, ...] = ()) -> Relation:
    """The relation under its alias, which is written into the tree if the author gave none."""
    alias = node.args.get("alias")
    columns = [plain_name(column) for column in alias.args.get("columns") or ()] if alias is not None else []
    offset = node.args.get("offset")
    if columns:
        if isinstance(offset, exp.Identifier):
            columns.append(offset.name.lower())
        if len(columns) != len(fields):
            what = f"{len(columns)} column names are given to {len(fields)} columns"
            raise Fault(alias, what, "", "an array of rows is one column here" if isinstance(node, exp.Unnest) else "")
        fields = [replace(field, name=name, label=None) for field, name in zip(fields, columns, strict=True)]
    if alias is None:
        alias = exp.TableAlias()
        node.set("alias", alias)
    fields = _labelled(node, alias, fields)
    if alias.this is not None:
        name = plain_name(alias.this)
        alias.this.args["this"], alias.this.args["quoted"] = name, True
        return Relation(name, ((), (name,)), fields)
    name = names[-1] if names else walk.new_alias()
    alias.set("this", exp.Identifier(this=name, quoted=True))
    qualifiers = tuple(names[start:] for start in range(len(names)))
    if len(names) == 2:
        qualifiers += ((_CATALOG, *names),)
    return Relation(name, ((), *qualifiers), fields)


def _labelled(node: exp.Expr, alias: exp.Expr, fields: list[Field]) -> list[Field]:
    """Give every field a name of its own in the tree, by column aliases, so that `*` can tell them apart."""
    names = [field.name for field in fields]
    if None not in names and len(set(names)) == len(names):
        return fields
    labels: list[str] = []
    for index, name in enumerate(names):
        label = name if name is not None else f"_col{index}"
        while label in labels or (label != name and label in names):
            label += "_"
        labels.append(label)
    columns = [exp.Identifier(this=label, quoted=True) for label in labels]
    if node.args.get("offset"):
        node.set("offset", columns.pop())
    alias.set("columns", columns)
    return [replace(field, label=label) for field, label in zip(fields, labels, strict=True)]


def add_joins(walk: Walk, joins: Sequence[exp.Expr], scope: Scope, bounds: Bounds) -> None:
    """Join one relation after the other to those in the scope."""
    for join in joins:
        _join(walk, join, scope, bounds)


def _join(walk: Walk, join: exp.Expr, scope: Scope, bounds: Bounds) -> None:
    method, side = str(join.args.get("method") or "").upper(), str(join.args.get("side") or "").upper()
    if method:
        raise Fault(join, f"{method} JOIN is not supported here", write="write join .. using (..)")
    kind = str(join.args.get("kind") or "").upper()
    if kind not in ("", "INNER", "CROSS", "OUTER"):
        raise Fault(join, f"{kind} JOIN does not exist on Athena", write="write where exists (..)")
    added = read_relations(walk, join.this, scope, bounds)
    if len(added) == 1:
        _unambiguous(walk, join, added[0], scope)
    scope.relations += added
    condition, using = join.args.get("on"), join.args.get("using")
    if isinstance(join.this, (exp.Unnest, exp.Lateral)) and side in ("RIGHT", "FULL"):
        raise Fault(join, f"{side} JOIN UNNEST does not exist on Athena")
    if using:
        _merge(join, [plain_name(column) for column in using], added[0], scope, side)
    elif condition is not None:
        _on(walk, join, condition, scope, bounds, added, side)
    elif side or kind == "INNER":
        raise Fault(join, "the join has no condition", write="write on .. or using (..)")


def _unambiguous(walk: Walk, join: exp.Expr, relation: Relation, scope: Scope) -> None:
    """Two relations of one alias: legal as long as their columns are not named with it; then they get aliases apart."""
    if any(other.alias == relation.alias for other in scope.relations):
        name = walk.new_alias()
        alias = join.this.args["alias"]
        alias.this.args["this"] = name
        relation.alias = name


def _on(
    walk: Walk, join: exp.Expr, condition: exp.Expr, scope: Scope, bounds: Bounds, added: list[Relation], side: str
) -> None:
    clause, walk.clause = walk.clause, "ON"
    with walk.unnoticed(), walk.reporting():
        walk.boolean(condition, scope, "ON")
        if isinstance(join.this, (exp.Unnest, exp.Lateral)) and side and not _is_true(join.args["on"]):
            raise Fault(condition, "LEFT JOIN UNNEST takes only ON TRUE")
        if side:
            _without_correlation(join, scope, side)
    walk.clause = clause
    condition = join.args["on"]
    if side == "":
        bounds.add(condition)
    elif side == "LEFT":
        bounds.add(condition, [field for relation in added for field in relation.fields])
    elif side == "RIGHT":
        bounds.add(condition, [field for other in scope.relations[: -len(added)] for field in other.fields])


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
    return isinstance(node, exp.Boolean) and bool(node.this)


def _merge(join: exp.Expr, names: list[str], relation: Relation, scope: Scope, side: str) -> None:
    """USING makes one column of two; it has no relation, and stands first in `*`."""
    for name in names:
        merged = scope.merged.get(name)
        before = [
            field for other in scope.relations[:-1] if name not in other.hidden for field in other.by_name.get(name, ())
        ]
        left = [merged] if merged is not None else before
        right = relation.by_name.get(name, [])
        if len(left) != 1 or len(right) != 1:
            where = "the left" if len(left) != 1 else "the right"
            state = "exists more than once" if len(left) > 1 or len(right) > 1 else "does not exist"
            raise Fault(join, f'USING: column "{name}" {state} on {where} side of the join')
        common = common_type(left[0].type, right[0].type)
        if common is None:
            raise Fault(join, f"USING cannot compare {brief(left[0].type)} with {brief(right[0].type)} in {name}")
        scope.merged[name] = _merged_field(left[0], right[0], name, side)
        for other in scope.relations:
            if name in other.by_name:
                other.hidden.add(name)


def _merged_field(left: Field, right: Field, name: str, side: str) -> Field:
    common = common_type(left.type, right.type)
    assert common is not None
    sources = {"": left.sources, "LEFT": left.sources, "RIGHT": right.sources}.get(side, left.sources | right.sources)
    description = left.description or right.description
    return Field(name, common, left.zone, sources, left.personal or right.personal, description, left.days + right.days)
