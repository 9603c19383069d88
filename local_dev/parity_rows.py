"""The first difference between two engines' rows of one table. Pure: rows come encoded as in Trino's protocol."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from local_dev.same_rows import rounded, same, unmatched

Row = Sequence[Any]


@dataclass(frozen=True)
class Difference:
    """Where two tables differ first. `column` is empty when a whole row is on one side only."""

    column: str
    key: dict[str, Any]
    laptop: Any
    trino: Any


def first_difference(
    columns: Sequence[str],
    key: Sequence[str],
    laptop: Sequence[Row],
    trino: Sequence[Row],
    ignored: Collection[str] = (),
    added_up: Collection[str] = (),
) -> Difference | None:
    """Rows are matched by their key, and those of a key as a bag. `ignored` columns are not compared.

    Of columns that were `added_up` in the order of the rows, the last digits of doubles are not.

    >>> first_difference(["k", "v"], ["k"], [[1, "a"], [2, "b"]], [[2, "c"], [1, "a"]])
    Difference(column='v', key={'k': 2}, laptop='b', trino='c')
    """
    if loose := {index for index, name in enumerate(columns) if name in added_up}:
        laptop, trino = _loosened(laptop, loose), _loosened(trino, loose)
    compared = [index for index, name in enumerate(columns) if name not in ignored]
    places = [columns.index(name) for name in key if name not in ignored] if not set(key) & set(ignored) else []
    if not places:
        return _first_alone(columns, compared, laptop, trino)
    ours, theirs = _by_key(laptop, places), _by_key(trino, places)
    for text in sorted(ours.keys() | theirs.keys()):
        left, right = ours.get(text, []), theirs.get(text, [])
        found = _first_alone(columns, compared, left, right)
        if found is not None:
            row = (left or right)[0]
            return Difference(found.column, {columns[place]: row[place] for place in places}, found.laptop, found.trino)
    return None


def _loosened(rows: Sequence[Row], places: Collection[int]) -> list[Row]:
    return [[rounded(value) if index in places else value for index, value in enumerate(row)] for row in rows]


def _by_key(rows: Sequence[Row], places: Sequence[int]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(repr([row[place] for place in places]), []).append(row)
    return found


def _first_alone(
    columns: Sequence[str], compared: Sequence[int], laptop: Sequence[Row], trino: Sequence[Row]
) -> Difference | None:
    """The rows are bags: the first ones that are on one side only are told."""
    ours, theirs = unmatched(_cut(laptop, compared), _cut(trino, compared))
    for left, right in zip(ours, theirs, strict=False):
        for index, one, other in zip(compared, left, right, strict=True):
            if not same(one, other):
                return Difference(columns[index], {}, one, other)
    if not ours and not theirs:
        return None
    row = dict(zip([columns[index] for index in compared], (ours or theirs)[0], strict=True))
    return Difference("", {}, row if ours else None, None if ours else row)


def _cut(rows: Sequence[Row], compared: Sequence[int]) -> list[list[Any]]:
    return [[row[index] for index in compared] for row in rows]
