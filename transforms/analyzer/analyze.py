"""The walk from the root of a query: `analyze_tree` gives its columns, its scans, and every reason to reject it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from transforms.analyzer import calls, columns, conditions, expressions, json_forms, queries, set_operations, windows
from transforms.analyzer.faults import Fault, Unknowable
from transforms.analyzer.reach import Scan
from transforms.analyzer.scope import Field
from transforms.analyzer.walk import Walk
from transforms.column import Schema
from transforms.errors import Problem

RULES = (calls, columns, conditions, expressions, json_forms, queries, set_operations, windows)
"""The modules that declare a rule for each class of node, by being imported."""


@dataclass(frozen=True, slots=True)
class Findings:
    """`fields` is None when a fault kept the columns from being known; `names` are spelled as the author did.

    `refusals` are what Athena accepts and no rewrite can express, found where the names are resolved.
    """

    fields: tuple[Field, ...] | None
    names: tuple[str, ...]
    scans: tuple[Scan, ...]
    problems: tuple[Problem, ...]
    refusals: tuple[Problem, ...] = ()


def analyze_tree(tree: exp.Expr, schema: Schema, database: str = "") -> Findings:
    """Resolve and type the tree in place, as README.md describes. Never raises for what the query says.

    `database` is where a table is looked for whose name has none.
    """
    walk = Walk(schema, database)
    fields: list[Field] | None = None
    try:
        fields = walk.query(tree, None, {})
    except Fault as fault:
        walk.report(fault)
    except Unknowable:
        pass
    names: tuple[str, ...] = ()
    if fields is not None:
        names = _names(tree, fields)
    return Findings(
        None if fields is None else tuple(fields), names, tuple(walk.scans), tuple(walk.problems), tuple(walk.refusals)
    )


def first_select(tree: exp.Expr) -> exp.Select | None:
    """The SELECT whose items name the columns of the query; None for VALUES."""
    while isinstance(tree, (exp.SetOperation, exp.Subquery)):
        tree = tree.this
    return tree if isinstance(tree, exp.Select) else None


def _names(tree: exp.Expr, fields: list[Field]) -> tuple[str, ...]:
    select = first_select(tree)
    if select is not None and len(select.expressions) == len(fields):
        return tuple(item.alias_or_name for item in select.expressions)
    return tuple(field.name or f"_col{index}" for index, field in enumerate(fields))
