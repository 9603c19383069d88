"""What sqlglot reads for Athena and Athena rejects, or reads without its place: each with the smallest example.

Ready to be reported to sqlglot. A test asserts that sqlglot alone still does so and that the workaround works: when one
is mended there, the test fails, and both the line here and the workaround can go.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bug:
    """`parse_one(sql, read="athena").sql("athena")` is `read_as`; Athena rejects `sql`, and so does the workaround."""

    sql: str
    read_as: str
    workaround: str


_MISPLACED = "misplaced.misplaced"
_FAULT = "syntax._fault"

READ_THOUGH_REJECTED = (
    Bug("from t", "SELECT * FROM t", _MISPLACED),
    Bug("select from t", "SELECT FROM t", _MISPLACED),
    Bug("select 1 from from t", "SELECT 1 FROM SELECT * FROM t", _MISPLACED),
    Bug("select * from values (1)", "SELECT * FROM (VALUES (1))", _MISPLACED),
    Bug("select * from select 1", "SELECT * FROM SELECT 1", _MISPLACED),
    Bug("select 1 from a join b", "SELECT 1 FROM a, b", "syntax._bare_joins"),
    Bug("select 1 from a inner join b", "SELECT 1 FROM a INNER JOIN b", "syntax._bare_joins"),
    Bug("select a from t limit 1 offset 1", "SELECT a FROM t OFFSET 1 LIMIT 1", "clause_order.out_of_order"),
    Bug("select a, from t", "SELECT a FROM t", _FAULT),
    Bug("select , a", "SELECT a", _FAULT),
    Bug("select 'a' 'b'", "SELECT CONCAT('a', 'b')", _FAULT),
    Bug("select {{ x }}", "SELECT ROW(ROW(x))", _FAULT),
    Bug("select interval 1 day", "SELECT INTERVAL '1' DAY", _FAULT),
    Bug("select a::int", "SELECT CAST(a AS INTEGER)", _FAULT),
    Bug("select a == b", "SELECT a = b", _FAULT),
    Bug("select a ilike b", "SELECT LOWER(a) LIKE LOWER(b)", _FAULT),
)

WITHOUT_A_PLACE = ("select null", "select true", "select current_date")
"""Their first expression has no line and no column; `syntax._placed` and the parents of a node make up for it."""
