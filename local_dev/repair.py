"""`baikal repair`: the rejects of a raw table, tried again."""

from __future__ import annotations

from pathlib import Path

import click

from local_dev.command import Answer, Call, command
from local_dev.completion import complete_name
from local_dev.console import plural
from local_dev.input_file import read_input
from local_dev.sample_home import sample_served
from transforms.errors import UsageError, did_you_mean
from transforms.names import TableName


@command("repair", writes=True)
@click.argument("name", shell_complete=complete_name)
@click.argument("file", required=False, type=click.Path(path_type=Path))
def repair(call: Call, name: str, file: Path | None) -> Answer:
    """Try the rejects of a raw table again, as its declaration stands now: after another type, `timestamps: truncate`.

    FILE holds mended texts: what `baikal show NAME --rejects --raw --json` prints, with other texts in "raw". Rejects
    that it does not name are tried as they are. What can be held joins the rows of the table, the rest stays a reject.
    The source is not read.
    """
    from connectors.address import address
    from connectors.ledger import open_ledger
    from connectors.noted import ingest_noted
    from connectors.repairing import Repair, read_texts, require_rejects

    table = _raw_table(call, name)
    asked = Repair(read_texts(read_input(file), str(file)) if file else {})
    source, declared = call.content.raw[table]
    require_rejects(call.lake.storage, declared, call.lake.catalog.own(table), asked)
    of_files = source.shape == "files"
    with sample_served(call.console, call.lake, [table] if of_files else []):
        if of_files:
            address(call.lake, source)  # who has not set it has made no run
        with open_ledger(call.lake, f"repair {table}") as ledger:
            landed = ingest_noted(ledger, table, repair=asked)
    for warning in landed.warnings:
        call.console.say(f"warning: {warning}")
    call.console.show(f"{table}: {plural(landed.rows, 'row')} repaired, {plural(landed.rejects, 'reject')} left")
    return Answer({"table": str(table), "rows": landed.rows, "rejects": landed.rejects, "version": landed.version})


def _raw_table(call: Call, name: str) -> TableName:
    raw = {str(one): one for one in call.content.raw}
    if name not in raw:
        hint = did_you_mean(name, raw) or "tables of sources have rejects, as raw_shop.orders"
        raise UsageError(f"{name} is no table of a source; {hint}")
    return raw[name]
