"""`baikal diff`: how a source's live system differs from what is declared of it."""

from __future__ import annotations

import click

from local_dev.command import Answer, Call, command
from local_dev.completion import complete_selector
from local_dev.console import plural
from local_dev.selection import one_source
from transforms.errors import UsageError


@command("diff")
@click.argument("selector", metavar="source:NAME", shell_complete=complete_selector)
def diff(call: Call, selector: str) -> Answer:
    """Compare a source as it is declared with its live system: tables, columns, types, comments.

    Leaves with 1 when they differ. `baikal new source NAME --update` writes what is new.
    """
    from connectors.comparison import compare

    facet, colon, name = selector.partition(":")
    if facet != "source" or not colon:
        raise UsageError(f"diff compares a source with its system; write baikal diff source:{name or selector}")
    source = one_source(call.content, name)
    differences = compare(call.lake, source).differences
    rows = [[one.change, one.name, one.declared or None, one.live or None] for one in differences]
    call.console.table(["change", "name", "declared", "in the source"], rows)
    if differences:
        counted = plural(len(differences), "difference")
        call.console.show(f"{counted}; baikal new source {name} --update writes what is new")
    else:
        call.console.show(f"source:{name} is as it is declared")
    document = [
        {"change": one.change, "table": one.table, "column": one.column or None, "declared": one.declared or None}
        | {"live": one.live or None}
        for one in differences
    ]
    return Answer({"source": name, "differences": document}, 1 if differences else 0)
