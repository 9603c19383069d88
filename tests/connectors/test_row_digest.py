"""Equal rows have an equal digest in any order and any batches; others have another one."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from random import Random
from typing import Any

import pyarrow as pa
import pytest

from connectors import row_digest
from connectors.row_digest import RowDigest

ROWS: list[dict[str, Any]] = [
    {"id": n, "name": f"n{n % 7}", "price": Decimal(n), "tags": ["a", None] if n % 2 else None, "it's": {"x": n}}
    for n in range(50)
]


def digest(rows: list[dict[str, Any]], sizes: Iterable[int] = (50,)) -> str:
    found, begin = RowDigest(), 0
    for size in sizes:
        if rows[begin : begin + size]:
            found.add(pa.RecordBatch.from_pylist(rows[begin : begin + size]))
        begin += size
    return found.text()


def test_order_and_batches_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = digest(ROWS)
    assert digest(Random(1).sample(ROWS, 50), [3, 20, 0, 27]) == whole
    monkeypatch.setattr(row_digest, "_BATCH", 10)
    assert digest(ROWS, [7] * 8) == whole, "looked at in several parts"


def test_a_column_that_is_met_later_is_one_of_nulls_before() -> None:
    without = [{"id": 1}, {"id": 2, "name": "x"}]
    assert digest(without, [1, 1]) == digest([{"id": 1, "name": None}, {"id": 2, "name": "x"}])


@pytest.mark.parametrize(
    "other",
    [
        ROWS[:-1],
        [*ROWS, ROWS[0]],
        [{**ROWS[0], "name": None}, *ROWS[1:]],
        [{**ROWS[0], "name": ROWS[1]["name"]}, {**ROWS[1], "name": ROWS[0]["name"]}, *ROWS[2:]],
    ],
    ids=["one less", "one twice", "a NULL", "two swapped values"],
)
def test_other_rows_have_another_digest(other: list[dict[str, Any]]) -> None:
    assert digest(other, [60]) != digest(ROWS)


def test_no_rows_have_one_too() -> None:
    assert digest([], []) == digest([], [])
