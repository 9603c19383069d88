"""The select list: what stars stand for, and the name, type, lineage and documentation of each column."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from transforms.analyzer.documentation import read_comment
from transforms.analyzer.faults import Fault, brief
from transforms.analyzer.identifiers import column_of, plain_name
from transforms.analyzer.scope import Field, Relation, Scope
from transforms.analyzer.walk import Walk


def expand_stars(walk: Walk, node: exp.Expr, scope: Scope) -> None:
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
            exp.alias_(c.unalias(), plain_name(n), quoted=True) for c, n in zip(columns, item.expressions, strict=True)
        ]
    if isinstance(item, exp.Star):
        if any(item.args.get(key) for key in ("except_", "replace", "rename")):
            raise Fault(item, "* EXCEPT and * REPLACE do not exist on Athena", write="write the columns")
        if not scope.relations:
            raise Fault(item, "* needs a FROM")
        return [column for relation in scope.relations for column in _columns(relation)]
    if isinstance(item, exp.Column):
        qualifier = tuple(part.name.lower() for part in item.parts[:-1])
        for around in scope.outward():
            for relation in around.relations:
                if qualifier in relation.qualifiers:
                    return _columns(relation)
        if len(item.parts) == 2:
            what = f'"{item.parts[0].name}" is not a table in FROM'
            raise Fault(item, what, "a row has .* behind its table, as in t.r.*", "write t.*, or the fields")
        value = exp.Column(**dict(zip(("this", "table", "db"), reversed(item.parts[:-1]), strict=False)))
    else:
        value = item.this
    return _row_fields(walk, item, value, scope)


def _columns(relation: Relation) -> list[exp.Expr]:
    shown = [field for field in relation.fields if field.name not in relation.hidden and not field.hidden]
    columns = [column_of(relation.alias, field) for field in shown]
    for column in columns:
        column.meta["star"] = True
    return columns


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


def select_items(walk: Walk, node: exp.Expr, scope: Scope) -> list[Field | None]:
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


def _item(walk: Walk, items: list[exp.Expr], index: int, parent: exp.Expr, scope: Scope) -> Field:
    item = items[index]
    if item.meta_get("star"):
        return _star_item(walk, item, index)
    if isinstance(item, exp.Alias):
        name: str | None = plain_name(item.args["alias"])
        spelled, expression = "", item.this
    else:
        natural, expression = _natural_name(item), item
        spelled = f"_col{index}" if natural is None else natural
        name = None if natural is None else natural.lower()
    found = walk.type(expression, scope)
    expression = item.this if isinstance(item, exp.Alias) else items[index]
    zone = expression.meta_get("zone")
    source: Field | None = expression.meta_get("field")
    if not isinstance(item, exp.Alias):
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
        made_of=expression,
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
    assert parent is not None
    assert key is not None
    parent.args[key][index] = alias
    alias.parent, alias.arg_key, alias.index = parent, key, index
    return field if field.label is None else replace(field, label=None)


def _aliased(expression: exp.Expr, name: str) -> exp.Expr:
    alias = exp.Alias(this=expression, alias=exp.Identifier(this=name, quoted=True))
    if expression.comments:
        alias.comments = expression.comments
        expression.comments = None
    return alias


def _natural_name(node: exp.Expr) -> str | None:
    """The name that an item without an alias has, as spelled: that of its column or field; None for others."""
    if isinstance(node, exp.Column) and isinstance(node.this, exp.Identifier):
        return str(node.this.name)
    if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Identifier):
        base = node.this
        while isinstance(base, (exp.Dot, exp.Paren)):
            base = base.this
        return str(node.expression.name) if isinstance(base, exp.Column) else None
    return None
