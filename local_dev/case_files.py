"""Reads the `.test.yaml` of a table against what the table's query reads and returns."""

from __future__ import annotations

from transforms.case import Cases, read_cases
from transforms.content import Content
from transforms.errors import OutsideError, Problem
from transforms.names import TableName


def read_case_file(content: Content, name: TableName) -> Cases:
    """The cases of a table that has a test file; a file that is not UTF-8 is a problem like any other."""
    path = content.tests[name]
    try:
        text = (content.home / path).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        return Cases(
            (), (Problem(path, 0, 0, f"this file is not UTF-8: byte {error.start}", write="save it as UTF-8"),)
        )
    except OSError as error:
        raise OutsideError(f"cannot read {path}: {error.strerror}") from error
    analysis = content.analyses[name]
    if not analysis.columns:
        return Cases(())
    inputs = {one.table: content.columns(one.table) for one in analysis.inputs if one.table in content.schema}
    output = [column.column for column in analysis.columns]
    return read_cases(text, path, inputs=inputs, output=output, partition=content.relations[name].partition)
