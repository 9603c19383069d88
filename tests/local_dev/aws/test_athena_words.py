"""What Athena says of statements that it does not take: the codes are those that a real Trino gives."""

from __future__ import annotations

import pytest
from asking_athena import Place
from botocore.exceptions import ClientError

from local_dev.trino import ask

ROWS = "(values (1, 'x')) t(a, b)"
CODES = [
    ("select nope", "COLUMN_NOT_FOUND: line 1:8: Column 'nope' cannot be resolved"),
    (f"select t.nope from {ROWS}", "COLUMN_NOT_FOUND: line 1:8: Column 't.nope' cannot be resolved"),
    (f"select u.a from {ROWS}", "COLUMN_NOT_FOUND: "),
    (f"select a as x from {ROWS} group by x", "COLUMN_NOT_FOUND: "),
    (f"select u.* from {ROWS}", "TABLE_NOT_FOUND: line 1:8: Unable to resolve reference u"),
    ("select * from no.such.thing", "CATALOG_NOT_FOUND: line 1:15: Catalog 'no' not found"),
    (f"select a from {ROWS} join (values 1) u(a) on true", "AMBIGUOUS_NAME: line 1:8: Column 'a' is ambiguous"),
    ("select nofunc(1)", "FUNCTION_NOT_FOUND: line 1:8: Function 'nofunc' not registered"),
    (
        "select max(1, 2, 3)",
        "FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters (integer, integer, integer) for",
    ),
    ("select 'a' || 1", "FUNCTION_NOT_FOUND: "),
    (
        f"select a, count(*) from {ROWS}",
        "EXPRESSION_NOT_AGGREGATE: line 1:8: 'a' must be an aggregate expression",
    ),
    (f"select 1 from {ROWS} where count(*) > 1", "EXPRESSION_NOT_SCALAR: "),
    (f"select row_number() from {ROWS}", "MISSING_OVER: line 1:8: "),
    (f"select sum(sum(a)) from {ROWS}", "NESTED_AGGREGATION: "),
    (f"select distinct a from {ROWS} order by b", "EXPRESSION_NOT_IN_DISTINCT: "),
    (f"select 1 from {ROWS} group by 2", "INVALID_COLUMN_REFERENCE: "),
    ("select * from (values 1) t(a, b)", "MISMATCHED_COLUMN_ALIASES: "),
    ("with a as (select 1), a as (select 2) select 1", "DUPLICATE_NAMED_QUERY: "),
    (
        f"select 1 from {ROWS} where a",
        "TYPE_MISMATCH: line 1:47: WHERE clause must evaluate to a boolean: actual type",
    ),
    (f"select a + b from {ROWS}", "TYPE_MISMATCH: "),
    (f"select 1 from {ROWS} where a = b", "TYPE_MISMATCH: "),
    (f"select 1 from {ROWS} where a in (b)", "TYPE_MISMATCH: "),
    (f"select 1 from {ROWS} where a between b and 2", "TYPE_MISMATCH: "),
    (
        "select case when 1 then 2 end",
        "TYPE_MISMATCH: line 1:18: CASE WHEN clause must evaluate to a boolean (actual",
    ),
    ("select if(1, 2, 3)", "TYPE_MISMATCH: line 1:11: IF condition must evaluate to a boolean (actual: integer)"),
    ("select not 1", "TYPE_MISMATCH: line 1:12: Value of logical NOT expression must evaluate to a boolean"),
    ("select coalesce(1, 'a')", "TYPE_MISMATCH: "),
    ("select array[1, 'a']", "TYPE_MISMATCH: "),
    ("select 1 union select 'a'", "TYPE_MISMATCH: "),
    ("select 1 union select 1, 2", "TYPE_MISMATCH: "),
    ("select cast(date '2024-01-01' as integer)", "TYPE_MISMATCH: line 1:8: Cannot cast date to integer"),
    ("select cast('a' as nope)", "TYPE_MISMATCH: line 1:8: Unknown type: nope"),
    ("select date '2024-13-01'", "INVALID_LITERAL: "),
    ("select interval 'x' day", "INVALID_LITERAL: "),
    ("select array[1][5]", "INVALID_FUNCTION_ARGUMENT: Array subscript must be less than or equal to array length: 5"),
    ("select map(array[1, 1], array[1, 2])", "INVALID_FUNCTION_ARGUMENT: Duplicate map keys"),
    ("select date_parse('x', '%Y')", "INVALID_FUNCTION_ARGUMENT: Invalid format: "),
    ("select regexp_like('a', '(')", "INVALID_FUNCTION_ARGUMENT: end pattern with unmatched parenthesis"),
    ("select json_extract('{}', '$..a[')", "INVALID_FUNCTION_ARGUMENT: Invalid JSON path: '$..a['"),
    ("select date_trunc('nope', date '2024-01-01')", "INVALID_FUNCTION_ARGUMENT: 'nope' is not a valid DATE field"),
    ("select cast('a' as integer)", "INVALID_CAST_ARGUMENT: Cannot cast 'a' to INT"),
    ("select 1 / 0", "DIVISION_BY_ZERO: Division by zero"),
    ("select 2147483647 + 1", "NUMERIC_VALUE_OUT_OF_RANGE: integer addition overflow: 2147483647 + 1"),
    ("select (select a from (values 1, 2) t(a))", "SUBQUERY_MULTIPLE_ROWS: "),
]
MALFORMED = [
    ("selec 1", "line 1:1: mismatched input 'selec'. Expecting: 'ALTER', "),
    ("-- nothing", "line 1:11: mismatched input '<EOF>'. Expecting: "),
    ("select\n  1 from", "line 2:5: "),
    ("select 'a", "line 1:8: "),
    ("create table t as select 1 from", "line 1:28: "),
    ("create or replace view v as select 1 a b", "line 1:"),
]


@pytest.mark.aws
def test_a_statement_that_cannot_be_fails_with_athenas_code_and_words(place: Place) -> None:
    ids = [place.start(sql) for sql, _ in CODES]
    told = [place.ended(id_).error for id_ in ids]
    assert [found[: len(error)] for found, (_, error) in zip(told, CODES, strict=True)] == [error for _, error in CODES]


@pytest.mark.trino
@pytest.mark.usefixtures("trino")
@pytest.mark.parametrize(("sql", "error"), CODES)
def test_the_code_is_the_one_of_a_real_trino(sql: str, error: str) -> None:
    assert (ask(sql).error or "").partition(":")[0] == error.partition(":")[0]


@pytest.mark.aws
@pytest.mark.parametrize(("sql", "error"), MALFORMED)
def test_what_cannot_be_read_is_not_started(place: Place, sql: str, error: str) -> None:
    with pytest.raises(ClientError) as caught:
        place.start(sql)
    told = caught.value.response
    assert (told["Error"]["Code"], told["AthenaErrorCode"]) == ("InvalidRequestException", "MALFORMED_QUERY")
    assert told["Error"]["Message"].startswith(error)


@pytest.mark.aws
@pytest.mark.parametrize(
    ("sql", "error"),
    [
        ("select 1; select 2", "Only one sql statement is allowed. Got: select 1; select 2"),
        ("use somewhere", "Queries of this type are not supported"),
        ("grant select on t to somebody", "Queries of this type are not supported"),
    ],
)
def test_what_athena_does_not_run_is_not_started(place: Place, sql: str, error: str) -> None:
    with pytest.raises(ClientError) as caught:
        place.start(sql)
    assert caught.value.response["Error"]["Message"] == error
