"""What stands in a statement in the place of a table's name."""

from __future__ import annotations

from datetime import UTC, datetime

from connectors.engines.relations import all_counts, no_rows, read_counts, with_columns
from transforms.analysis import Compiled
from transforms.column import Column, OutputColumn
from transforms.lake_types import BIGINT, DATE, DOUBLE
from transforms.names import TableName
from transforms.snapshot import Snapshot

HELD = (Column("amount", BIGINT), Column("day", DATE))
SNAPSHOT = Snapshot(TableName("core_shop", "daily"), 1, "r1", datetime(2024, 5, 1, tzinfo=UTC), HELD, "day", {})


def test_a_relation_has_the_columns_and_types_that_a_query_expects() -> None:
    assert with_columns("t", SNAPSHOT, HELD) == "t"
    expected = (Column("amount", DOUBLE), Column("refund", BIGINT), Column("day", DATE))
    assert with_columns("t", SNAPSHOT, expected) == (
        '(select cast("amount" as double) as "amount", cast(null as bigint) as "refund", "day" from t)'
    )
    assert no_rows(HELD) == '(select cast(null as bigint) as "amount", cast(null as date) as "day" where false)'


def test_several_counts_are_one_statement() -> None:
    assert all_counts(["select 1, 2", "select 3"]) == "select * from (\nselect 1, 2\n) q0 cross join (\nselect 3\n) q1"
    asked = [Compiled("", "", tuple(OutputColumn(name, BIGINT) for name in names), ()) for names in ("ab", "c")]
    assert read_counts(["1", None, 3], asked) == [[1, 0], [3]]
