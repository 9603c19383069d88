"""AND and OR: Athena computes the parts one after the other and stops at the first that decides; DuckDB computes all.

So what can fail stands in a CASE that asks the parts before it: `x <> 0 and 10 / x > 1` has a value where x is 0.
And DuckDB leaves out all when the statistics of a column decide one part: under TRY each part is asked before the next.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

_CONSTANT_CAST = re.compile(
    r"cast\((?:-?\d[\d.e-]*|'(?:[^']|'')*'|null|\"[^\"]*\"(?:\.\"[^\"]*\")*) as (?:bigint|double|date)\)"
)
"""A cast that cannot fail: of a literal, or of a column to a wider type."""
_FAILING = re.compile(r"cast\(|//|%|/|\[|athena_|\(select |strptime|to_base|map\(")
_TEXT = re.compile(r"'(?:[^']|'')*'")


def connected(word: Literal["and", "or"], parts: Sequence[str], *, caught: bool = False) -> str:
    """The parts, as DuckDB must compute them. Those that cannot fail stand plain beside the CASE, for its filters.

    `caught` says that they stand under TRY, and that one may fail.

    >>> connected("and", ["a", "x // y > 1", "b"])
    '(a and b and case when not (a) then false else (x // y > 1 and b) end)'
    >>> connected("or", ["a", "b"])
    '(a or b)'
    """
    if caught:
        return _one_by_one(word, parts)
    first = next((index for index, part in enumerate(parts) if index and text_may_fail(part)), None)
    between = f" {word} "
    if first is None:
        return f"({between.join(parts)})"
    before, rest = between.join(parts[:first]), parts[first:]
    case = f"case when {_decided(word, before)} else {connected(word, rest) if len(rest) > 1 else rest[0]} end"
    return f"({between.join([*parts[:first], *(part for part in rest if not text_may_fail(part)), case])})"


def _decided(word: Literal["and", "or"], before: str) -> str:
    """Where what stands before the others decides, and what it decides."""
    return f"not ({before}) then false" if word == "and" else f"({before}) then true"


def _one_by_one(word: Literal["and", "or"], parts: Sequence[str]) -> str:
    """Each part is asked before the next, also those that cannot fail: none stands plain."""
    first, *rest = parts
    if not rest:
        return first
    return f"case when {_decided(word, first)} else ({first} {word} {_one_by_one(word, rest)}) end"


def text_may_fail(sql: str) -> bool:
    """Whether DuckDB may raise when it computes this; `strictness.may_fail` asks a node, of Athena."""
    return _FAILING.search(_TEXT.sub("''", _CONSTANT_CAST.sub("''", sql))) is not None
