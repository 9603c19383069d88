"""`baikal diff`: how a source's live system differs from what is declared of it."""

from __future__ import annotations

from collections.abc import Mapping

import click

from local_dev.command import Answer, Call, command
from local_dev.completion import complete_selector
from local_dev.console import Console, plural
from local_dev.selection import one_source
from transforms.errors import UsageError


@command("diff")
@click.argument("selector", metavar="source:NAME", shell_complete=complete_selector)
def diff(call: Call, selector: str) -> Answer:
    """Compare a source as it is declared with its live system: tables, columns, types, comments.

    Of files and spreadsheets it looks at a sample, of an API at the first page of each declared table, with one request
    for each. Leaves with 1 when they differ. `baikal new source NAME --update` writes what is new.
    """
    from connectors.comparison import compare

    facet, colon, name = selector.partition(":")
    if facet != "source" or not colon:
        raise UsageError(f"diff compares a source with its system; write baikal diff source:{name or selector}")
    source = one_source(call.content, name)
    comparison = compare(call.lake, source)
    differences = comparison.differences
    rows = [[one.change, one.name, one.declared or None, one.live or None] for one in differences]
    call.console.table(["change", "name", "declared", "in the source"], rows)
    tell_untold(call.console, comparison.untold)
    if differences:
        counted = plural(len(differences), "difference")
        call.console.show(f"{counted}; baikal new source {name} --update writes what is new")
    else:
        call.console.show(f"source:{name} is as it is declared{', as far as it tells' * bool(comparison.untold)}")
    document = [
        {"change": one.change, "table": one.table, "column": one.column or None, "declared": one.declared or None}
        | {"live": one.live or None}
        for one in differences
    ]
    told = {"source": name, "differences": document, "not_compared": dict(comparison.untold)}
    return Answer(told, 1 if differences else 0)


def tell_untold(console: Console, untold: Mapping[str, str]) -> None:
    """The tables of which the system tells nothing."""
    for table, why in untold.items():
        console.say(f"not compared: {table}: {why}")
