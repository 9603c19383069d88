"""Set operations and VALUES: the common types of rows that come from several places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlglot import exp

from transforms.analyzer.clauses import check_clauses, order_output
from transforms.analyzer.coercion import common_type, zoned
from transforms.analyzer.faults import Fault, Unknowable, brief
from transforms.analyzer.scope import Cte, Field, Scope
from transforms.analyzer.tree import cells_of, coerce_output, is_call
from transforms.analyzer.walk import SESSION_ZONE, Walk, common_zone, part_zone, reads, share_zone
from transforms.lake_types import INTEGER, UNKNOWN, Type

_SETS: dict[type[exp.Expr], str] = {exp.Union: "UNION", exp.Except: "EXCEPT", exp.Intersect: "INTERSECT"}


@reads(*_SETS)
def _set_operation(walk: Walk, node: exp.Expr, outer: Scope | None, ctes: Mapping[str, Cte]) -> list[Field]:
    word = _SETS[type(node)]
    if node.args.get("by_name") or node.args.get("match"):
        walk.report(Fault(node, f"{word} BY NAME does not exist on Athena"))
    check_clauses(walk, node)
    for side in (node.this, node.expression):
        if isinstance(side, exp.Subquery) and side.args.get("alias") is not None:
            walk.report(Fault(side.args["alias"], f"a part of {word} has no alias", write="remove it"))
        if isinstance(side, exp.Subquery) and side.this.args.get("with_") is not None:
            walk.report(Fault(side, f"a part of {word} has no WITH", write="write with .. before the whole query"))
    left: list[Field] | None = None
    with walk.reporting():
        left = walk.query(node.this, outer, ctes)
    right = walk.query(node.expression, outer, ctes)
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
    order_output(walk, node, fields, Scope([], outer, ctes))
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
        zone = common_zone(zones)
    return Field(
        one.name,
        common,
        zone,
        one.sources | other.sources,
        one.personal or other.personal,
        one.description or other.description,
        one.days + other.days,
    )


@reads(exp.Values)
def _values(walk: Walk, node: exp.Expr, outer: Scope | None, ctes: Mapping[str, Cte]) -> list[Field]:
    """The columns of VALUES, which have no names of their own."""
    scope = Scope([], outer, ctes)
    walk.clause, clause = "VALUES", walk.clause
    columns: list[Type] | None = None
    rows: list[list[exp.Expr]] = []
    for row in node.expressions:
        written_as_row = _flatten(row)
        walk.types(cells_of(row), scope)
        cells = cells_of(row) if written_as_row else _spread(row)
        if columns is None:
            columns = [cell.meta["type"] for cell in cells]
        if len(cells) != len(columns):
            raise Fault(row, f"rows of VALUES have {len(columns)} and {len(cells)} columns")
        for index, cell in enumerate(cells):
            common = common_type(columns[index], cell.meta["type"])
            if common is None:
                what = f"column {index + 1} of VALUES is {brief(columns[index])} and {brief(cell.meta['type'])}"
                raise Fault(cell, what, write="cast them to one type")
            columns[index] = common
        rows.append(cells)
    walk.clause = clause
    assert columns is not None
    coerce_output(node, columns)
    sources = frozenset(walk.sources)
    zones = map(_zone_of_cells, columns, zip(*rows, strict=True))
    fields = [Field(None, type_, zone, sources, made_of=node) for type_, zone in zip(columns, zones, strict=True)]
    order_output(walk, node, fields, scope)
    return fields


def _zone_of_cells(column: Type, cells: Sequence[exp.Expr]) -> str | None:
    """The zone that all have; a date or a timestamp is taken in that of the session, and NULL in any."""
    if not zoned(column):
        return None
    kinds = [(cell, cell.meta["type"]) for cell in cells]
    zones = {part_zone(cell) if zoned(kind) else SESSION_ZONE for cell, kind in kinds if kind != UNKNOWN}
    return common_zone(zones - {""})


def _flatten(row: exp.Expr) -> bool:
    """`values row(1, 2)` and `values (row(1, 2))` are rows of two columns: whether it was written so."""
    cells = row.expressions
    if len(cells) != 1 or not is_call(cells[0], "row"):
        return False
    row.set("expressions", cells[0].expressions)
    return True


def _spread(row: exp.Expr) -> list[exp.Expr]:
    """The cells of a row of VALUES; one value that is a row is as many columns as it has fields."""
    cells = cells_of(row)
    kind = cells[0].meta["type"]
    if len(cells) > 1 or kind.name != "row":
        return cells
    fields: list[exp.Expr] = []
    for index, part in enumerate(kind.fields):
        position = exp.Literal.number(index + 1)
        position.meta["type"] = INTEGER
        field = exp.Bracket(this=cells[0].copy(), expressions=[position])
        field.meta["type"] = part.type
        share_zone(field, part.type, [cells[0]])
        fields.append(field)
    if isinstance(row, exp.Tuple):
        row.set("expressions", fields)
    else:
        row.replace(exp.Tuple(expressions=fields))
    return fields


@reads(exp.Subquery)
def _parentheses(walk: Walk, node: exp.Expr, outer: Scope | None, ctes: Mapping[str, Cte]) -> list[Field]:
    """A query in parentheses may have an order and a limit of its own behind them."""
    found = walk.query(node.this, outer, ctes)
    order_output(walk, node, found, Scope([], outer, ctes))
    return found
