"""The rules for one relation of FROM: tables, subqueries, UNNEST, LATERAL, and the alias that each of them gets."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from transforms.analyzer.correlation import check_correlation
from transforms.analyzer.faults import Fault, Unknowable, Unsupported, brief
from transforms.analyzer.identifiers import plain_name
from transforms.analyzer.other_engines import PARTS, TABLES
from transforms.analyzer.reach import Scan
from transforms.analyzer.scope import Cte, Field, Relation, Scope
from transforms.analyzer.walk import Walk
from transforms.column import ColumnRef
from transforms.errors import did_you_mean
from transforms.gaps import gap
from transforms.lake_types import BIGINT, DATE
from transforms.names import TableName

_CATALOG = "awsdatacatalog"


def read_relation(walk: Walk, node: exp.Expr, scope: Scope) -> Relation:
    """One item of FROM. Relations that stand before it are in the scope, for UNNEST and LATERAL."""
    if node.args.get("pivots"):
        raise Fault(node, "PIVOT does not exist on Athena", write=PARTS["pivots"][1])
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
        raise _no_name(node)
    parts = [part for part in (node.args.get("catalog"), node.args.get("db"), node.this) if part is not None]
    names = tuple(plain_name(part) for part in parts)
    if len(names) == 1:
        cte = scope.ctes.get(names[0])
        if cte is not None:
            return _cte(walk, node, names[0], cte)
        names = (_database(walk, node, names[0], scope), names[0])
    if len(names) == 3 and names[0] != _CATALOG:
        raise Fault(node, f'catalog "{names[0]}" does not exist here', f"the catalog is {_CATALOG}")
    table = TableName(names[-2], names[-1])
    fields = _fields(walk, node, table)
    node.meta["table"] = table
    if node.args.get("match_recognize") is not None:
        raise Unsupported(node, "MATCH_RECOGNIZE is not portable", write="write window functions")
    if node.args.get("sample") is not None:
        walk.refuse(node, "TABLESAMPLE gives other rows each time", "write where id % 10 = 0")
    return _named(walk, node, fields, names)


def _no_name(node: exp.Table) -> Fault:
    """A call where a table is named."""
    if isinstance(node.this, exp.Anonymous) and node.this.name.lower() != "table":
        write = TABLES.get(node.this.name.lower(), "cross join unnest(..)")
        return Fault(node.this, f"{node.this.name} cannot stand in FROM", write=f"write {write}")
    return Unsupported(node, "table functions cannot mean the same on DuckDB", write="write cross join unnest(..)")


def _database(walk: Walk, node: exp.Table, name: str, scope: Scope) -> str:
    """Where a table is looked for whose name has none."""
    if walk.database:
        return walk.database
    known = [str(table) for table in walk.schema]
    near = [table for table in known if table.endswith(f".{name}")]
    write = f"write {near[0]}" if near else did_you_mean(name, [*scope.ctes, *known])
    raise Fault(node, f'table "{name}" does not exist; a table is named database.table', "", write)


def _fields(walk: Walk, node: exp.Table, table: TableName) -> list[Field]:
    """The columns of a table, which is read from here on: the last one, if a date, may be its day."""
    columns = walk.schema.get(table)
    if columns is None and table.database == "information_schema":
        raise Unsupported(
            node,
            "information_schema is not portable",
            write="baikal show lists tables; baikal show database.table its columns",
        )
    if columns is None:
        near = did_you_mean(str(table), [str(known) for known in walk.schema])
        raise Fault(node, f"table {table} does not exist", "", near)
    if not columns:
        raise Unknowable
    scan = Scan(table)
    walk.scans.append(scan)
    last = sum(not column.hidden for column in columns) - 1
    return [
        Field(
            column.name,
            column.type,
            None,
            frozenset((ColumnRef(table, column.name),)),
            column.personal,
            column.description,
            (scan,) if index == last and column.type == DATE else (),
            hidden=column.hidden,
        )
        for index, column in enumerate(columns)
    ]


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
        raise Fault(node, "LATERAL VIEW does not exist on Athena", write=PARTS["laterals"][1])
    if node.args.get("cross_apply") is not None:
        raise Fault(node, "APPLY does not exist on Athena", write="write cross join lateral (..) as t")
    fields = walk.query(inner, Scope(list(scope.relations), scope.outer, scope.ctes), scope.ctes)
    check_correlation(inner, "lateral")
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
        fields += [
            Field(None, part, zone, frozenset(walk.sources), walk.personal, made_of=node) for part in found.parts
        ]
    walk.sources, walk.personal, walk.clause = sources, personal, clause
    offset = node.args.get("offset")
    if offset:
        name = offset.name.lower() if isinstance(offset, exp.Identifier) else None
        fields.append(Field(name, BIGINT, made_of=node))
    return _named(walk, node, fields)


def _named(walk: Walk, node: exp.Expr, fields: list[Field], names: tuple[str, ...] = ()) -> Relation:
    """The relation under its alias, which is written into the tree if the author gave none."""
    alias = node.args.get("alias")
    columns = [plain_name(column) for column in alias.args.get("columns") or ()] if alias is not None else []
    offset = node.args.get("offset")
    if columns:
        if alias is None or alias.this is None:
            raise Fault(alias, "the names of columns need a name before them", write="write as t(a, b)")
        if isinstance(offset, exp.Identifier):
            columns.append(offset.name.lower())
        fields = [field for field in fields if not field.hidden]
        if len(columns) != len(fields):
            what = f"{len(columns)} column names are given to {len(fields)} columns"
            rows = isinstance(node, exp.Unnest) and any(field.type.name == "row" for field in fields)
            write = "an array of rows is one column here; write t(r), and r.a for a field of it" if rows else ""
            raise Fault(alias, what, "", write)
        fields = [replace(field, name=name, label=None) for field, name in zip(fields, columns, strict=True)]
    if alias is None:
        alias = exp.TableAlias()
        node.set("alias", alias)
    fields = _labelled(node, alias, fields)
    if alias.this is not None:
        name = plain_name(alias.this)
        alias.this.args["this"], alias.this.args["quoted"] = name, True
        return Relation(name, ((), (name,)), fields, alias.this)
    name = names[-1] if names else walk.new_alias()
    alias.set("this", exp.Identifier(this=name, quoted=True))
    qualifiers = tuple(names[start:] for start in range(len(names)))
    if len(names) == 2:
        qualifiers += ((_CATALOG, *names),)
    return Relation(name, ((), *qualifiers), fields, alias.this)


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
