"""What means the same on DuckDB as on Athena, function by function: found out by asking the rules and the compiler."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from sqlglot import exp

from transforms.analyzer.coercion import PATTERNS
from transforms.analyzer.signatures import Pattern, functions
from transforms.analyzer.syntax import parse
from transforms.analyzer.tree import call_of
from transforms.compile import compile_sql
from transforms.constructs import OPERATORS
from transforms.dialect import rules
from transforms.errors import Problem, Refused
from transforms.gaps import gaps, groups, query_of
from transforms.lake_types import Field, Type

Verdict = Literal["same", "condition", "refused"]
_NUMBERS = {"decimal": (10, 2), "char": (3,), "varchar": ()}


@dataclass(frozen=True)
class Support:
    """`condition` is the same but for what `problems` tell and `missing` overloads; `refused` is no call at all."""

    name: str
    verdict: Verdict
    problems: tuple[Problem, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Family:
    """A chapter of the functions, by name."""

    title: str
    functions: list[Support] = field(default_factory=list)


def families() -> list[Family]:
    """Every function that Athena has, and every special form that is written like one."""
    named = {name.lower() for name in functions()} | set(rules.declared()) | set(rules.refusals())
    names = sorted(named - set(OPERATORS))
    titles = rules.families()
    found: dict[str, Family] = {}
    conditions = _conditions()
    for name in names:
        title = titles.get(name, "Without a rule")
        found.setdefault(title, Family(title)).functions.append(_function(name, conditions.get(name, ())))
    return sorted(found.values(), key=lambda family: family.title)


def _function(name: str, conditions: Iterable[Problem]) -> Support:
    overloads = functions().get(name, ())
    missing = tuple(
        each.text.partition(" -> ")[0] for each in overloads if not rules.takes(name, _types(each.parameters))
    )
    if (overloads and len(missing) == len(overloads)) or name not in rules.declared():
        why, instead = rules.refusals().get(name, ("it has no rule yet", "another function"))
        return Support(name, "refused", (Problem(None, 0, 0, why, "", instead),))
    problems = tuple(sorted(set(conditions), key=str))
    return Support(name, "condition" if problems or missing else "same", problems, missing)


def _conditions() -> dict[str, list[Problem]]:
    """What is said of the calls of each function that are refused; what one rule says of one holds for the others."""
    found: dict[str, list[Problem]] = {}
    for group in groups():
        by_name: dict[str, list[Problem]] = {}
        for example in group:
            if name := called_by(example):
                by_name.setdefault(name, []).extend(_refusal(example))
        for name in by_name:
            others = (problem for other, problems in by_name.items() if other != name for problem in problems)
            shared = [problem for problem in others if not any(other in problem.what for other in by_name)]
            found.setdefault(name, []).extend([*by_name[name], *shared])
    return found


def called_by(example: str) -> str | None:
    """The function whose call the example is; None for anything else.

    >>> called_by("lag(i, i) over (order by i)"), called_by("row(i) = row(i)")
    ('lag', None)
    """
    tree = parse(query_of(example))
    call = call_of(tree.expressions[0]) if isinstance(tree, exp.Select) and query_of(example) != example else None
    return None if call is None else call.name


def _refusal(example: str) -> tuple[Problem, ...]:
    """Why the example of a gap or of a construct is refused, without its place; empty if it is not."""
    try:
        compile_sql(query_of(example), {})
    except Refused as refused:
        return tuple(Problem(None, 0, 0, each.what, each.allowed, each.write) for each in refused.problems[-1:])
    return ()


def constructs(examples: dict[str, str]) -> Iterator[Support]:
    """The verdict on each operator or clause."""
    for name, example in examples.items():
        problems = _refusal(example)
        yield Support(name, "refused" if problems else "same", problems)


def other_gaps(called: Iterable[str]) -> Iterator[tuple[str, Problem]]:
    """The gaps that are of none of these functions, in the order of letters: an example, and why it is refused."""
    known = set(called)
    for example in sorted(gaps()):
        if called_by(example) not in known:
            for problem in _refusal(example):
                yield example, problem


def _types(patterns: Iterable[Pattern]) -> tuple[Type, ...]:
    return tuple(map(_type, patterns))


def _type(pattern: Pattern) -> Type:
    """A type of the pattern, with bigint for what may be anything."""
    if pattern.variable:
        return Type("bigint")
    if pattern.name in PATTERNS:
        return Type("varchar")
    parts = _types(pattern.parts)
    if pattern.name == "row":
        return Type("row", (), (), tuple(Field(name, part) for name, part in zip(pattern.fields, parts, strict=True)))
    return Type(pattern.name, _NUMBERS.get(pattern.name, (3,)) if pattern.numbers else (), parts)
