"""Which expressions of a statement can have raised what an engine raised: asked only after a failure.

The author's text is compiled once more, and of each expression the part of DuckDB's SQL is kept that is its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp

from transforms.analysis import Origin
from transforms.analyzer.analyze import analyze_tree
from transforms.analyzer.syntax import parse
from transforms.analyzer.tree import place_of, type_of
from transforms.dialect.errors import NotPortable
from transforms.dialect.macros import Macro, named_in, needed
from transforms.dialect.rewrite import Writer
from transforms.errors import BaikalError
from transforms.lake_types import INTEGERS, Type

_ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.Neg)
_SHORTEST = 3
"""Shorter texts of parts, such as a number, may also stand in what is the expression's own."""


@dataclass(frozen=True)
class Culprit:
    """An expression that may have failed, its type, and whether a column that is personal stands in it."""

    path: str | None
    line: int
    column: int
    type: Type
    personal: bool

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.path, self.line, self.column) if part)


def culprits(origin: Origin, sign: re.Pattern[str], type_name: str = "") -> tuple[Culprit, ...]:
    """Every expression whose own SQL has the sign in it; arithmetic only if its values are of the named type.

    >>> from transforms.lake_types import BIGINT
    >>> found = culprits(Origin("select n + 1, 7 / n from (values 0) as v(n)", {}), re.compile(" // "))
    >>> [str(culprit) for culprit in found]
    ['1:15']
    """
    written = _written(origin)
    for with_macros in (False, True):
        found = {
            Culprit(origin.path, *place_of(node), type_of(node), _personal(node))
            for node, own in written
            if sign.search(_expanded(own) if with_macros else own) and _may_be(node, type_name)
        }
        if found:
            return tuple(sorted(found, key=lambda culprit: (culprit.line, culprit.column)))
    return ()


def reads_personal(origin: Origin) -> bool:
    """Whether any value of the statement may be personal."""
    return any(_personal(node) for node, _ in _written(origin))


class _Recorder(Writer):
    """Writes as its parent does, and keeps of every expression the text that none of its parts has written."""

    def __init__(self) -> None:
        super().__init__()
        self.own: list[tuple[exp.Expr, str]] = []
        self.parts: list[str] = []

    def value(self, node: exp.Expr) -> str:
        return self._recorded(node, super().value)

    def expression(self, node: exp.Expr) -> str:
        return self._recorded(node, super().expression)

    def _recorded(self, node: exp.Expr, write: Callable[[exp.Expr], str]) -> str:
        around, self.parts = self.parts, []
        sql = own = write(node)
        for part in sorted(self.parts, key=len, reverse=True):
            own = own.replace(part, "") if len(part) >= _SHORTEST else own
        if self.lifted is None:  # under TRY nothing fails
            self.own.append((node, own))
        self.parts = [*around, sql]
        return sql


def _written(origin: Origin) -> list[tuple[exp.Expr, str]]:
    recorder = _Recorder()
    try:
        tree = parse(origin.text)
        analyze_tree(tree, origin.schema, origin.database)
        recorder.query(tree)
    except (BaikalError, NotPortable, RecursionError):
        return []
    return recorder.own


def _expanded(own: str) -> str:
    bodies = (made.body if isinstance(made, Macro) else made.name for made in needed(named_in(own)))
    return " ".join([own, *bodies])


def _may_be(node: exp.Expr, type_name: str) -> bool:
    divisor = node.expression if isinstance(node, (exp.Div, exp.Mod)) and type_of(node).name in INTEGERS else None
    if isinstance(divisor, exp.Literal) and divisor.this.strip("0"):
        return False  # what is divided by a written number other than 0 never fails
    return not type_name or not isinstance(node, _ARITHMETIC) or type_of(node).name == type_name


def _personal(node: exp.Expr) -> bool:
    fields = (column.meta.get("field") for column in node.find_all(exp.Column))
    return any(field is not None and field.personal for field in fields)
