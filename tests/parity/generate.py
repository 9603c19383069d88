"""Cases from templates: every hole `{type}` takes the hard values of the type; the choice never changes by itself."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from itertools import product

from tests.parity.cases import FAMILIES, STATEMENTS
from tests.parity.values import VALUES

_HOLE = re.compile(r"\{(" + "|".join(VALUES) + r")\}")


def expressions() -> Iterator[tuple[str, str]]:
    """(family, expression) for every template; a template with many combinations gives `limit` of them."""
    for family, (limit, templates) in FAMILIES.items():
        seen: set[str] = set()
        for template in templates.strip().split("\n"):
            for each in _filled(template.strip(), limit):
                if each not in seen:
                    seen.add(each)
                    yield family, each


def statements() -> Iterator[tuple[str, str]]:
    """(family, statement) of the whole statements; by every fifth expression, one that computes it over columns."""
    for family, text in STATEMENTS.items():
        for each in text.strip().split(";\n"):
            if each.strip():
                yield family, " ".join(each.split())
    for family, (_, templates) in FAMILIES.items():
        for template in templates.strip().split("\n"):
            holes = _HOLE.findall(template)
            if holes and _number(template, 5) == 0:
                yield family, _over_columns(template.strip(), holes)


def _over_columns(template: str, holes: list[str]) -> str:
    """The expression over a relation's columns, so that nothing in it is constant."""
    names = iter(f"x{index}" for index in range(len(holes)))
    expression = _HOLE.sub(lambda _: next(names), template)
    calm = [[value for value in VALUES[hole] if "null" in value or value not in _STORMY] for hole in holes]
    rows = [", ".join(values[(_number(template, 97) + row) % len(values)] for values in calm) for row in range(3)]
    listed = ", ".join(f"({row})" for row in rows)
    return f"select {expression} from (values {listed}) as t({', '.join(f'x{index}' for index in range(len(holes)))})"


_STORMY = frozenset(
    (
        "nan()",
        "infinity()",
        "-infinity()",
        "0",
        "bigint '0'",
        "decimal '0.00'",
        "0e0",
    )
)


def _filled(template: str, limit: int) -> list[str]:
    holes = _HOLE.findall(template)
    if not holes:
        return [template]
    every = list(product(*(VALUES[hole] for hole in holes)))
    every.sort(key=lambda combination: _number(template + "|".join(combination), 10**9))
    return [_with(template, combination) for combination in every[:limit]]


def _with(template: str, values: tuple[str, ...]) -> str:
    given = iter(values)
    return _HOLE.sub(lambda _: next(given), template)


def _number(text: str, below: int) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) % below
