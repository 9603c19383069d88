"""How a rule is declared, and how the rule for a call is found: by name, then by the types of its arguments.

A function without a rule is refused; nothing is passed on because DuckDB happens to have a function of that name.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from transforms.analyzer.json_syntax import JsonWords
from transforms.analyzer.signatures import discourage
from transforms.dialect import macros
from transforms.dialect.constants import is_written_null
from transforms.dialect.errors import NotPortable
from transforms.lake_types import INTEGERS, NUMBERS, Type

_WORDS = {
    "number": NUMBERS,
    "whole": INTEGERS,
    "floating": ("real", "double"),
    "moment": ("date", "timestamp", "timestamp with time zone"),
}
_TYPE_NAMES = frozenset(
    (
        *_WORDS,
        *NUMBERS,
        "boolean",
        "varchar",
        "varbinary",
        "date",
        "timestamp",
        "time",
        "json",
        "unknown",
        "interval",
        "array",
        "map",
        "row",
        "function",
        "char",
        "uuid",
    )
)


class Arg(str):
    """DuckDB SQL of one argument, already cast to the type that the function takes; safe to stand in any operator."""

    type: Type
    zone: str | None
    node: exp.Expr
    applied: Callable[..., str]
    variable: Callable[[str], str]

    @staticmethod
    def of(sql: str, type_: Type, node: exp.Expr, zone: str | None = None) -> Arg:
        """For a lambda, `applied(*names)` is its body with its variables so named; `variable` makes a new name."""
        arg = Arg(sql)
        arg.type, arg.zone, arg.node = type_, zone, node
        return arg

    def over(self, *parts: str, into: str = "{}") -> str:
        """A lambda of DuckDB with one variable, whose parts (`['key']`) are the variables of this one."""
        name = self.variable("item")
        return f"lambda {name}: {into.format(self.applied(*(name + part for part in parts)), item=name)}"

    @property
    def constant(self) -> str | None:
        """The text of a string literal, else None."""
        node = self.node
        return node.this if isinstance(node, exp.Literal) and node.is_string else None

    @property
    def is_null(self) -> bool:
        """Whether NULL is written out here."""
        return is_written_null(self.node)

    @property
    def number(self) -> int | None:
        """The value of an integer literal, with its sign, else None."""
        node, sign = self.node, 1
        while isinstance(node, (exp.Neg, exp.Paren)):
            sign = -sign if isinstance(node, exp.Neg) else sign
            node = node.this
        known = isinstance(node, exp.Literal) and not node.is_string and node.this.isdigit()
        return sign * int(node.this) if known else None


@dataclass(frozen=True)
class Invocation:
    """One call to rewrite.

    `type` is its Athena type; `tail` is what stands behind an aggregate: filter, over; `words` are the clauses of a
    form of SQL/JSON.
    """

    name: str
    args: tuple[Arg, ...]
    type: Type
    zone: str | None = None
    distinct: bool = False
    order: str = ""
    ignore_nulls: bool = False
    tail: str = ""
    words: JsonWords | None = None

    @property
    def inside(self) -> str:
        """What stands between the parentheses of an aggregate or window function."""
        distinct, nulls = "distinct " * self.distinct, " ignore nulls" * self.ignore_nulls
        return f"{distinct}{', '.join(self.args)}{self.order and ' ' + self.order}{nulls}"


@dataclass(frozen=True)
class Rule:
    """What becomes of the calls that match a signature."""

    name: str
    params: tuple[str, ...]
    variadic: bool
    make: Callable[[Invocation], str]
    signature: str

    def takes(self, args: tuple[Arg, ...]) -> bool:
        """Whether the types of the arguments fit."""
        if len(args) != len(self.params) and not (self.variadic and len(args) >= len(self.params) - 1):
            return False
        params = self.params + self.params[-1:] * (len(args) - len(self.params))
        return all(_fits(param, arg.type) for param, arg in zip(params, args, strict=False))


@dataclass
class _Registry:
    rules: dict[str, list[Rule]] = field(default_factory=dict)
    refused: dict[str, tuple[str, str]] = field(default_factory=dict)
    family: str = ""
    families: dict[str, str] = field(default_factory=dict)


_KNOWN = _Registry()


def find(name: str, args: tuple[Arg, ...]) -> Rule:
    """The first rule declared for the name that takes these arguments; NotPortable if there is none."""
    for rule_ in _KNOWN.rules.get(name, ()):
        if rule_.takes(args):
            return rule_
    if name in _KNOWN.refused:
        why, instead = _KNOWN.refused[name]
        raise NotPortable(f"{name} cannot mean the same on DuckDB: {why}", instead)
    types = ", ".join(str(arg.type) for arg in args)
    raise NotPortable(f"{name}({types}) is not portable yet", "another function, or run this on Athena")


def declared() -> dict[str, tuple[str, ...]]:
    """Every function with a rule, and the signatures that have one."""
    return {name: tuple(rule_.signature for rule_ in rules) for name, rules in sorted(_KNOWN.rules.items())}


def refusals() -> dict[str, tuple[str, str]]:
    """Every function that is refused on purpose: why, and what to write."""
    return dict(sorted(_KNOWN.refused.items()))


def family(title: str) -> None:
    """The chapter of docs/functions.md for the functions that are declared from here on."""
    _KNOWN.family = title


def families() -> dict[str, str]:
    """The family of every function that has a rule or is refused; the first that declared it."""
    return dict(_KNOWN.families)


def takes(name: str, types: tuple[Type, ...]) -> bool:
    """Whether a rule is declared for arguments of these types; a rule may still refuse some values, by a `gap`."""
    args = tuple(Arg.of("", type_, exp.Null()) for type_ in types)
    return any(rule_.takes(args) for rule_ in _KNOWN.rules.get(name, ()))


def same(*signatures: str, duckdb: str | None = None) -> None:
    """DuckDB's function of the same name, or of the name given, means the same on these types."""
    for signature in signatures:
        _add(signature, _calling(duckdb or _parsed(signature)[0]))


def _calling(function: str) -> Callable[[Invocation], str]:
    return lambda call: f"{function}({', '.join(call.args)})"


def sql(signature: str, template: str) -> None:
    """An expression of DuckDB written in place: `{name}` is the parameter of that name."""
    _, _, names, variadic = _parsed(signature)
    template = macros.failing(template)

    def make(call: Invocation) -> str:
        if variadic:
            head = call.args[: len(names) - 1]
            rest = ", ".join(call.args[len(head) :])
            return template.format(**dict(zip(names, (*head, rest), strict=True)))
        return template.format(**dict(zip(names, call.args, strict=True)))

    _add(signature, make)


def aggregate(signature: str, template: str) -> None:
    """An aggregate or window function: `{inside}` are its arguments with DISTINCT and ORDER BY, `{tail}` FILTER, OVER.

    The template must give each DuckDB aggregate in it the `{tail}`.
    """
    _, _, names, _ = _parsed(signature)
    template = macros.failing(template)

    def make(call: Invocation) -> str:
        given = dict(zip(names, call.args, strict=False))
        return template.format(inside=call.inside, tail=call.tail, **given)

    _add(signature, make)


def macro(signature: str, body: str, *, name: str | None = None) -> str:
    """A DuckDB macro with the parameters of the signature. Overloads need a `name` of their own.

    One that can fail looks first whether an argument is NULL: then the result is NULL, on Athena too.
    """
    full = macro_of(signature, body, name)
    _add(signature, _calling(full))
    return full


def macro_of(signature: str, body: str, name: str | None = None) -> str:
    """Only the macro, for a rule that looks at its arguments first."""
    function, _, names, _ = _parsed(signature)
    if "fail(" in body and names:
        nulls = " or ".join(f"{each} is null" for each in names)
        body = f"case when {nulls} then null else {body} end"
    return macros.declare(name or function, names, body)


def helper(head: str, body: str) -> str:
    """A macro that only other macros and rules call: `helper("json_text(j)", "..")`."""
    name, params = re.fullmatch(r"(\w+)\((.*)\)", head).groups()  # type: ignore[union-attr]  # a literal of ours
    return macros.declare(name, tuple(part.strip() for part in params.split(",") if part.strip()), body)


def rule(*signatures: str) -> Callable[[Callable[..., str]], Callable[..., str]]:
    """A function from the arguments to DuckDB SQL."""

    def declare(make: Callable[..., str]) -> Callable[..., str]:
        for signature in signatures:
            _add(signature, lambda call: make(*call.args))
        return make

    return declare


def rule_of_call(*signatures: str) -> Callable[[Callable[[Invocation], str]], Callable[[Invocation], str]]:
    """A function from the whole call, for what depends on its type, its order or DISTINCT."""

    def declare(make: Callable[[Invocation], str]) -> Callable[[Invocation], str]:
        for signature in signatures:
            _add(signature, make)
        return make

    return declare


def refuse(name: str, why: str, instead: str = "") -> None:
    """What no rule of this name takes is refused for this reason."""
    _KNOWN.refused[name] = (why, instead)
    discourage(name)
    _KNOWN.families.setdefault(name, _KNOWN.family)


def _add(signature: str, make: Callable[[Invocation], str]) -> None:
    name, params, _, variadic = _parsed(signature)
    _KNOWN.families.setdefault(name, _KNOWN.family)
    _KNOWN.rules.setdefault(name, []).append(Rule(name, params, variadic, make, signature))


def _parsed(signature: str) -> tuple[str, tuple[str, ...], tuple[str, ...], bool]:
    """Name, types and names of the parameters of `name(a type, b type..) -> type`."""
    head, arrow, _ = signature.partition(" -> ")
    found = re.fullmatch(r"(\w+)\((.*)\)", head.strip())
    if not found or not arrow:
        raise ValueError(f"not a signature: {signature}")
    parts = _split(found[2])
    variadic = bool(parts) and parts[-1].endswith("...")
    types, names = [], []
    for index, part in enumerate(parts):
        part = part.removesuffix("...").strip()
        first, _, rest = part.partition(" ")
        named = (
            rest
            and not rest.startswith(("with ", "to ", "day", "year"))
            and first not in _TYPE_NAMES
            and first.isidentifier()
        )
        types.append(rest if named else part)
        names.append(first if named else f"a{index}")
    return found[1], tuple(types), tuple(names), variadic


def _split(text: str) -> list[str]:
    parts, depth, start = [], 0, 0
    for index, char in enumerate(text):
        depth += {"(": 1, ")": -1}.get(char, 0)
        if char == "," and depth == 0:
            parts.append(text[start:index].strip())
            start = index + 1
    return [*parts, text[start:].strip()] if text.strip() else []


def _fits(param: str, type_: Type) -> bool:
    if "|" in param and "(" not in param:
        return any(_fits(each.strip(), type_) for each in param.split("|"))
    if len(param) == 1 and param.isupper():
        return True
    if param in _WORDS:
        return type_.name in _WORDS[param]
    if type_.name == "unknown":
        return not param.startswith("function")
    if param.startswith(("array(", "map(")):
        head, _, rest = param.partition("(")
        inner: Any = _split(rest[:-1])
        return type_.name == head and all(_fits(p, t) for p, t in zip(inner, type_.parts, strict=True))
    if param.startswith("function"):
        return type_.name == "function"
    if param == "interval":
        return type_.name.startswith("interval")
    return type_.name == param or (param == "varchar" and type_.name == "char")
