"""Which functions exist, and which overload a call means. Trino's own rules of resolution over its own list.

The list is `signatures.txt`; a function that is not in it does not exist for the compiler.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from transforms.analyzer.coercion import (
    LONGEST_CHAR,
    PATTERNS,
    as_decimal,
    coercible,
    common_type,
    comparable,
    orderable,
)
from transforms.lake_types import INTEGERS, UNKNOWN, Field, Type

Kind = Literal["scalar", "aggregate", "window"]
LambdaType = Callable[[int, tuple[Type, ...]], Type]
"""Types a lambda: which argument it is, the types of its parameters; gives the type of its body."""
_TOKEN = re.compile(r"\s*(\"[^\"]*\"|[A-Za-z_][A-Za-z0-9_]*|\d+|[(),]|\.\.\.)")
_TYPES = frozenset(
    (
        *INTEGERS,
        *PATTERNS,
        "boolean",
        "real",
        "double",
        "decimal",
        "varchar",
        "char",
        "varbinary",
        "date",
        "json",
        "timestamp",
        "time",
        "array",
        "map",
        "row",
        "function",
        "unknown",
        "uuid",
        "ipaddress",
        "hyperloglog",
        "tdigest",
        "qdigest",
        "setdigest",
        "geometry",
        "sphericalgeography",
        "bingtile",
        "kdbtree",
        "interval",
    )
)
_LONGEST = 2**31 - 1
_UNBOUND = _LONGEST
"""The length of a varchar without one."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A type with variables: `array(T)`, `decimal(p,s)`. `numbers` holds lengths, or names of variables."""

    name: str
    numbers: tuple[int | str, ...] = ()
    parts: tuple[Pattern, ...] = ()
    fields: tuple[str | None, ...] = ()
    variable: bool = False

    @property
    def generic(self) -> bool:
        """Whether a type variable stands anywhere in it."""
        return self.variable or any(part.generic for part in self.parts)


@dataclass(frozen=True, slots=True)
class Signature:
    """One overload. `text` is its line in signatures.txt."""

    name: str
    kind: Kind
    parameters: tuple[Pattern, ...]
    returns: Pattern
    variadic: bool
    text: str
    demands: tuple[str, str] | None = None
    """A variable whose type must be comparable or orderable."""

    def __str__(self) -> str:
        return self.text

    def __deepcopy__(self, memo: Any) -> Signature:
        return self

    def accepts(self, count: int) -> bool:
        """Whether a call may have so many arguments."""
        return count >= len(self.parameters) if self.variadic else count == len(self.parameters)

    def expanded(self, count: int) -> tuple[Pattern, ...]:
        """The parameters for so many arguments."""
        return self.parameters + self.parameters[-1:] * (count - len(self.parameters))


@dataclass(frozen=True, slots=True)
class Match:
    """What a call means: the overload, the types that its arguments are coerced to, the type of its value."""

    signature: Signature
    parameters: tuple[Type, ...]
    returns: Type


@dataclass(slots=True)
class _Binding:
    """Values of a signature's variables, while arguments are matched one by one."""

    types: dict[str, Type] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)


_REFUSED: set[str] = set()


def discourage(name: str) -> None:
    """The dialect refuses the function: no advice names it."""
    _REFUSED.add(name)


def portable() -> list[str]:
    """The functions that advice may name."""
    return [name for name in functions() if name not in _REFUSED]


@cache
def functions() -> dict[str, tuple[Signature, ...]]:
    """All overloads by name."""
    found: dict[str, list[Signature]] = {}
    kind: Any = "scalar"
    for line in (Path(__file__).parent / "signatures.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            kind = line.strip("[]")
        elif line and not line.startswith("#"):
            signature = _read(line, kind)
            found.setdefault(signature.name, []).append(signature)
    return {name: tuple(overloads) for name, overloads in found.items()}


def kind_of(name: str) -> Kind | None:
    """scalar, aggregate or window; None if there is no such function."""
    overloads = functions().get(name)
    return overloads[0].kind if overloads else None


def resolve(name: str, types: tuple[Type | None, ...], lambda_type: LambdaType) -> Match | None:
    """The overload that a call means: an exact one, or the most specific after coercion. None stands for a lambda."""
    if None not in types:
        match = _resolve_plain(name, types)
        too_long = match is not None and match.returns.name == "char" and match.returns.numbers[0] > LONGEST_CHAR
        return None if too_long else match
    matches = list(_candidates(name, types, coerce=True, lambda_type=lambda_type))
    return matches[0] if matches else None


@cache
def _resolve_plain(name: str, types: tuple[Type | None, ...]) -> Match | None:
    exact = list(_candidates(name, types, coerce=False))
    exact.sort(key=lambda match: any(parameter.generic for parameter in match.signature.parameters))
    if exact:
        return exact[0]
    matches = list(_candidates(name, types, coerce=True))
    best = [match for match in matches if all(_more_specific(match, other) for other in matches)]
    if best:
        return best[0]
    nulls_only = [match for match in matches if _casts_only_nulls(match, types)]
    if len(nulls_only) == 1:
        return nulls_only[0]
    same = {match.returns for match in nulls_only or matches}
    return (nulls_only or matches)[0] if len(same) == 1 else None


def _more_specific(match: Match, other: Match) -> bool:
    """Whether the other overload could be called with the types that this one takes."""
    return match is other or _match(other.signature, match.parameters, True, None) is not None


def _casts_only_nulls(match: Match, types: tuple[Type | None, ...]) -> bool:
    return all(type_ in (UNKNOWN, wanted) for type_, wanted in zip(types, match.parameters, strict=True))


def _candidates(
    name: str, types: tuple[Type | None, ...], *, coerce: bool, lambda_type: LambdaType | None = None
) -> Iterator[Match]:
    for signature in functions().get(name, ()):
        if signature.accepts(len(types)):
            match = _match(signature, types, coerce, lambda_type)
            if match is not None:
                yield match


def _match(
    signature: Signature, types: tuple[Type | None, ...], coerce: bool, lambda_type: LambdaType | None
) -> Match | None:
    patterns, binding = signature.expanded(len(types)), _Binding()
    for pattern, type_ in zip(patterns, types, strict=True):
        if type_ is None or pattern.name == "function":
            if type_ is not None or pattern.name != "function":
                return None
        elif not _unify(pattern, type_, binding, coerce):
            return None
    lambdas: dict[int, Type] = {}
    if lambda_type is not None and not _bind_lambdas(patterns, types, binding, lambda_type, lambdas):
        return None
    parameters = []
    for index, (pattern, type_) in enumerate(zip(patterns, types, strict=True)):
        wanted = lambdas[index] if type_ is None else _substitute(pattern, binding)
        if type_ is not None and not coercible(type_, wanted):
            return None
        parameters.append(type_ if type_ is not None and wanted.name in PATTERNS else wanted)
    if signature.demands is not None:
        variable, word = signature.demands
        if not (orderable if word == "orderable" else comparable)(binding.types.get(variable, UNKNOWN)):
            return None
    _calculate(signature, binding)
    return Match(signature, tuple(parameters), _substitute(signature.returns, binding))


def _bind_lambdas(
    patterns: tuple[Pattern, ...],
    types: tuple[Type | None, ...],
    binding: _Binding,
    lambda_type: LambdaType,
    lambdas: dict[int, Type],
) -> bool:
    """Type the lambdas; a state that widens (an integer start, a bigint sum) is typed again until nothing changes.

    In the end each must give exactly the type that is wanted: Trino never casts what a lambda gives.
    """
    for _ in range(4):
        before, exact = dict(binding.types), True
        for index, (pattern, type_) in enumerate(zip(patterns, types, strict=True)):
            if type_ is None:
                inputs = tuple(_substitute(part, binding) for part in pattern.parts[:-1])
                wanted, result = pattern.parts[-1], lambda_type(index, inputs)
                if not _unify(wanted, result, binding, True):
                    return False
                exact = exact and (
                    result == _substitute(wanted, binding) or (result.name == "varchar" and bool(wanted.numbers))
                )
                lambdas[index] = Type("function", (), (*inputs, _substitute(wanted, binding)))
        if before == binding.types:
            return exact
    return False


def _unify(pattern: Pattern, type_: Type, binding: _Binding, coerce: bool) -> bool:
    """Whether the type fits the pattern, binding its variables."""
    if pattern.variable:
        bound = binding.types.get(pattern.name)
        if bound is None or bound == type_:
            binding.types[pattern.name] = type_
            return True
        common = common_type(bound, type_) if coerce else None
        if common is not None:
            binding.types[pattern.name] = common
        return common is not None
    if pattern.name == type_.name:
        if pattern.name == "row":
            inner = tuple(item.type for item in type_.fields)
        else:
            inner = type_.parts
        if len(inner) != len(pattern.parts):
            return False
        if pattern.numbers or type_.numbers:
            _bind_numbers(pattern, type_, binding)
            if not coerce and not pattern.numbers:
                return False
        return all(_unify(part, item, binding, coerce) for part, item in zip(pattern.parts, inner, strict=True))
    if not coerce:
        return False
    if type_ == UNKNOWN:
        return True
    if pattern.name == "decimal" and type_.name in INTEGERS:
        _bind_numbers(pattern, as_decimal(type_), binding)
        return True
    if pattern.name == "char" and type_.name == "varchar":
        _bind_numbers(pattern, Type("char", (type_.numbers or (LONGEST_CHAR,))), binding)
        return True
    if pattern.numbers and pattern.name in ("timestamp", "timestamp with time zone", "time with time zone"):
        if not coercible(type_, Type(pattern.name, (12,))) and not coercible(type_, Type(pattern.name, type_.numbers)):
            return False
        _bind_numbers(pattern, Type(pattern.name, type_.numbers or (0,)), binding)
        return True
    return coercible(type_, _substitute(pattern, binding))


def _bind_numbers(pattern: Pattern, type_: Type, binding: _Binding) -> None:
    values = type_.numbers or (_UNBOUND,)
    for name, value in zip(pattern.numbers, values, strict=False):
        if isinstance(name, str):
            binding.numbers[name] = max(value, binding.numbers.get(name, 0))


def _substitute(pattern: Pattern, binding: _Binding) -> Type:
    if pattern.variable:
        return binding.types.get(pattern.name, UNKNOWN)
    parts = tuple(_substitute(part, binding) for part in pattern.parts)
    if pattern.name == "row":
        return Type("row", (), (), tuple(Field(n, t) for n, t in zip(pattern.fields, parts, strict=True)))
    defaults = {"decimal": (1, 0), "timestamp": (0, 0)}.get(pattern.name, (0, 0))
    numbers = tuple(
        binding.numbers.get(number, defaults[index]) if isinstance(number, str) else number
        for index, number in enumerate(pattern.numbers)
    )
    if pattern.name == "varchar" and numbers and numbers[0] >= _UNBOUND:
        numbers = ()
    return Type(pattern.name, numbers, parts)


def _calculate(signature: Signature, binding: _Binding) -> None:
    """Lengths and precisions that `show functions` only names: rp, rs, u."""
    formula = _FORMULAS.get(signature.name)
    if formula is not None and signature.parameters and any(isinstance(n, str) for n in _numbers(signature.returns)):
        for name, value in formula(binding.numbers, signature).items():
            limit = 38 if signature.returns.name == "decimal" else _LONGEST
            binding.numbers[name] = min(limit, value)


def _numbers(pattern: Pattern) -> tuple[int | str, ...]:
    return (*pattern.numbers, *(number for part in pattern.parts for number in _numbers(part)))


def _whole(n: dict[str, int], _: Signature) -> dict[str, int]:
    return {"rp": n["p"] - n["s"] + min(n["s"], 1)} if "p" in n else {}


def _rounded(n: dict[str, int], signature: Signature) -> dict[str, int]:
    if "p" not in n:
        return {}
    return {"rp": n["p"] - n["s"] + min(n["s"], 1), "rs": 0} if len(signature.parameters) == 1 else {"rp": n["p"] + 1}


def _truncated(n: dict[str, int], _: Signature) -> dict[str, int]:
    return {"rp": max(n["p"] - n["s"], 1)} if "p" in n else {}


def _modulus(n: dict[str, int], _: Signature) -> dict[str, int]:
    if "a_scale" not in n or "b_scale" not in n:
        return {}
    scale = max(n["a_scale"], n["b_scale"])
    whole = min(n["a_precision"] - n["a_scale"], n["b_precision"] - n["b_scale"])
    return {"r_precision": whole + scale, "r_scale": scale}


def _replaced(n: dict[str, int], signature: Signature) -> dict[str, int]:
    x, z = n.get("x", 0), n.get("z", 0)
    return {"u": x + z * (x + 1)} if len(signature.parameters) == 3 else {}


def _regexp_replaced(n: dict[str, int], _: Signature) -> dict[str, int]:
    x, y = n.get("x", 0), n.get("y", 0)
    return {"z": x + max(x * y // 2, y) * (x + 1)}


def _iso8601(n: dict[str, int], signature: Signature) -> dict[str, int]:
    zone = 6 if signature.parameters[0].name == "timestamp with time zone" else 0
    return {"n": 22 + zone + (n["p"] + 1 if n.get("p") else 0)}


_FORMULAS: dict[str, Callable[[dict[str, int], Signature], dict[str, int]]] = {
    "ceil": _whole,
    "ceiling": _whole,
    "floor": _whole,
    "round": _rounded,
    "truncate": _truncated,
    "mod": _modulus,
    "replace": _replaced,
    "regexp_replace": _regexp_replaced,
    "concat": lambda n, _: {"u": n.get("x", 0) + n.get("y", 0)},
    "url_encode": lambda n, _: {"y": n.get("x", 0) * 12},
    "to_iso8601": _iso8601,
}


def _read(line: str, kind: Kind) -> Signature:
    """`name(parameter, ...) -> result where variable orderable`."""
    head, _, result = line.partition(" -> ")
    result, _, demand = result.partition(" where ")
    name, _, inside = head.partition("(")
    tokens = _tokens(inside.rstrip(")") if inside.endswith("()") else inside)
    parameters, variadic = [], False
    while tokens and tokens[0] != ")":
        parameters.append(_pattern(tokens))
        if tokens[0] == "...":
            variadic = True
            tokens.pop(0)
        if tokens[0] == ",":
            tokens.pop(0)
    returns = _pattern(_tokens(result))
    variable, _, word = demand.partition(" ")
    return Signature(name, kind, tuple(parameters), returns, variadic, line, (variable, word) if demand else None)


def _tokens(text: str) -> list[str]:
    return [found[1] for found in _TOKEN.finditer(text)]


def _pattern(tokens: list[str]) -> Pattern:
    name = tokens.pop(0)
    if name == "interval":
        return Pattern(f"interval {tokens.pop(0)} {tokens.pop(0)} {tokens.pop(0)}")
    if name not in _TYPES:
        return Pattern(name, variable=True)
    numbers: list[int | str] = []
    parts: list[Pattern] = []
    fields: list[str | None] = []
    if tokens and tokens[0] == "(":
        tokens.pop(0)
        while tokens[0] != ")":
            if name in ("array", "map", "row", "function", "qdigest"):
                fields.append(tokens.pop(0).strip('"') if tokens[0].startswith('"') else None)
                parts.append(_pattern(tokens))
            else:
                number = tokens.pop(0)
                numbers.append(int(number) if number.isdigit() else number)
            if tokens[0] == ",":
                tokens.pop(0)
        tokens.pop(0)
    if tokens and tokens[0] == "with":
        del tokens[:3]
        name += " with time zone"
    return Pattern(name, tuple(numbers), tuple(parts), tuple(fields) if name == "row" else ())
