"""What rules make for DuckDB: macros, and vectorised functions for what SQL cannot say. Creates nothing anywhere.

A statement names those that it calls; `needed` adds those that these need themselves.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

PREFIX = "athena_"
_UNCAUGHT = "cast(list_transform(['era'], lambda unit: date_part(unit, interval '0' day))[1] as \"NULL\")"
"""TRY catches what fails in a computation, but not what DuckDB has not implemented: an interval has no era."""
UNCAUGHT_MESSAGE = 'units "era" not recognized'
_REASON = re.compile(r"/\* (.*? is not portable) \*/")
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
class Vectorised:
    """A function in Python of the values of one row, one for each of `params`; these and `returns` are DuckDB's types.

    It never sees NULL. The ValueError that it raises is an error of the statement, or NULL under TRY.
    """

    name: str
    params: tuple[str, ...]
    returns: str
    run: Callable[..., Any]


_KNOWN: dict[str, Macro | Vectorised] = {}


def declare(name: str, params: tuple[str, ...], body: str) -> str:
    """Make a macro known; returns its full name. In a body, `fail('why')` raises what Athena would raise there.

    `unportable('what')` stands where DuckDB would have another answer: it raises what no TRY turns into NULL.

    A failing cast raises where `error()` could not: DuckDB's TRY refuses volatile functions. It must not stand in a
    condition, which is folded too early; cast to "NULL", it fits beside a branch of any type.
    """
    return add(Macro(PREFIX + name, params, failing(body)))


def add(made: Macro | Vectorised) -> str:
    """Make it known by its name, which it gives back."""
    if made.name in _KNOWN:
        raise ValueError(f"{made.name} is declared twice")
    _KNOWN[made.name] = made
    return made.name


def failing(body: str) -> str:
    """The DuckDB text for a body in which `fail('why')` and `unportable('what')` stand for errors at run time.

    >>> failing("case when x = 0 then fail('Division by zero') end")
    'case when x = 0 then cast(cast(\\'Division by zero\\' as boolean) as "NULL") end'
    """
    body = re.sub(r"\bunportable\('([^']*)'\)", rf"{_UNCAUGHT} /* \1 is not portable */", body)
    return re.sub(r"\bfail\(('(?:[^']|'')*')\)", r'cast(cast(\1 as boolean) as "NULL")', body)


def unportable_in(sql: str) -> tuple[str, ...]:
    """What a statement may meet at run time that is not portable, in itself and in the macros that it needs."""
    bodies = [made.body for made in needed(named_in(sql)) if isinstance(made, Macro)]
    return tuple(dict.fromkeys(_REASON.findall(" ".join([sql, *bodies]))))


def catches(sql: str, names: Iterable[str]) -> bool:
    """Whether a statement that calls these stops errors by TRY, in itself or in a macro."""
    return "try(" in sql or any("try(" in made.body for made in needed(names) if isinstance(made, Macro))


def named_in(sql: str) -> tuple[str, ...]:
    """The known macros and vectorised functions that a text calls, in order of their first use."""
    return tuple(dict.fromkeys(name for name in _NAMED.findall(sql) if name in _KNOWN))


def names() -> tuple[str, ...]:
    """Everything that rules declare."""
    return tuple(_KNOWN)


def needed(names: Iterable[str]) -> tuple[Macro | Vectorised, ...]:
    """What an engine must have before a statement that calls these: each after those that it needs."""
    from transforms.dialect import functions  # the rules declare the macros when they are imported

    assert functions
    ordered: dict[str, Macro | Vectorised] = {}
    for name in names:
        _add(name, ordered)
    return tuple(ordered.values())


def _add(name: str, ordered: dict[str, Macro | Vectorised]) -> None:
    if name in ordered:
        return
    made = _KNOWN[name]
    for below in named_in(made.body) if isinstance(made, Macro) else ():
        if below != name:
            _add(below, ordered)
    ordered[name] = made
