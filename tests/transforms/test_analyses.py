"""A failure while a relation is analysed: what is its file's fault, and what is raised."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from transforms.analyses import Analyses, QueryKind
from transforms.analysis import Analysis
from transforms.column import Column
from transforms.compile import analyze
from transforms.errors import OutsideError
from transforms.names import TableName
from transforms.relation import Relation

FIRST, SECOND, THIRD = (TableName("core_ads", name) for name in ("first", "second", "third"))
TEXTS = {FIRST: "select 1 as n", SECOND: "select n from core_ads.first", THIRD: "select n from core_ads.second"}


def analysed(error: Exception) -> dict[TableName, Analysis]:
    """Three tables, each reading the one before; the analysis of the second fails with the error."""

    def failing(
        text: str, schema: Mapping[TableName, tuple[Column, ...]], path: str, partition: str | None, kind: QueryKind
    ) -> Analysis:
        if path == "second.sql":
            raise error
        return analyze(text, schema, path=path, partition=partition, kind=kind)

    relations = {
        name: Relation(name, "table", f"{name.table}.sql", text, "Numbers.", "ads") for name, text in TEXTS.items()
    }
    made = Analyses({}, relations, TEXTS, {}, failing).all()
    return {name: known.analysis for name, known in made.items()}


def test_an_error_of_the_platform_is_a_problem_of_the_one_file() -> None:
    found = analysed(ValueError("no such thing\nand more"))
    (problem,) = found[SECOND].problems
    assert problem.path == "second.sql"
    assert "the platform's own: ValueError: no such thing (at tests/transforms/test_analyses.py:" in problem.what
    assert [column.name for column in found[FIRST].columns] == ["n"]
    assert found[THIRD].problems == ()


def test_what_is_no_fault_of_the_file_is_raised() -> None:
    with pytest.raises(OutsideError):
        analysed(OutsideError("the disk is gone"))
    with pytest.raises(MemoryError):
        analysed(MemoryError())
