"""DuckDB's errors as the platform's: what Athena would raise too is the statement's fault, the rest is the engine's.

The words are Athena's, with the place of the expression when only one can have failed. What a rule raises for values
on which the engines differ says that it is not portable, and is a refusal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

from transforms.analysis import Origin
from transforms.dialect.macros import (
    UNCAUGHT_MESSAGE,
    UNPORTABLE_MESSAGE,
    RowFunction,
    named_in,
    needed,
    uncaught_in,
    unportable_in,
)
from transforms.dialect.types import text
from transforms.errors import BaikalError, OutsideError, Problem, Refused, Rejected, without_quoted
from transforms.lake_types import NUMBERS

_HEAD = re.compile(r"\A(?:\w+ )*?(Error|Exception): ")
_THEIRS = ("Conversion Error", "Out of Range Error", "Invalid Input Error", "Mismatch Type Error")
_RAISED = re.compile(r"Could not convert string '(.*)' to BOOL", re.S)
_INTEGERS = {"INT8": "tinyint", "INT16": "smallint", "INT32": "integer", "INT64": "bigint"}
_NOT_PORTABLE = "not portable"
"""What a rule says that meets a value at run time of which DuckDB would make something else."""
_ROW_FUNCTION = re.compile(r"Python exception occurred while executing the UDF: (\w+): (.*)", re.S)
_ADVICE = re.compile(
    r"(?: in expression \(.*\))?(?: when casting from source column [^\n]*)?(?:\. Use TRY\(.*)?\Z", re.S
)
_LONGEST = 100
"""Of a value that failed, so many characters are shown."""
_MOST_PLACES = 3


_INSTEAD = {
    "Division by zero": "write x / nullif(y, 0) for NULL",
    "Cannot cast text to": "write try_cast(.. as ..) for NULL",
    "Value cannot be cast": "write try_cast(.. as ..) for NULL",
    "Cannot convert value to JSON": "write try(json_parse(..)) for NULL",
    "Invalid format": "write the pattern of these texts, or try(..) around it for NULL",
    "Key not present in map": "write element_at(map, key) for NULL",
    "Array subscript": "write element_at(array, n) for NULL",
}
"""What gives NULL where a statement fails so, by the beginning of the sentence."""


@dataclass(frozen=True)
class _Failure:
    """What failed in Athena's words, the value, what stands in the SQL that raises it, the type of its result."""

    what: str
    value: str = ""
    sign: str = ""
    type: str = ""

    def told(self, type_name: str = "", *, hidden: bool = False) -> str:
        """The sentence; `type_name` is that of the number which could not be made."""
        what = self.what if not type_name else re.sub(r"a (whole )?number$|decimal$", type_name, self.what)
        value = self.value if len(self.value) <= _LONGEST else f"{self.value[:_LONGEST]}.."
        if hidden:
            return without_quoted(what)
        if not value:
            return what
        return what.replace(" text ", f" '{value}' ", 1) if " text " in what else f"{what}: {value}"


@dataclass(frozen=True)
class _Native:
    """A message of DuckDB's own: its groups fill in what it is on Athena, its value, and the result's type."""

    message: re.Pattern[str]
    what: str
    value: str
    sign: str
    type: str = ""

    def failure(self, message: str) -> _Failure | None:
        found = self.message.fullmatch(message)
        if found is None:
            return None
        parts = [_INTEGERS.get(part, part) for part in found.groups("")]
        return _Failure(*(each.format(*parts) for each in (self.what, self.value, self.sign, self.type)))


def _native(message: str, what: str, value: str, sign: str, type_: str = "") -> _Native:
    return _Native(re.compile(message, re.S), what, value, sign, type_)


_NATIVES = (
    _native(r"Overflow in \w+ of (?:DECIMAL|INT128).*", "Decimal overflow", "", r" [+*-] | // ", "decimal"),
    _native(r"Overflow in addition of (INT\d+) \((.*)\)!", "{0} addition overflow", "{1}", r" \+ ", "{0}"),
    _native(r"Overflow in subtraction of (INT\d+) \((.*)\)!", "{0} subtraction overflow", "{1}", " - ", "{0}"),
    _native(r"Overflow in multiplication of (INT\d+) \((.*)\)!", "{0} multiplication overflow", "{1}", r" \* ", "{0}"),
    _native(r"Division by zero!?", "Division by zero", "", r" // | % |\bmod\(|'Division by zero'"),
    _native(r"Invalid UTF8 Codepoint (.*)", "Not a valid Unicode code point", "{0}", r"\bchr\("),
    _native(r"Overflow in negation of .*", "negation overflow", "", r"\(-|cast\(-"),
    _native(r"Overflow on abs\((.*)\)", "Value is out of range for abs", "{0}", r"\babs\("),
    _native(r"Overflow in HUGEINT .*", "Decimal overflow", "", r" [+*-] |\bsum\(", "decimal"),
    _native(
        r"Type \w+ with value (.*) can't be cast .* destination type (INT\d+)\b.*",
        "Out of range for {1}",
        "{0}",
        r" as {1}\)",
    ),
    _native(r"Could not convert string '(.*)' to (INT\d+)", "Cannot cast text to {1}", "{0}", r" as {1}\)"),
    _native(r"Failed to cast decimal value (.*) to type (INT\d+)", "Cannot cast text to {1}", "{0}", r" as {1}\)"),
    _native(
        r'(?:Could not cast value|Could not convert string|Casting value) "?(.*?)"? to (?:type )?'
        r"DECIMAL\((\d+),(\d+)\)(?: failed.*)?",
        "Cannot cast text to decimal({1},{2})",
        "{0}",
        r" as decimal\({1},\s*{2}\)\)",
    ),
    _native(
        r'(date|timestamp|time) field value out of range: "(.*)"', "Value cannot be cast to {0}", "{1}", r" as {0}\)"
    ),
    _native(r"Map keys must be unique\.?", "Duplicate map keys are not allowed", "", r"\bmap(_from_entries)?\("),
    _native(
        r'Could not parse string "(.*?)" according to format specifier "(.*?)"(?:\n.*)?',
        "Invalid format",
        "{0}",
        r"\bstrptime\(",
    ),
    _native(r"Argument for ntile must be .*", "Buckets must be greater than 0", "", r"\bntile\("),
    _native(
        r"(?:Window \w+|Invalid \w+) (?:PRECEDING|FOLLOWING) .*",
        "Window frame offset value must not be negative or null",
        "",
        r"\b(preceding|following)\b",
    ),
    _native(
        "More than one row returned by a subquery used as an expression.*",
        "a subquery that stands for one value has returned several rows; write max(..) or limit 1 in it",
        "",
        r"\A\(+(with|select)\b",
    ),
)


@contextmanager
def translated(sql: str = "", origins: Sequence[Origin] = ()) -> Iterator[None]:
    """Raises Rejected, Refused or OutsideError for what DuckDB raises; errors of a running stream arrive as OSError."""
    try:
        yield
    except (duckdb.Error, OSError) as error:
        raise _platform_error(str(error), sql, origins) from error


def _platform_error(message: str, sql: str = "", origins: Sequence[Origin] = ()) -> BaikalError:
    """The error for a message of DuckDB's, which begins with its kind; `sql` is the statement that ran.

    `origins` are the texts of which the statement was made: the query's own, and those of the views that it reads.
    """
    if UNCAUGHT_MESSAGE in message:
        return Rejected([_problem(_marked(uncaught_in(sql), "a value is not supported"), origins)])
    if UNPORTABLE_MESSAGE in message:
        failure = _marked(unportable_in(sql), "a value is not portable")
        return Refused([_problem(failure, origins, "run this on Athena, or leave such values out")])
    kind = message.split(":", 1)[0]
    in_python = _ROW_FUNCTION.search(message)
    if kind in _THEIRS and (in_python is None or in_python[1] == "ValueError"):
        problem = _problem(_failure(message, sql), origins)
        return Refused([problem]) if _NOT_PORTABLE in problem.what else Rejected([problem])
    if kind == "INTERRUPT Error":
        return OutsideError("the statement was interrupted")
    if kind == "Out of Memory Error":
        return OutsideError(f"{_plain(message)}; raise memory_limit of the target in connectors/targets.yaml")
    return OutsideError(f"DuckDB failed: {message.strip()}")


def _marked(reasons: Sequence[str], otherwise: str) -> _Failure:
    """What no TRY catches is told by marks in the statement; which one was met, nothing tells."""
    return _Failure(" or ".join(reasons) or otherwise, sign="|".join(map(re.escape, reasons)))


def _plain(message: str) -> str:
    """The message without its kind, the place in generated SQL and DuckDB's own advice."""
    return _ADVICE.sub("", _HEAD.sub("", message.rsplit("\n\nLINE ", 1)[0]).strip(), count=1)


def _failure(message: str, sql: str) -> _Failure:
    plain = _plain(message)
    if in_python := _ROW_FUNCTION.fullmatch(plain):
        names = (made.name for made in needed(named_in(sql)) if isinstance(made, RowFunction))
        what, _, value = in_python[2].partition("\n")
        return _Failure(what, value, "|".join(rf"\b{name}\(" for name in names))
    raised = _RAISED.fullmatch(plain)
    if raised and " " in raised[1]:
        what, _, value = raised[1].partition("\n")
        return _Failure(what, value, re.escape(text(what)))
    known = next((found for native in _NATIVES if (found := native.failure(plain))), None)
    return known or _Failure(re.sub(r"\bINT\d+\b", lambda found: _INTEGERS.get(found[0], found[0]), plain))


def _problem(failure: _Failure, origins: Sequence[Origin], instead: str = "") -> Problem:
    """At its place if just one expression can have failed; without the value if it may be personal."""
    from transforms.culprits import culprits, reads_personal  # the parser: nothing to import where nothing fails

    write = instead or next((advice for begin, advice in _INSTEAD.items() if failure.what.startswith(begin)), "")
    sign = re.compile(failure.sign) if failure.sign else None
    found = [each for origin in origins for each in culprits(origin, sign, failure.type)] if sign else []
    hidden = any(each.personal for each in found) if found else any(map(reads_personal, origins))
    places = list(dict.fromkeys(map(str, found)))
    if len(places) == 1:
        one = found[0]
        name = str(one.type) if one.type.name in NUMBERS else ""
        return Problem(one.path, one.line, one.column, failure.told(name, hidden=hidden), write=write)
    told = f"it is at {' or '.join(places)}" if 0 < len(places) <= _MOST_PLACES else ""
    return Problem(None, 0, 0, failure.told(hidden=hidden), told, write)
