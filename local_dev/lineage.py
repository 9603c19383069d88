"""`baikal lineage`: where a table or a column comes from, and what is made of it, as two trees."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, TypeVar

import click

from local_dev.command import Answer, Call, command
from local_dev.completion import complete_column
from local_dev.console import faint
from local_dev.selection import one_name
from transforms.column import ColumnRef
from transforms.content import Content
from transforms.errors import UsageError, did_you_mean
from transforms.lineage import readers_of, sources_of
from transforms.names import TableName

N = TypeVar("N", TableName, ColumnRef)
Step = Callable[[N], Iterable[N]]


@command("lineage")
@click.argument("name", metavar="NAME[.column]", shell_complete=complete_column)
@click.option("--depth", type=click.IntRange(min=1), help="How many steps to show; all when it is left out.")
def lineage(call: Call, name: str, depth: int | None) -> Answer:
    """Show where a table or a column comes from, and who uses it."""
    content = call.declarations
    deepest = depth or len(content.names) + 1
    if name.count(".") == 2:
        ref = _column(content, name)
        above, below = _column_steps(content)
        return _told(call, ref, above, below, deepest)
    table = one_name(content, name)
    return _told(call, table, content.graph.inputs, content.graph.outputs, deepest)


def _told(call: Call, node: N, above: Step[N], below: Step[N], depth: int) -> Answer:
    show = call.console.show
    show(str(node))
    for title, step in (("comes from", above), ("is used by", below)):
        show(faint(title))
        lines = list(_lines(node, step, depth, {node}))
        for line in lines or ["  nothing"]:
            show(line)
    document = {"name": str(node), "upstream": _reached(node, above), "downstream": _reached(node, below)}
    return Answer(document)


def _lines(node: N, step: Step[N], depth: int, seen: set[N], margin: str = "  ") -> Iterable[str]:
    """The tree under a node; what was shown before is not unfolded again."""
    nodes = sorted(step(node))
    for i, other in enumerate(nodes):
        last = i == len(nodes) - 1
        again = other in seen and bool(list(step(other)))
        yield f"{margin}{'└─' if last else '├─'} {other}{faint(' (see above)') if again else ''}"
        if other not in seen and depth > 1:
            seen.add(other)
            yield from _lines(other, step, depth - 1, seen, margin + ("   " if last else "│  "))


def _reached(node: N, step: Step[N]) -> list[dict[str, Any]]:
    """Everything on that side with its distance in steps, nearest first."""
    found: dict[N, int] = {node: 0}
    waiting = [node]
    for one in waiting:
        for other in step(one):
            if other not in found:
                found[other] = found[one] + 1
                waiting.append(other)
    del found[node]
    return [{"name": str(other), "steps": steps} for other, steps in sorted(found.items(), key=lambda x: (x[1], x[0]))]


def _column(content: Content, text: str) -> ColumnRef:
    table, _, column = text.rpartition(".")
    name = one_name(content, table)
    names = [known.name for known in content.columns(name)]
    if column not in names:
        hint = did_you_mean(column, names) or f"columns are {', '.join(names)}"
        raise UsageError(f'{name} has no column "{column}"; {hint}')
    return ColumnRef(name, column)


def _column_steps(content: Content) -> tuple[Step[ColumnRef], Step[ColumnRef]]:
    readers = readers_of(content.analyses)
    return partial(sources_of, content.analyses), lambda ref: readers.get(ref, ())
