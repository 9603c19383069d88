"""Where a column comes from and who computes from it, across all tables and views. Pure: from analyses alone."""

from __future__ import annotations

from collections.abc import Mapping

from transforms.analysis import Analysis
from transforms.column import ColumnRef
from transforms.names import TableName

Analyses = Mapping[TableName, Analysis]


def sources_of(analyses: Analyses, ref: ColumnRef) -> tuple[ColumnRef, ...]:
    """The columns that a column is computed from directly; none for raw tables, which have no analysis."""
    analysis = analyses.get(ref.table)
    if analysis is None:
        return ()
    return next((column.sources for column in analysis.columns if column.name == ref.column), ())


def readers_of(analyses: Analyses) -> dict[ColumnRef, tuple[ColumnRef, ...]]:
    """For each column, the columns that are computed from it directly: the whole lineage, turned round once."""
    found: dict[ColumnRef, list[ColumnRef]] = {}
    for table, analysis in analyses.items():
        for column in analysis.columns:
            for source in column.sources:
                found.setdefault(source, []).append(ColumnRef(table, column.name))
    return {source: tuple(sorted(readers)) for source, readers in found.items()}


def upstream(analyses: Analyses, ref: ColumnRef) -> dict[ColumnRef, tuple[ColumnRef, ...]]:
    """Every column that `ref` depends on, however far, each with its own direct sources; `ref` itself first.

    >>> from transforms.column import OutputColumn
    >>> from transforms.lake_types import BIGINT
    >>> raw = ColumnRef(TableName("raw_ads", "spend"), "cost")
    >>> core = ColumnRef(TableName("core_ads", "daily"), "cost_jpy")
    >>> analyses = {core.table: Analysis((OutputColumn("cost_jpy", BIGINT, (raw,)),), (), "")}
    >>> [str(column) for column in upstream(analyses, core)]
    ['core_ads.daily.cost_jpy', 'raw_ads.spend.cost']
    >>> [str(column) for column in downstream(analyses, raw)]
    ['raw_ads.spend.cost', 'core_ads.daily.cost_jpy']
    """
    found: dict[ColumnRef, tuple[ColumnRef, ...]] = {}
    waiting = [ref]
    for column in waiting:
        if column not in found:
            found[column] = sources_of(analyses, column)
            waiting += found[column]
    return found


def downstream(analyses: Analyses, ref: ColumnRef) -> dict[ColumnRef, tuple[ColumnRef, ...]]:
    """Every column that is computed from `ref`, however far, each with its own direct readers; `ref` itself first."""
    readers = readers_of(analyses)
    found: dict[ColumnRef, tuple[ColumnRef, ...]] = {}
    waiting = [ref]
    for column in waiting:
        if column not in found:
            found[column] = readers.get(column, ())
            waiting += found[column]
    return found
