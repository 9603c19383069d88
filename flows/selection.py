"""What a flow run is about: the tables and sources that its parameters name."""

from __future__ import annotations

from collections.abc import Iterable

from connectors.lake import Lake
from transforms.names import TableName
from transforms.selector import select
from transforms.source import Source, SourceTable


def named_tables(lake: Lake, selectors: Iterable[str]) -> list[tuple[Source, SourceTable]]:
    """The source tables that the selectors name, due or not."""
    names = select(lake.content, selectors)
    return [lake.content.raw[name] for name in names if name in lake.content.raw]


def selected_tables(lake: Lake, selectors: Iterable[str] | None = None) -> list[TableName]:
    """What to build: what the selectors name, or all; views only where the target keeps them."""
    kinds = ("table", "view") if lake.keeps_views else ("table",)
    return [name for name in select(lake.content, selectors or ()) if lake.content.kind(name) in kinds]
