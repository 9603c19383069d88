"""What rules make for DuckDB: macros, and functions in Python for what SQL cannot say. Creates nothing anywhere.

A statement names those that it calls; `needed` adds those that these need themselves.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

PREFIX = "athena_"
_OF_ROWS = "\0"
"""Begins the definition of a function in Python, in the place of a macro's text."""
_UNCAUGHT = "cast(list_transform(['{}'], lambda unit: date_part(unit, interval '0' day))[1] as \"NULL\")"
"""TRY catches what fails in a computation, but not what DuckDB has not implemented: an interval has no such parts."""
UNPORTABLE_MESSAGE, UNCAUGHT_MESSAGE = 'units "era" not recognized', 'units "dow" not recognized'
"""What DuckDB says of the two units by which `unportable` and `uncaught` are told apart."""
_UNPORTABLE_NOTE = re.compile(r"/\* (.*? is not portable) \*/")
_UNCAUGHT_NOTE = re.compile(r"/\* (.*?), under TRY too \*/")
"""What `failing` writes behind an error, by which it is known again when DuckDB raises it."""
_RAISES = re.compile(r'as "NULL"\)|\b(strptime|map|map_from_entries|chr)\(')
"""What raises by itself in a text for DuckDB: what stands for an error, and functions that have errors."""
_NAMED = re.compile(rf"\b{PREFIX}\w+(?=\()")


@dataclass(frozen=True, slots=True)
class Macro:
    """A DuckDB expression with parameters. It costs what its expression costs; there is no call at run time."""

    name: str
    params: tuple[str, ...]
    body: str

    @property
    def statement(self) -> str:
        """The statement that creates it for every cursor of its database."""
        return f"create or replace macro {self.name}({', '.join(self.params)}) as {self.body}"


@dataclass(frozen=True, slots=True)
class RowFunction:
    """A function in Python of the values of one row, one for each of `params`; these and `returns` are DuckDB's types.

    It never sees NULL. The ValueError that it raises is an error of the statement, or NULL under TRY.
    """

    name: str
    params: tuple[str, ...]
    returns: str

    @property
    def run(self) -> Callable[..., Any]:
        """What computes a row; the rules are imported for it, when that was not needed before."""
        if self.name not in _RUNS:
            _import_rules()
        return _RUNS[self.name]


Made = Macro | RowFunction
_KNOWN: dict[str, Made] = {}
_RUNS: dict[str, Callable[..., Any]] = {}


def declare(name: str, params: tuple[str, ...], body: str) -> str:
    """Make a macro known; returns its full name.

    In a body, `fail('why')` raises what Athena would raise there, and `fail('why', x)` the value of x with it.

    `uncaught('why')` raises what no TRY turns into NULL, on Athena neither; so does `unportable('what')`, which stands
    where DuckDB would have another answer.

    A failing cast raises where `error()` could not: DuckDB's TRY refuses volatile functions. It must not stand in a
    condition, which is folded too early; cast to "NULL", it fits beside a branch of any type.
    """
    return add(Macro(PREFIX + name, params, failing(body)))


def declare_rows(name: str, params: tuple[str, ...], returns: str, run: Callable[..., Any]) -> str:
    """Make a function of rows known; returns its full name."""
    _RUNS[PREFIX + name] = run
    return add(RowFunction(PREFIX + name, params, returns))


def add(made: Made) -> str:
    """Make it known by its name, which it gives back; the same again, as `recall` has it, changes nothing."""
    if _KNOWN.setdefault(made.name, made) != made:
        raise ValueError(f"{made.name} is declared twice")
    return made.name


def recall(definitions: Iterable[tuple[str, Sequence[str], str]]) -> None:
    """Make known what `definitions` gave, without the import of any rule."""
    for name, params, rest in definitions:
        of_rows = rest.startswith(_OF_ROWS)
        add(RowFunction(name, tuple(params), rest[1:]) if of_rows else Macro(name, tuple(params), rest))


def definitions(names: Iterable[str]) -> list[tuple[str, Sequence[str], str]]:
    """What `needed` gives for these names, as plain values that can be written down."""
    return [
        (made.name, made.params, made.body if isinstance(made, Macro) else _OF_ROWS + made.returns)
        for made in needed(names)
    ]


def failing(body: str) -> str:
    """The DuckDB text for a body in which `fail`, `uncaught` and `unportable` stand for errors at run time.

    A value stands in a line of its own behind the reason: it is shown to nobody if it is personal.

    >>> failing("case when x = 0 then fail('Division by zero') end")
    'case when x = 0 then cast(cast(\\'Division by zero\\' as boolean) as "NULL") end'
    """
    body = re.sub(r"\bunportable\('([^']*)'\)", rf"{_UNCAUGHT.format('era')} /* \1 is not portable */", body)
    body = re.sub(r"\buncaught\('([^']*)'\)", rf"{_UNCAUGHT.format('dow')} /* \1, under TRY too */", body)
    body = re.sub(r"\bfail\(('(?:[^']|'')*')\)", r'cast(cast(\1 as boolean) as "NULL")', body)
    told = r'cast(cast(concat(\1, chr(10), \2) as boolean) as "NULL")'
    return re.sub(r"\bfail\(('(?:[^']|'')*'), (\w+)\)", told, body)


def unportable_in(sql: str) -> tuple[str, ...]:
    """What a statement may meet at run time that is not portable, in itself and in the macros that it needs."""
    return _noted(_UNPORTABLE_NOTE, sql)


def uncaught_in(sql: str) -> tuple[str, ...]:
    """What may fail at run time that no TRY catches, on Athena neither."""
    return _noted(_UNCAUGHT_NOTE, sql)


def _noted(mark: re.Pattern[str], sql: str) -> tuple[str, ...]:
    bodies = [made.body for made in needed(named_in(sql)) if isinstance(made, Macro)]
    return tuple(dict.fromkeys(mark.findall(" ".join([sql, *bodies]))))


def catches(sql: str, names: Iterable[str]) -> bool:
    """Whether a statement that calls these stops errors by TRY, in itself or in a macro."""
    return "try(" in sql or any("try(" in made.body for made in needed(names) if isinstance(made, Macro))


def raises(sql: str, args: Iterable[str] = ()) -> bool:
    """Whether a call may raise that was written as this, its arguments left out of account."""
    for arg in sorted(args, key=len, reverse=True):
        sql = sql.replace(arg, "x")
    return bool(_RAISES.search(sql)) or any(map(_raising, named_in(sql)))


@cache
def _raising(name: str) -> bool:
    made = _KNOWN[name]
    return isinstance(made, RowFunction) or raises(made.body)


def named_in(sql: str) -> tuple[str, ...]:
    """The known macros and functions that a text calls, in order of their first use."""
    return tuple(dict.fromkeys(name for name in _NAMED.findall(sql) if name in _KNOWN))


def names() -> tuple[str, ...]:
    """Everything that rules declare."""
    return tuple(_KNOWN)


def needed(names: Iterable[str]) -> tuple[Made, ...]:
    """What an engine must have before a statement that calls these: each after those that it needs."""
    names = tuple(names)
    if any(name not in _KNOWN for name in names):
        _import_rules()
    ordered: dict[str, Made] = {}
    for name in names:
        _add(name, ordered)
    return tuple(ordered.values())


def _import_rules() -> None:
    """The rules declare what they make when they are imported."""
    import_module("transforms.dialect.functions")


def _add(name: str, ordered: dict[str, Made]) -> None:
    if name in ordered:
        return
    made = _KNOWN[name]
    for below in named_in(made.body) if isinstance(made, Macro) else ():
        if below != name:
            _add(below, ordered)
    ordered[name] = made
