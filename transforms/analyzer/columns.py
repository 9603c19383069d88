"""What a name in an expression means: a column, a field of a row, a variable of a lambda."""

from __future__ import annotations

from sqlglot import exp

from transforms.analyzer.faults import Fault, Unsupported, brief
from transforms.analyzer.identifiers import plain_name
from transforms.analyzer.scope import Field, Relation, Scope
from transforms.analyzer.walk import Walk, on, share_zone
from transforms.lake_types import Type

_HIDDEN = frozenset(("$path", "$bucket", "$file_size", "$file_modified_time", "$partition"))


@on(exp.Identifier)
def _variable(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    """The variable of a lambda, which the parser has recognised."""
    name = node.name.lower()
    found = scope.variables.get(name)
    if found is None:
        raise Fault(node, f'column "{name}" does not exist here')
    node.args["this"], node.args["quoted"] = name, True
    if found[1] is not None:
        node.meta["zone"] = found[1]
    return found[0]


@on(exp.Column)
def _column(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    parts: list[exp.Expr] = list(node.parts) if isinstance(node, exp.Column) else []
    names = [_name(part) for part in parts]
    if names[0] in scope.variables:
        return _dereferenced(walk, node, parts[0], parts[1:], scope)
    relation, found, used, outward = _resolve(walk, node, names, scope)
    walk.sources |= found.sources
    walk.personal = walk.personal or found.personal
    if used < len(parts):
        column = exp.Column(this=parts[used - 1])
        _write(column, relation, found, outward)
        return _dereferenced(walk, node, column, parts[used:], scope)
    _write(node, relation, found, outward)
    return found.type


def _name(part: exp.Expr) -> str:
    if not isinstance(part, exp.Identifier):
        raise Fault(part, f"{part.key.upper()} is not a column")
    return plain_name(part)


def _write(column: exp.Expr, relation: Relation, found: Field, outward: int) -> None:
    """Bring a column into its canonical form: the alias of its relation, its own name, both quoted.

    `outward` is the number of queries between the column and the one whose FROM has it.
    """
    args, this = column.args, column.this
    this.args["this"], this.args["quoted"] = found.label or found.name, True
    args.pop("db", None)
    args.pop("catalog", None)
    if not relation.alias:
        args.pop("table", None)
    else:
        column.set("table", exp.Identifier(this=relation.alias, quoted=True))
    meta = column.meta
    meta["field"], meta["type"] = found, found.type
    if outward:
        meta["outer"] = outward
    if found.zone is not None:
        meta["zone"] = found.zone


def _resolve(walk: Walk, node: exp.Expr, names: list[str], scope: Scope) -> tuple[Relation, Field, int, int]:
    """The field that a name means, how many of its parts name it (the rest are fields of rows), how far out it is."""
    for outward, around in enumerate(scope.outward()):
        for used in range(len(names), 0, -1):
            found = around.find(tuple(names[: used - 1]), names[used - 1])
            if len(found) > 1:
                places = sorted({relation.alias for relation, _ in found if relation.alias})
                write = f"write {places[0]}.{names[used - 1]}" if len(places) > 1 else ""
                raise Fault(node, f'column "{".".join(names[:used])}" is ambiguous: it is in {_and(places)}', "", write)
            if found:
                return (*found[0], used, outward)
    raise _unknown_column(walk, node, names, scope)


def _unknown_column(walk: Walk, node: exp.Expr, names: list[str], scope: Scope) -> Fault:
    spelled = ".".join(names)
    if names[-1] in _HIDDEN:
        return Unsupported(node, f'"{spelled}" is a hidden column of Athena, which a laptop does not have')
    if len(names) > 1 and any(names[-1] in relation.hidden for relation in scope.relations):
        what = f'"{spelled}" cannot be named so: using ({names[-1]}) has made one column of both'
        return Fault(node, what, "", f"write {names[-1]}")
    if len(names) == 1 and names[0] in walk.aliases:
        what = f'"{spelled}" is an alias of the select list, which {walk.clause} cannot see'
        ordinal = "the expression or its position, as in group by 1" if walk.clause == "GROUP BY" else ""
        return Fault(node, what, "", f"write {ordinal or 'the expression itself'}")
    for around in scope.outward():
        for relation in around.relations:
            if tuple(names[:-1]) in relation.qualifiers or not names[:-1]:
                continue
            if names[-1] in relation.by_name and len(names) > 1:
                known = [r.alias for s in scope.outward() for r in s.relations if len(r.qualifiers) > 1]
                if not any(tuple(names[:-1]) in r.qualifiers for s in scope.outward() for r in s.relations):
                    return Fault(
                        node, f'"{".".join(names[:-1])}" is not in FROM', f"FROM has {_and(known)}" if known else ""
                    )
    near = scope.suggestion(names[-1])
    if not near and len(names) == 1 and isinstance(node.this, exp.Identifier) and node.this.quoted:
        near = f"double quotes name a column; if it is a text, write '{node.name}'"
    known = sorted({n for relation in scope.relations for n in relation.by_name if n})
    allowed = f"columns are {', '.join(known)}" if not near and 0 < len(known) <= 12 else ""
    return Fault(node, f'column "{spelled}" does not exist', allowed, near)


def _and(words: list[str]) -> str:
    return " and ".join((", ".join(words[:-1]), words[-1])) if len(words) > 1 else "".join(words)


def _dereferenced(walk: Walk, node: exp.Expr, base: exp.Expr, fields: list[exp.Expr], scope: Scope) -> Type:
    """Put `base.field.field` in place of a column whose last parts are fields of a row."""
    if "type" not in base.meta:
        walk.type(base, scope)
    result = base
    for part in fields:
        dot = exp.Dot(this=result, expression=part)
        dot.meta["type"] = _field_type(dot)
        share_zone(dot, dot.meta["type"], [result])
        result = dot
    node.replace(result)
    found: Type = result.meta["type"]
    if "zone" in result.meta:
        node.meta["zone"] = result.meta["zone"]
    return found


def _field_type(node: exp.Expr) -> Type:
    row, part = node.this.meta["type"], node.expression
    if not isinstance(part, exp.Identifier):
        raise Fault(node, "functions have no prefix on Athena", write=f"write {part.sql('trino')}")
    if row.name != "row":
        raise Fault(node, f'"{part.name}" is not a field: the value before it is {brief(row)}, not a row')
    name = part.name.lower()
    found = [field for field in row.fields if field.name is not None and field.name.lower() == name]
    if not found:
        known = ", ".join(field.name for field in row.fields if field.name)
        raise Fault(node, f'the row has no field "{name}"', f"its fields are {known}" if known else "")
    if len(found) > 1:
        raise Fault(node, f'the row has several fields "{name}"')
    part.args["this"], part.args["quoted"] = name, True
    result: Type = found[0].type
    return result


@on(exp.Dot)
def _dot(walk: Walk, node: exp.Expr, scope: Scope) -> Type:
    walk.type(node.this, scope)
    found = _field_type(node)
    share_zone(node, found, [node.this])
    return found
