"""What a table or a view demands of its query beyond being valid: names, types that the lake holds, the partition."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Literal

from sqlglot import exp

from transforms.analyzer.analyze import Findings, first_select
from transforms.analyzer.scope import Field
from transforms.analyzer.tree import place_of
from transforms.errors import Problem
from transforms.lake_types import DATE, Type

Kind = Literal["table", "view", "query"]
_NAME_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_")


def relation_problems(tree: exp.Expr, findings: Findings, kind: Kind) -> Iterator[Problem]:
    """Why the columns cannot be those of this table or view; nothing for a query of its own."""
    if kind == "query":
        return
    columns = _columns(tree, findings)
    yield from _name_problems(columns)
    if kind == "view":
        yield from _view_problems(tree)
    for field, name, item in columns:
        write = "" if kind == "view" and field.type.name != "unknown" else _remedy(field.type)
        if write:
            what = f"column {name} is {field.type}, which a {kind} cannot hold"
            yield _problem(item, what, "", f"write {write}")


def partition_problems(tree: exp.Expr, findings: Findings, partition: str) -> Iterator[Problem]:
    """Why the column cannot be the one that splits the table, whose columns are known all the same."""
    columns = _columns(tree, findings)
    if columns:
        yield from _partition_problems(columns, partition, columns[-1][2])


def _columns(tree: exp.Expr, findings: Findings) -> list[tuple[Field, str, exp.Expr]]:
    """Each column with its name and its place; none while they are not known."""
    if findings.fields is None:
        return []
    select = first_select(tree)
    items = select.expressions if select is not None else [tree] * len(findings.fields)
    return list(zip(findings.fields, (name.lower() for name in findings.names), items, strict=True))


def _problem(node: exp.Expr, what: str, allowed: str = "", write: str = "") -> Problem:
    line, column = place_of(node)
    return Problem(None, line, column, what, allowed, write)


def _name_problems(columns: list[tuple[Field, str, exp.Expr]]) -> Iterator[Problem]:
    counts = Counter(name for field, name, _ in columns if field.name is not None)
    for index, (field, name, item) in enumerate(columns):
        if field.name is None:
            yield _problem(item, f"column {index + 1} has no name", "", "write .. as name")
        elif counts[name] > 1 and counts.pop(name):
            yield _problem(
                item, f'the column name "{name}" is used more than once', "", "give each column its own name"
            )
        elif not set(name) <= _NAME_CHARACTERS:
            yield _problem(item, f'"{name}" cannot be a column name', "a to z, 0 to 9 and _", "write .. as name")


def _view_problems(tree: exp.Expr) -> Iterator[Problem]:
    for node in tree.find_all(exp.Placeholder):
        yield _problem(tree, f":{node.name} has no value in a view", "only tables are built for days")
        return


def _remedy(type_: Type) -> str:
    """What to write for a type that no column of a table can have; empty for one that can."""
    if type_.in_lake:
        return ""
    if type_.name == "timestamp":
        return "cast(.. as timestamp(3))"
    if type_.name == "timestamp with time zone":
        return "cast(.. at time zone 'UTC' as timestamp(3)): a timestamp in UTC without a zone"
    if type_.name == "json":
        return "json_format(..)"
    if type_.name == "unknown":
        return "cast(null as varchar), or the type that you mean"
    if type_.name == "row":
        return "cast(.. as row(name type)): every field needs a name and a type that a table can hold"
    if type_.name.startswith("interval"):
        return "a number with its unit in the name, such as date_diff('second', a, b) as duration_s"
    return "cast(.. as varchar)"


def _partition_problems(
    columns: list[tuple[Field, str, exp.Expr]], partition: str, last: exp.Expr
) -> Iterator[Problem]:
    by_name = {name: (field, item) for field, name, item in columns}
    if partition not in by_name:
        yield _problem(
            last, f"the partition column {partition} is not selected", "", f"select it last: .. as {partition}"
        )
        return
    field, item = by_name[partition]
    if columns[-1][1] != partition:
        yield _problem(item, f"the partition column {partition} must be the last column", "", "move it to the end")
    if field.type != DATE:
        what = f"the partition column {partition} is {field.type}, but must be a date"
        yield _problem(item, what, "", f"write cast(.. as date) as {partition}")
