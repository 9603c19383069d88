"""Names as the tree spells them: lower case, and no reserved word without double quotes."""

from __future__ import annotations

from sqlglot import exp

from transforms.analyzer.faults import Fault
from transforms.analyzer.syntax import RESERVED


def plain_name(node: exp.Expr) -> str:
    """The name in lower case. Raises Fault for a reserved word that is not quoted."""
    name: str = node.name
    if not node.args.get("quoted") and name.upper() in RESERVED:
        raise Fault(node, f'"{name}" is a reserved word', write=f'write "{name}" in double quotes')
    return name.lower()
