"""The Python file beside a source's YAML: a generator function for each table that is `python: true`.

Decides what is wrong with it without running it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from transforms.errors import Problem
from transforms.source import Source, SourceTable


def generator_path(source: Source) -> str:
    """The file, beside the source's own."""
    return f"{source.path.removesuffix('.yaml')}.py"


def generator_example(table: SourceTable) -> str:
    """The line that a generator begins with."""
    return f"def {table.name.table}(api: Api) -> Iterator[Row]:"


def problems_of_generators(source: Source, text: str | None) -> Iterator[Problem]:
    """`text` is None when there is no such file."""
    wanted = [table for table in source.tables if table.options.get("python")]
    path, functions = generator_path(source), set[str]()
    if text is not None:
        try:
            functions = {node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)}
        except SyntaxError as error:
            yield Problem(path, error.lineno or 1, 0, f"this is no Python: {error.msg}")
            return
        if not wanted:
            write = "write python: true at a table, or remove the file"
            yield Problem(path, 0, 0, f"no table of {source.path} is python: true", write=write)
    for table in wanted:
        if table.name.table not in functions:
            missing = f"{path} has no function of this name" if text is not None else f"{path} is not there"
            what = f"{table.name.table} is python: true, and {missing}"
            yield Problem(source.path, table.line, 0, what, write=f"write there {generator_example(table)}")
