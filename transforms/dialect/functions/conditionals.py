"""Conditions as functions."""

from __future__ import annotations

from transforms.dialect.errors import NotPortable
from transforms.dialect.rules import Invocation, family, rule_of_call, sql
from transforms.dialect.types import quoted, row_fields, text
from transforms.gaps import gap

family("Conditions")

sql("coalesce(x T...) -> T", "coalesce({x})")
sql("if(condition boolean, yes T) -> T", "case when {condition} then {yes} end")
sql("if(condition boolean, yes T, no T) -> T", "case when {condition} then {yes} else {no} end")


@rule_of_call("nullif(T, U) -> T")
@gap("nullif(a, a)")
def nullif(call: Invocation) -> str:
    """The first, unless it equals the second; in the type of the first."""
    left, right = call.args
    if left.type.name in ("array", "map", "row"):
        raise NotPortable(f"nullif of {left.type} is not portable yet", "case")
    return f"nullif({left}, {right})"


@rule_of_call("typeof(T) -> varchar")
def typeof(call: Invocation) -> str:
    """Known before the query runs."""
    return text(str(call.args[0].type).replace("decimal(", "decimal("))


@rule_of_call("row(T...) -> row")
def row(call: Invocation) -> str:
    """A row; fields without names are called field0, field1 by DuckDB."""
    names = (quoted(name) for name, _ in row_fields(call.type))
    return f"struct_pack({', '.join(f'{name} := {arg}' for name, arg in zip(names, call.args, strict=True))})"
