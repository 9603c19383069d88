"""sqlglot, asked alone in a process of its own, still has each bug of the list; here none of them is seen."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module

import pytest

from transforms.analyzer.sqlglot_bugs import READ_THOUGH_REJECTED, WITHOUT_A_PLACE, Bug
from transforms.analyzer.syntax import parse
from transforms.compile import analyze
from transforms.errors import Rejected

_ALONE = """
import json, sys
from sqlglot import parse_one
trees = [parse_one(sql, read="athena") for sql in json.load(sys.stdin)]
print(json.dumps([[tree.sql("athena"), bool(tree.expressions and tree.expressions[0].meta)] for tree in trees]))
"""


def alone(statements: list[str]) -> list[tuple[str, bool]]:
    """How sqlglot writes what it read, and whether the first expression knows its place."""
    asked = subprocess.run(
        [sys.executable, "-c", _ALONE], input=json.dumps(statements), capture_output=True, text=True, check=True
    )
    return [tuple(answer) for answer in json.loads(asked.stdout)]


def test_sqlglot_still_reads_what_athena_rejects() -> None:
    read = alone([bug.sql for bug in READ_THOUGH_REJECTED])
    assert [sql for sql, _ in read] == [bug.read_as for bug in READ_THOUGH_REJECTED]


def test_sqlglot_still_leaves_out_places() -> None:
    assert [placed for _, placed in alone(list(WITHOUT_A_PLACE))] == [False] * len(WITHOUT_A_PLACE)


@pytest.mark.parametrize("bug", READ_THOUGH_REJECTED, ids=lambda bug: bug.sql)
def test_the_workaround_rejects_it(bug: Bug) -> None:
    module, name = bug.workaround.split(".")
    assert hasattr(import_module(f"transforms.analyzer.{module}"), name)
    with pytest.raises(Rejected):
        parse(bug.sql)


@pytest.mark.parametrize("sql", WITHOUT_A_PLACE)
def test_a_problem_there_has_a_line_all_the_same(sql: str) -> None:
    (problem,) = analyze(f"{sql.replace(' ', chr(10))} + array[1] as x", {}).problems
    assert problem.line == 2
