"""DuckDB's errors as the platform's: what Athena would raise too is the statement's fault, the rest is the engine's.

What a rule raises for values on which the engines differ says that it is not portable, and is a refusal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from transforms.dialect.macros import UNCAUGHT_MESSAGE, UNPORTABLE_MESSAGE, uncaught_in, unportable_in
from transforms.errors import BaikalError, OutsideError, Problem, Refused, Rejected

_HEAD = re.compile(r"\A(?:\w+ )*?(Error|Exception): ")
_THEIRS = ("Conversion Error", "Out of Range Error", "Invalid Input Error", "Mismatch Type Error")
_RAISED = re.compile(r"Could not convert string '(.*)' to BOOL", re.S)
_UNPARSED = re.compile(r'Could not parse string "(.*?)" according to format specifier "(.*?)"\n.*', re.S)
_TOO_LARGE = re.compile(
    r"Type \w+ with value (.*) can't be cast .* destination type (INT8|INT16|INT32|INT64)\b.*", re.S
)
_INTEGERS = {"INT8": "tinyint", "INT16": "smallint", "INT32": "integer", "INT64": "bigint"}
_NOT_PORTABLE = "not portable"
"""What a rule says that meets a value at run time of which DuckDB would make something else."""
_ROW_FUNCTION = re.compile(r"Python exception occurred while executing the UDF: (\w+): (.*)", re.S)
_MANY_ROWS = "More than one row returned by a subquery used as an expression"
_ADVICE = re.compile(r"( in expression \(.*\))?\. Use TRY\(.*", re.S)


@contextmanager
def translated(sql: str = "") -> Iterator[None]:
    """Raises Rejected, Refused or OutsideError for what DuckDB raises; errors of a running stream arrive as OSError."""
    try:
        yield
    except (duckdb.Error, OSError) as error:
        raise platform_error(str(error), sql) from error


def platform_error(message: str, sql: str = "") -> BaikalError:
    """The error for a message of DuckDB's, which begins with its kind; `sql` is the statement that ran."""
    if UNCAUGHT_MESSAGE in message:
        return Rejected([Problem(None, 0, 0, " or ".join(uncaught_in(sql)) or "a value is not supported")])
    if UNPORTABLE_MESSAGE in message:
        what = " or ".join(unportable_in(sql)) or "a value is not portable"
        return Refused([Problem(None, 0, 0, what, write="run this on Athena, or leave such values out")])
    kind = message.split(":", 1)[0]
    in_python = _ROW_FUNCTION.search(message)
    if kind in _THEIRS and (in_python is None or in_python[1] == "ValueError"):
        problem = Problem(None, 0, 0, _sentence(message))
        return Refused([problem]) if _NOT_PORTABLE in problem.what else Rejected([problem])
    if kind == "INTERRUPT Error":
        return OutsideError("the statement was interrupted")
    if kind == "Out of Memory Error":
        return OutsideError(f"{_sentence(message)}; raise memory_limit of the target in connectors/targets.yaml")
    return OutsideError(f"DuckDB failed: {message.strip()}")


def _sentence(message: str) -> str:
    """The message without its kind, the place in generated SQL and DuckDB's own advice."""
    plain = _ADVICE.sub("", _HEAD.sub("", message.split("\n\nLINE ", 1)[0]).strip())
    if plain.startswith(_MANY_ROWS):
        return "a subquery that stands for one value has returned several rows; write max(..) or limit 1 in it"
    if unparsed := _UNPARSED.fullmatch(plain):
        return f'"{unparsed[1]}" is not a time in the form {unparsed[2]}; write try(..) around it for NULL'
    if large := _TOO_LARGE.fullmatch(plain):
        return f"{large[1]} is out of range for {_INTEGERS[large[2]]}"
    if in_python := _ROW_FUNCTION.fullmatch(plain):
        return in_python[2]
    raised = _RAISED.fullmatch(plain)
    return raised[1] if raised and " " in raised[1] else plain
