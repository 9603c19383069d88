"""The DuckDB macros that rules make: each by its name, with those that it needs itself. Creates nothing anywhere."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

PREFIX = "athena_"
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


_MACROS: dict[str, Macro] = {}


def declare(name: str, params: tuple[str, ...], body: str) -> str:
    """Make a macro known; returns its full name. In a body, `fail('why')` raises at run time.

    A failing cast raises where `error()` could not: DuckDB's TRY refuses volatile functions. It must not stand in a
    condition, which is folded too early; cast to "NULL", it fits beside a branch of any type.
    """
    name = PREFIX + name
    if name in _MACROS:
        raise ValueError(f"macro {name} is declared twice")
    _MACROS[name] = Macro(name, params, failing(body))
    return name


def failing(body: str) -> str:
    """The DuckDB text for a body in which `fail('why')` stands for an error at run time.

    >>> failing("case when x = 0 then fail('Division by zero') end")
    'case when x = 0 then cast(cast(\\'Division by zero\\' as boolean) as "NULL") end'
    """
    return re.sub(r"\bfail\(('(?:[^']|'')*')\)", r'cast(cast(\1 as boolean) as "NULL")', body)


def named_in(sql: str) -> tuple[str, ...]:
    """The known macros that a text calls, in order of their first use."""
    return tuple(dict.fromkeys(name for name in _NAMED.findall(sql) if name in _MACROS))


def names() -> tuple[str, ...]:
    """Every macro that a rule declares."""
    return tuple(_MACROS)


def macro_statements(names: Iterable[str]) -> tuple[str, ...]:
    """What an engine must execute before a statement that calls these macros: each after those that it needs."""
    from transforms.dialect import functions  # the rules declare the macros when they are imported

    assert functions
    ordered: dict[str, str] = {}
    for name in names:
        _add(name, ordered)
    return tuple(ordered.values())


def _add(name: str, ordered: dict[str, str]) -> None:
    if name in ordered:
        return
    macro = _MACROS[name]
    for needed in named_in(macro.body):
        if needed != name:
            _add(needed, ordered)
    ordered[name] = macro.statement
