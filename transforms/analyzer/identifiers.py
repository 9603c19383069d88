"""Names as the tree spells them: lower case, no reserved word without double quotes, columns under their alias."""

from __future__ import annotations

from sqlglot import exp

from transforms.analyzer.faults import Fault
from transforms.analyzer.scope import Field
from transforms.analyzer.words import RESERVED


def plain_name(node: exp.Expr) -> str:
    """The name in lower case. Raises Fault for a reserved word that is not quoted."""
    name: str = node.name
    if not node.args.get("quoted") and name.upper() in RESERVED:
        raise Fault(node, f'"{name}" is a reserved word', write=f'write "{name}" in double quotes')
    return name.lower()


def column_of(alias: str, field: Field) -> exp.Expr:
    """A typed column in its canonical form; a field that `using` merged has no alias before it."""
    column = exp.Column(this=exp.Identifier(this=field.label or field.name, quoted=True))
    if alias:
        column.set("table", exp.Identifier(this=alias, quoted=True))
    meta = column.meta
    meta["field"], meta["type"] = field, field.type
    if field.zone is not None:
        meta["zone"] = field.zone
    return column
