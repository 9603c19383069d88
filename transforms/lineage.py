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
