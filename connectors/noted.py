"""Work on one table in a run, with its entry in the run's ledger; each raises what the work raises."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.ledger import Ledger
from transforms.names import TableName
from transforms.window import Window

if TYPE_CHECKING:
    from connectors.build import Built
    from connectors.landed import Landed
    from connectors.pace import Progress
    from connectors.repairing import Repair


def ingest_noted(
    ledger: Ledger,
    name: TableName,
    progress: Progress | None = None,
    *,
    full: bool = False,
    repair: Repair | None = None,
) -> Landed:
    """`connectors.ingest.ingest` of a raw table."""
    from connectors.ingest import ingest  # Arrow and readers, which a run without work does not need

    source, table = ledger.lake.content.raw[name]
    with ledger.noting(name) as note, ledger.reachability.asking(source):
        landed = ingest(ledger.lake, source, table, run=ledger.run, progress=progress, full=full, repair=repair)
        note(landed)
    return landed


def build_noted(ledger: Ledger, name: TableName, window: Window | None = None, *, full: bool = False) -> Built:
    """`connectors.build.build` of a table or view."""
    from connectors.build import build

    with ledger.noting(name) as note:
        built = build(ledger.lake, name, window, full=full, run=ledger.run)
        note(built)
    return built
