"""Athena's query executions as boto3 uses them: start, poll, stop, page through rows that are texts."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from asking_athena import OUTPUT, Place
from botocore.exceptions import ClientError, ConnectionClosedError
from running_aws import RunningAws, running_aws

pytestmark = pytest.mark.aws
ENDLESS = "select count(*) from unnest(sequence(1, 10000)) as a(i), unnest(sequence(1, 10000)) as b(j), \
unnest(sequence(1, 10000)) as c(k) where i * j + k = 7"


def refused(call: Callable[[], Any]) -> str:
    with pytest.raises(ClientError) as caught:
        call()
    assert caught.value.response["Error"]["Code"] == "InvalidRequestException"
    return str(caught.value.response["Error"]["Message"])


@pytest.mark.parametrize(
    ("expression", "text", "type_", "precision", "scale"),
    [
        ("1", "1", "integer", 10, 0),
        ("cast(7 as tinyint)", "7", "tinyint", 3, 0),
        ("9223372036854775807", "9223372036854775807", "bigint", 19, 0),
        ("true", "true", "boolean", 0, 0),
        ("1.0", "1.0", "double", 17, 0),
        ("1e10", "1.0E10", "double", 17, 0),
        ("-1.5e-5", "-1.5E-5", "double", 17, 0),
        ("1234567.5e0", "1234567.5", "double", 17, 0),
        ("nan()", "NaN", "double", 17, 0),
        ("cast(0.1 as real)", "0.1", "float", 17, 0),
        ("decimal '1.20'", "1.20", "decimal", 3, 2),
        ("'a''b\"c'", "a'b\"c", "varchar", 5, 0),
        ("cast('ab' as varchar)", "ab", "varchar", 2147483647, 0),
        ("cast('ab' as char(4))", "ab  ", "char", 4, 0),
        ("''", "", "varchar", 0, 0),
        ("cast(null as varchar)", None, "varchar", 2147483647, 0),
        ("null", None, "unknown", 0, 0),
        ("to_utf8('123')", "31 32 33", "varbinary", 1073741824, 0),
        ("date '2024-02-29'", "2024-02-29", "date", 0, 0),
        ("timestamp '2024-02-29 10:11:12'", "2024-02-29 10:11:12.000", "timestamp", 3, 0),
        ("timestamp '2024-02-29 10:11:12.5'", "2024-02-29 10:11:12.500", "timestamp", 3, 0),
        (
            "timestamp '2024-02-29 10:11:12 Asia/Tokyo'",
            "2024-02-29 10:11:12.000 Asia/Tokyo",
            "timestamp with time zone",
            3,
            0,
        ),
        ("time '10:11:12'", "10:11:12.000", "time", 3, 0),
        ("interval '2' day", "2 00:00:00.000", "interval day to second", 0, 0),
        ("array[1, null]", "[1, null]", "array", 0, 0),
        ("array[array['a, b'], array[]]", "[[a, b], []]", "array", 0, 0),
        ("map(array['k', 'l'], array[1e0, null])", "{k=1.0, l=null}", "map", 0, 0),
        ("cast(row(1, null) as row(a integer, b varchar))", "{a=1, b=null}", "row", 0, 0),
        ("cast(null as row(a integer))", None, "row", 0, 0),
        ("row(1, 'x')", "{field0=1, field1=x}", "row", 0, 0),
        ("array[timestamp '2024-02-29 10:11:12']", "[2024-02-29 10:11:12.000]", "array", 0, 0),
        ("cast(array[1, 2] as json)", "[1,2]", "json", 0, 0),
    ],
)
def test_each_type_has_its_text_and_its_name(
    place: Place, expression: str, text: str | None, type_: str, precision: int, scale: int
) -> None:
    asked = place.ask(f"select {expression} as x")
    assert asked.rows == [(text,)], asked.error
    column = asked.columns[0]
    assert (column["Name"], column["Type"], column["Precision"], column["Scale"]) == ("x", type_, precision, scale)


def test_a_query_ends_with_all_that_is_known_of_it(place: Place) -> None:
    asked = place.ask("select 1 as one, 'x' as one;")
    execution = asked.execution
    assert (asked.state, execution["StatementType"], execution["SubstatementType"]) == ("SUCCEEDED", "DML", "SELECT")
    assert execution["Query"] == "select 1 as one, 'x' as one;"
    assert execution["WorkGroup"] == "primary"
    assert execution["QueryExecutionContext"] == {"Database": place.database}
    assert execution["EngineVersion"]["EffectiveEngineVersion"] == "Athena engine version 3"
    assert execution["Statistics"]["TotalExecutionTimeInMillis"] >= 0
    assert execution["Status"]["CompletionDateTime"] >= execution["Status"]["SubmissionDateTime"]
    location = execution["ResultConfiguration"]["OutputLocation"]
    assert re.fullmatch(rf"{OUTPUT}[0-9a-f-]{{36}}\.csv", location)
    bucket, _, key = location.removeprefix("s3://").partition("/")
    body = place.aws.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    assert body == b'"one","one"\n"1","x"\n'


def test_rows_come_in_pages_and_the_first_begins_with_the_header(place: Place) -> None:
    id_ = place.start(
        "select i, nullif('l' || chr(10) || '\"', 'x') as text from unnest(sequence(1, 2500)) as t(i) order by i"
    )
    assert len(place.ended(id_).rows) == 2500
    first = place.athena.get_query_results(QueryExecutionId=id_)
    assert len(first["ResultSet"]["Rows"]) == 1000
    assert first["ResultSet"]["Rows"][0]["Data"] == [{"VarCharValue": "i"}, {"VarCharValue": "text"}]
    assert first["UpdateCount"] == 0
    few = place.athena.get_query_results(QueryExecutionId=id_, MaxResults=2)
    assert [row["Data"][0]["VarCharValue"] for row in few["ResultSet"]["Rows"]] == ["i", "1"]
    more = place.athena.get_query_results(QueryExecutionId=id_, MaxResults=2, NextToken=few["NextToken"])
    assert more["ResultSet"]["Rows"][1]["Data"] == [{"VarCharValue": "3"}, {"VarCharValue": 'l\n"'}]
    assert "token" in refused(lambda: place.athena.get_query_results(QueryExecutionId=id_, NextToken="never"))


def test_no_rows_are_a_header(place: Place) -> None:
    asked = place.ask("select 1 as a where false")
    assert (asked.state, asked.rows, [column["Name"] for column in asked.columns]) == ("SUCCEEDED", [], ["a"])


@pytest.mark.parametrize(
    ("sql", "error", "type_"),
    [
        (
            "select x\nfrom (values 1) as t(y)",
            "COLUMN_NOT_FOUND: line 1:8: Column 'x' cannot be resolved or requester is not authorized to access "
            "requested resources",
            1006,
        ),
        ("select 1 from never", "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.{db}.never' does not exist", 1301),
        ("select 1 from a.b", "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.a.b' does not exist", 1301),
        ("select 1 / 0", "DIVISION_BY_ZERO: Division by zero", 1001),
        ("select cast('x' as bigint)", "INVALID_CAST_ARGUMENT: Cannot cast 'x' to BIGINT", 1001),
        ("select split(s, '') from (values 'a') t(s)", "INVALID_FUNCTION_ARGUMENT: The delimiter may not be", 1001),
        ("select ?", "INVALID_PARAMETER_USAGE: line 1:1: Incorrect number of parameters: expected 1 but found 0", 1000),
        ("select i from table(sequence(1, 3)) as n(i)", "NOT_SUPPORTED: line 1:15: ", 1200),
    ],
)
def test_a_failure_is_told_in_athenas_words(place: Place, sql: str, error: str, type_: int) -> None:
    asked = place.ask(sql)
    assert asked.state == "FAILED"
    assert asked.error.startswith(error.format(db=place.database))
    told = asked.execution["Status"]["AthenaError"]
    assert told == {"ErrorCategory": 2, "ErrorType": type_, "Retryable": False, "ErrorMessage": asked.error}
    results = refused(lambda: place.athena.get_query_results(QueryExecutionId=asked.execution["QueryExecutionId"]))
    assert results == "Query did not finish successfully. Final query state: FAILED"


def test_a_query_is_stopped_while_it_runs_or_waits(place: Place) -> None:
    ids = [place.start(ENDLESS) for _ in range(10)]
    states = place.athena.batch_get_query_execution(QueryExecutionIds=[*ids, "never"])
    assert len(states["QueryExecutions"]) == 10
    assert [each["QueryExecutionId"] for each in states["UnprocessedQueryExecutionIds"]] == ["never"]
    assert "has not yet finished" in refused(lambda: place.athena.get_query_results(QueryExecutionId=ids[0]))
    for id_ in ids:
        place.athena.stop_query_execution(QueryExecutionId=id_)
    ended = [place.ended(id_) for id_ in ids]
    assert {each.state for each in ended} == {"CANCELLED"}
    assert ended[0].error == "Query cancelled by user"
    place.athena.stop_query_execution(QueryExecutionId=ids[0])


def test_the_same_token_starts_once(place: Place) -> None:
    token = "t" * 32 + place.database
    first, again = (place.start("select 1", ClientRequestToken=token) for _ in range(2))
    assert first == again
    message = refused(lambda: place.start("select 2", ClientRequestToken=token))
    assert message == "Idempotent parameters do not match"


def test_parameters_stand_where_the_question_marks_are(place: Place) -> None:
    rows = place.rows("select ? as a, '?' as b, cast(? as integer) as c", ExecutionParameters=["'it''s'", "3"])
    assert rows == [("it's", "?", "3")]
    asked = place.ask("select ?", ExecutionParameters=["1", "2"])
    assert "Incorrect number of parameters: expected 1 but found 2" in asked.error


def test_a_result_needs_a_place(place: Place) -> None:
    assert "No output location provided" in refused(lambda: place.start("select 1", ResultConfiguration={}))
    nowhere = {"OutputLocation": "s3://never-made/"}
    assert "output bucket never-made" in refused(lambda: place.start("select 1", ResultConfiguration=nowhere))
    assert "262144 bytes" in refused(lambda: place.start(f"select '{'x' * 262_144}'"))


def test_executions_are_listed_by_workgroup_newest_first(place: Place) -> None:
    group = f"group-{place.database}"
    where = {"ResultConfiguration": {"OutputLocation": OUTPUT}}
    place.athena.create_work_group(Name=group, Configuration=where)
    ids = [place.start("select 1", WorkGroup=group) for _ in range(5)]
    pages = list(place.athena.get_paginator("list_query_executions").paginate(WorkGroup=group, MaxResults=2))
    assert [id_ for page in pages for id_ in page["QueryExecutionIds"]] == ids[::-1]
    for id_ in ids:
        place.ended(id_)


def test_what_has_ended_is_known_after_a_restart(tmp_path: Path) -> None:
    with running_aws(tmp_path) as aws:
        place = prepared(aws)
        done = place.start("select 7 as n")
        place.ended(done)
        lost = place.start(ENDLESS)
        aws.process.kill()
    with running_aws(tmp_path) as aws:
        athena = aws.client("athena")
        rows = athena.get_query_results(QueryExecutionId=done)["ResultSet"]["Rows"]
        assert rows[1]["Data"] == [{"VarCharValue": "7"}]
        status = athena.get_query_execution(QueryExecutionId=lost)["QueryExecution"]["Status"]
        assert (status["State"], status["AthenaError"]["Retryable"]) == ("FAILED", True)


def prepared(aws: RunningAws) -> Place:
    for bucket in ("lake", "results"):
        aws.client("s3").create_bucket(Bucket=bucket)
    return Place(aws)


def test_what_fails_on_purpose_is_athenas_error_and_the_work_is_done(tmp_path: Path) -> None:
    with running_aws(tmp_path, "--fault", "fail=1") as aws:
        with pytest.raises(ClientError) as caught:
            aws.client("athena").create_work_group(Name="made")
        assert caught.value.response["Error"]["Code"] == "InternalServerException"
    with running_aws(tmp_path, "--fault", "throttle=1") as aws:
        with pytest.raises(ClientError) as caught:
            aws.client("athena").list_work_groups()
        assert caught.value.response["Error"]["Code"] == "ThrottlingException"
    with running_aws(tmp_path) as aws:
        names = [each["Name"] for each in aws.client("athena").list_work_groups()["WorkGroups"]]
    assert names == ["primary", "made"]


def test_an_answer_is_lost_and_comes_late_on_purpose(tmp_path: Path) -> None:
    with running_aws(tmp_path, "--fault", "lost=1") as aws:
        with pytest.raises(ConnectionClosedError):
            aws.client("athena").create_work_group(Name="made")
        with pytest.raises(ConnectionClosedError):
            aws.client("s3").put_object(Bucket="never", Key="a", Body=b"x" * 100_000)
    with running_aws(tmp_path, "--fault", "latency=300ms") as aws:
        began = time.monotonic()
        names = [each["Name"] for each in aws.client("athena").list_work_groups()["WorkGroups"]]
        assert time.monotonic() - began >= 0.3
    assert names == ["primary", "made"]
