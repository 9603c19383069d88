"""Random expressions of a wanted type over the columns in scope."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from tests.parity.fuzz.functions import BIGINT, ZONED, concrete, constants, returning
from tests.parity.fuzz.node import Node, call, listed
from tests.parity.values import VALUES
from transforms.analyzer.signatures import Pattern, Signature
from transforms.lake_types import (
    BOOLEAN,
    DATE,
    DOUBLE,
    INTEGER,
    NUMBERS,
    REAL,
    TIMESTAMP,
    VARBINARY,
    VARCHAR,
    Type,
    array,
    decimal,
    map_of,
)

MONEY = decimal(10, 2)
TEXTS, COUNTS, WORDS = array(VARCHAR), array(BIGINT), map_of(VARCHAR, BIGINT)
_WEIGHTS = (
    *((VARCHAR, 4), (BIGINT, 4), (DOUBLE, 3), (BOOLEAN, 3), (DATE, 3), (TIMESTAMP, 3), (INTEGER, 2), (MONEY, 2)),
    *((COUNTS, 2), (TEXTS, 2), (WORDS, 1), (REAL, 1), (VARBINARY, 1), (ZONED, 1), (Type("smallint"), 1)),
    (Type("tinyint"), 1),
)
WANTED = tuple(type_ for type_, weight in _WEIGHTS for _ in range(weight))
_LITERALS: dict[Type, tuple[str, ...]] = {
    BOOLEAN: ("true", "false"),
    Type("tinyint"): VALUES["tiny"][:4],
    Type("smallint"): VALUES["small"],
    INTEGER: ("0", "1", "2", "-1", "7", "2147483647"),
    BIGINT: ("bigint '0'", "bigint '1'", "bigint '12'", "bigint '-5'", "9223372036854775807"),
    DOUBLE: ("0e0", "1.5", "-2.5", "0.1", "1e300", "-1e-300", "2.675"),
    REAL: VALUES["real"][:3],
    MONEY: ("decimal '12345678.50'", "cast(0 as decimal(10,2))", "cast(-7 as decimal(10,2))"),
    VARCHAR: tuple(value for value in VALUES["str"] if "null" not in value),
    VARBINARY: ("x''", "x'00ff61'", "to_utf8('語')"),
    DATE: tuple(value for value in VALUES["date"] if "null" not in value),
    TIMESTAMP: tuple(value for value in VALUES["stamp"] if "null" not in value),
    ZONED: ("timestamp '2024-02-29 10:00:00.000 Asia/Tokyo'", "from_unixtime(1709200000)"),
    COUNTS: ("array[bigint '1', 2, null]",),
    TEXTS: ("array['a', '', null]",),
    WORDS: ("map(array['a'], array[bigint '1'])",),
}
_COMPARED = tuple(type_ for type_ in WANTED if type_ not in (WORDS, VARBINARY))


@dataclass(frozen=True)
class Column:
    """A column or the variable of a lambda, as an expression names it."""

    text: str
    type: Type


Scope = tuple[Column, ...]


def _names(node: Node) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z]\w*", str(node)))


def plain(type_: Type) -> list[Node]:
    """The simplest expressions of a type."""
    literals = [Node(text, (), type_) for text in _LITERALS.get(type_, ())[:2]]
    return [Node(f"cast(null as {type_})", (), type_), *literals]


class Expressions:
    """Draws expressions; the same random numbers give the same ones."""

    def __init__(self, random: Random, seldom: frozenset[str] = frozenset()) -> None:
        """Overloads whose text is in `seldom` are called seldom."""
        self.random = random
        self.seldom = seldom
        self.variables = 0

    def any(self, depth: int, scope: Scope) -> Node:
        """An expression of some type."""
        return self.value(self.random.choice(WANTED), depth, scope)

    def value(self, type_: Type, depth: int, scope: Scope) -> Node:
        """An expression of exactly this type; varchar may have a length."""
        if depth <= 0 or self.random.random() < 0.08:
            return self.leaf(type_, scope)
        draw = self.random.random()
        if draw < 0.55 and (known := returning(type_)):
            signature, bound = self.random.choice(known)
            if signature.text in self.seldom and self.random.random() < 0.9:
                return self.conditional(type_, depth, scope)
            return self.called(signature, bound, type_, depth, scope)
        if draw < 0.75:
            return self.conditional(type_, depth, scope)
        return self.operator(type_, depth, scope)

    def leaf(self, type_: Type, scope: Scope) -> Node:
        """A column or a literal."""
        columns = [column for column in scope if column.type == type_]
        if columns and self.random.random() < 0.75:
            return Node(self.random.choice(columns).text, (), type_)
        if self.random.random() < 0.05:
            return Node(f"cast(null as {type_})", (), type_)
        if type_ in _LITERALS:
            return Node(self.random.choice(_LITERALS[type_]), (), type_)
        if type_.name == "array":
            return Node("array[{}]", (listed(*(self.leaf(type_.element, scope) for _ in range(2))),), type_)
        if type_.name == "map":
            return Node("map(array[{}], array[{}])", tuple(self.leaf(part, scope) for part in type_.parts), type_)
        return Node(f"cast(null as {type_})", (), type_)

    def called(self, signature: Signature, bound: dict[str, Type], type_: Type, depth: int, scope: Scope) -> Node:
        """A call of a function, with one to three arguments for a last one that may be repeated."""
        bound = dict(bound)
        more = self.random.randrange(2) if signature.variadic else 0
        count = len(signature.parameters) + more
        parts = [
            self.argument(signature, index, pattern, bound, depth - 1, scope)
            for index, pattern in enumerate(signature.expanded(count))
        ]
        return call(signature.name, type_, *parts)

    def argument(
        self, signature: Signature, index: int, pattern: Pattern, bound: dict[str, Type], depth: int, scope: Scope
    ) -> Node:
        """A value, a constant that makes sense there, or a lambda."""
        if pattern.name == "function":
            return self.lambda_([concrete(part, bound, self.random) for part in pattern.parts], depth, scope)
        if texts := constants(signature, index):
            return Node(self.random.choice(texts))
        return self.value(concrete(pattern, bound, self.random), depth, scope)

    def lambda_(self, types: list[Type], depth: int, scope: Scope) -> Node:
        """`(v1, v2) -> ..`; the types are those of the variables and of the result."""
        variables = []
        for type_ in types[:-1]:
            self.variables += 1
            variables.append(Column(f"v{self.variables}", type_))
        body = self.value(types[-1], depth, (*variables, *variables, *scope))
        return Node(f"({', '.join(variable.text for variable in variables)}) -> {{}}", (body,))

    def conditional(self, type_: Type, depth: int, scope: Scope) -> Node:
        """CASE, IF, COALESCE, NULLIF, TRY, or a cast."""

        def value(of: Type = type_) -> Node:
            return self.value(of, depth - 1, scope)

        match self.random.randrange(7):
            case 0:
                whens = [Node("when {} then {}", (value(BOOLEAN), value())) for _ in range(self.random.randint(1, 2))]
                return Node("case {} else {} end", (listed(*whens, between=" "), value()), type_)
            case 1:
                key = self.random.choice((BIGINT, VARCHAR, DATE))
                subject, when = value(key), value(key)
                if _names(subject) & _names(when):  # what comes to `case x when x` is true, also where x is NULL
                    when = plain(key)[1]
                return Node("case {} when {} then {} end", (subject, when, value()), type_)
            case 2:
                return call("if", type_, value(BOOLEAN), value(), value())
            case 3:
                return call("coalesce", type_, value(), value())
            case 4 if type_ in _COMPARED and type_ != ZONED:
                return call("nullif", type_, value(), value())
            case 5:
                return Node("try({})", (value(),), type_)
            case _:
                return self.cast(type_, depth, scope)

    def cast(self, type_: Type, depth: int, scope: Scope) -> Node:
        """TRY_CAST from another type that may be cast to this one."""
        if type_.name in NUMBERS:
            here = self.random.choice((INTEGER, BIGINT, DOUBLE, REAL, MONEY, VARCHAR, BOOLEAN))
        elif type_ == VARCHAR:
            here = self.random.choice((INTEGER, BIGINT, DOUBLE, REAL, MONEY, BOOLEAN, DATE, TIMESTAMP))
        elif type_ == BOOLEAN:
            here = self.random.choice((INTEGER, DOUBLE, VARCHAR))
        elif type_ in (DATE, TIMESTAMP):
            here = self.random.choice((VARCHAR, DATE if type_ == TIMESTAMP else TIMESTAMP))
        else:
            return self.leaf(type_, scope)
        return Node(f"try_cast({{}} as {type_})", (self.value(here, depth - 1, scope),), type_)

    def operator(self, type_: Type, depth: int, scope: Scope) -> Node:
        """Arithmetic, `||`, comparisons, logic, intervals, array constructors and subscripts."""

        def value(of: Type = type_) -> Node:
            return self.value(of, depth - 1, scope)

        if type_ == BOOLEAN:
            return self.condition(value)
        if type_.name in NUMBERS and type_ != MONEY:
            sign = self.random.choice(("+", "-", "*", "/", "%"))
            return Node(f"try({{}} {sign} {{}})", (self.bracketed(value()), self.bracketed(value())), type_)
        if type_ == VARCHAR:
            return Node("{} || {}", (self.bracketed(value()), self.bracketed(value())), type_)
        if type_ in (DATE, TIMESTAMP):
            unit = self.random.choice(("day", "month", "year") if type_ == DATE else ("hour", "second", "day", "month"))
            step = f"{self.random.choice('+-')} interval '{self.random.choice((1, 2, 13, 40))}' {unit}"
            return Node(f"{{}} {step}", (self.bracketed(value()),), type_)
        if type_.name == "array":
            return Node("array[{}]", (listed(*(value(type_.element) for _ in range(2))),), type_)
        return self.leaf(type_, scope)

    def bracketed(self, node: Node) -> Node:
        """In parentheses, so that an operator beside it changes nothing in it."""
        return Node("({})", (node,), node.type) if node.parts else node

    def condition(self, value: Callable[[Type], Node]) -> Node:
        """Something true, false or unknown."""
        kind = self.random.choice(_COMPARED)

        def side() -> Node:
            return self.bracketed(value(kind))

        match self.random.randrange(9):
            case 0 | 1 if kind.name not in ("array", "map"):
                return Node(f"{{}} {self.random.choice(('<', '<=', '>', '>='))} {{}}", (side(), side()), BOOLEAN)
            case 2:
                return Node(f"{{}} {self.random.choice(('=', '<>'))} {{}}", (side(), side()), BOOLEAN)
            case 3:
                return Node("{} is not distinct from {}", (side(), side()), BOOLEAN)
            case 4:
                word = self.random.choice(("is null", "is not null"))
                return Node(f"{{}} {word}", (side(),), BOOLEAN)
            case 5:
                pattern = self.random.choice(("'%a%'", "'_'", "'a%'", "'%語'", "''", "'%'"))
                return Node(f"{{}} like {pattern}", (self.bracketed(value(VARCHAR)),), BOOLEAN)
            case 6:
                word = self.random.choice(("in", "not in"))
                return Node(f"{{}} {word} ({{}})", (side(), listed(side(), side())), BOOLEAN)
            case 7:
                return Node("not ({})", (value(BOOLEAN),), BOOLEAN)
            case _:
                word = self.random.choice(("and", "or"))
                both = (self.bracketed(value(BOOLEAN)), self.bracketed(value(BOOLEAN)))
                return Node(f"({{}} {word} {{}})", both, BOOLEAN)
