"""What is refused because Trino answers wrongly, and not always: another answer would be the right one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlglot import exp

from transforms.analyzer.tree import coerced_of, field_of, is_call, is_literal, is_try, type_of
from transforms.dialect.constants import is_constant
from transforms.dialect.errors import NotPortable
from transforms.dialect.fallible import gathers


def refuse_lossy_in(values: Sequence[exp.Expr]) -> None:
    """Refuse a list of IN, or what `=` compares with one value in an OR, by which Trino loses what it has found."""
    several = sum(not is_constant(value) for value in values) > 1
    for part in (part for value in values for part in _parts(value)):
        if what := _losing(part, several):
            why = f"{what} in a value of an IN, or of an OR of `=`, makes Athena answer false where it is true"
            raise NotPortable(why, "case when x = a then true else x = b end")


def _parts(value: exp.Expr) -> Iterator[exp.Expr]:
    """The parts of a value, and of what a query below computes as a column of it: Athena puts it in its place."""
    for part in value.walk():
        yield part
        below = field_of(part).made_of if "field" in part.meta else None
        if below is not None and not any(map(gathers, below.walk())):
            yield from _parts(below)


def _losing(part: exp.Expr, several: bool) -> str:
    """What Trino loses its answer by, in words; empty if the part is none. `several` values are no constants."""
    if isinstance(part, (exp.In, exp.Or)):
        return "another IN or OR"
    if isinstance(part, exp.Array) and not is_constant(part):
        return "an array"
    if isinstance(part, exp.Case) and part.this is not None:
        return "a CASE of one value"
    if is_call(part, "nullif"):
        return "a nullif"
    return "a try" if is_try(part) and several else ""


def refuse_unwrapped(left: exp.Expr, right: exp.Expr) -> None:
    """Refuse a constant array or map beside a value that is cast to its type: Trino casts the constant back.

    That is its `UnwrapCastInComparison`. It fails for a NULL in the constant, also under TRY, and takes a text that is
    cut off for the whole one.
    """
    for constant, other in ((left, right), (right, left)):
        inner = other.this if isinstance(other, exp.Cast) else other
        here, there = type_of(inner), coerced_of(other)
        if coerced_of(constant).name not in ("array", "map") or here == there:
            continue
        if is_constant(constant) and not is_constant(other) and (not _is_plain(constant) or "varchar(" in str(here)):
            why = f"a constant compared with {here} that is cast to {there} is not portable"
            raise NotPortable(why, f"cast(.. as {here}) around the constant")


def _is_plain(constant: exp.Expr) -> bool:
    """Whether all in it is written out, and nothing is NULL."""
    parts = (exp.Array, exp.Paren, exp.Neg, exp.Literal, exp.Boolean)
    return all(isinstance(part, parts) or is_literal(part) for part in constant.walk(prune=is_literal))


def refuse_lossy_or(parts: Sequence[exp.Expr]) -> None:
    """Refuse `x = a or x = b`, which Trino makes an IN, where that is refused."""
    compared: dict[exp.Expr, list[exp.Expr]] = {}
    for part in (each.unnest() for each in parts):
        if isinstance(part, exp.EQ):
            compared.setdefault(part.this, []).append(part.expression)
    for values in compared.values():
        if len(values) > 1:
            refuse_lossy_in(values)
