"""The known gaps: what Athena accepts and the compiler refuses. Each is an example, beside the code that refuses it.

A test compiles every example and fails when one is not refused any more; `make judge` asks Trino whether it accepts
them. There is no marker for another answer than Athena's: that is a bug.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

_Any = TypeVar("_Any")
_COLUMNS = {
    "i": "bigint '1'",
    "x": "1e0",
    "p": "decimal '1.50'",
    "s": "cast('a' as varchar)",
    "b": "x'61'",
    "d": "date '2024-05-01'",
    "t": "timestamp '2024-05-01 10:00:00.000'",
    "z": "timestamp '2024-05-01 10:00:00.000 Asia/Tokyo'",
    "j": "json '[1]'",
    "a": "array[bigint '1']",
    "m": "map(array[cast('a' as varchar)], array[bigint '1'])",
    "r": "cast(row(1, 'a') as row(id integer, name varchar))",
}
"""What an example that is one expression may read: a column of each type, of one row."""
_ROW = f"(values ({', '.join(_COLUMNS.values())})) as one({', '.join(_COLUMNS)})"
_QUERIES = ("select", "with", "values", "table")
_GROUPS: list[tuple[str, ...]] = []


def gap(*examples: str) -> Callable[[_Any], _Any]:
    """Declare what is refused; a decorator of the function that refuses it, or a statement of its own.

    An example is an expression over the columns `i x p s b d t z j a m r`, one of each type, or a whole query. Why, and
    what to write instead, is told where it is refused.
    """
    _GROUPS.append(examples)
    return lambda refusing: refusing


def gaps() -> tuple[str, ...]:
    """Every example that has been declared; importing a module declares those in it."""
    return tuple(example for group in _GROUPS for example in group)


def groups() -> tuple[tuple[str, ...], ...]:
    """The examples that one function refuses, together: what it says of one call it says of the others."""
    return tuple(_GROUPS)


def query_of(example: str) -> str:
    """The query that an example is, or stands in.

    >>> query_of("values 1")
    'values 1'
    >>> query_of("soundex(s)").startswith("select soundex(s) from (values (bigint '1', ")
    True
    """
    return example if example.split(maxsplit=1)[0].lower() in _QUERIES else f"select {example} from {_ROW}"
